#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "drivers/tags/running_number.hpp"
#include "drivers/tags/tag_registers.hpp"
#include "drivers/tags/tag_slot.hpp"

namespace davy {

// A ring of the newest sightings in registers (TagRing in profile.proto). Each round reads the number of the
// newest and then only the slots that are new.
//
//   header --(new ones)--> slots --(all read)--> idle     again from header while some are missing or many
//   came header --(first time, or the number went back)--> scan of the whole ring header --(after a failed
//   request, or over the end of the numbers)--> check: is the last one still there? slots  --(a slot holds
//   something else)--> scan: where is what?
//
// What it looks out for: numbers that jump by more than the ring holds (lost), a slot that is still being
// written (read again), slots overwritten while they are read (lost), a reader that has restarted (all it has
// is new), a reader that replays what it told before (dropped), a ring that counts its slots otherwise than
// expected (found by the numbers in the slots).
class TagRing final : public TagRegisters {
 public:
  TagRing(const TagRingProfile& ring, const DeviceProfile& device, std::uint8_t unit, std::string reader);

  void start_round() override;
  std::optional<RegisterRequest> next() const override;
  void on_reply(const BusReply& reply, std::span<const std::uint16_t> registers, WallTime arrived,
                TagReport& out) override;

 private:
  enum class Phase : std::uint8_t { idle, capacity, header, check, slots, scan };
  // A number that goes on counting over the end of the 16 bits.
  using Count = std::uint64_t;
  // Slots that are read in one request, `first` counting from the ring's first.
  struct Block {
    std::uint32_t first = 0;
    std::uint32_t count = 0;
    Count number = 0;  // what the first of them should hold; not of a scan
  };
  // What a slot held in a scan.
  struct Found {
    Count back = 0;  // how many numbers before the newest
    std::uint32_t position = 0;
    std::uint16_t number = 0;
    Sighting sighting;
  };

  RegisterRead read_of(std::uint32_t address, std::uint32_t count) const;
  std::uint32_t slots_per_request() const;
  Count count_of(std::uint16_t number) const;  // below modulus_
  std::uint16_t number_of(Count count) const;
  std::uint32_t position_of(Count count) const;

  void on_header(std::span<const std::uint16_t> registers, TagReport& out);
  bool take_capacity(std::uint16_t told, TagReport& out);
  void on_newest(TagReport& out);
  void extend(Count steps, TagReport& out);
  void expire(TagReport& out);
  void plan_slots();
  void on_check(std::span<const std::uint16_t> registers, WallTime arrived, TagReport& out);
  void on_slots(std::span<const std::uint16_t> registers, WallTime arrived, TagReport& out);
  void judge(Count count, const RawSighting& raw, WallTime arrived, TagReport& out);
  void finish_pass();
  void next_pass();
  void begin_scan(bool recount);
  void on_scan(std::span<const std::uint16_t> registers, WallTime arrived, TagReport& out);
  void resolve(TagReport& out);
  void recount(TagReport& out);
  bool goes_on(TagReport& out);
  void locate(TagReport& out);
  void take(Count count, const Sighting& sighting, TagReport& out);

  const TagRingProfile ring_;
  const RegisterRead pattern_;
  const std::uint16_t registers_per_request_;
  const std::string reader_;
  const TagSlot slot_;
  const Count modulus_;

  std::uint32_t capacity_ = 0;  // 0: not known yet
  Count offset_ = 0;            // slot = (count + offset_) % capacity_
  std::optional<Count> last_;   // the newest that is taken, wanted or lost
  std::vector<Count> wanted_;   // counted and not fetched yet, the oldest first
  SeenSightings seen_;
  bool shaky_ = false;  // a request has failed: the reader may have restarted meanwhile

  // Of the round.
  Phase phase_ = Phase::idle;
  std::uint16_t newest_ = 0;  // as the reader tells it
  std::vector<Block> blocks_;
  std::size_t at_ = 0;  // in blocks_
  int passes_ = 0;
  int barren_ = 0;  // passes in a row that brought nothing
  int tries_ = 0;   // of this block, damaged on the way
  bool scanned_ = false;
  bool recount_ = false;
  bool misplaced_ = false;
  bool took_ = false;  // in this pass
  bool many_ = false;  // came since the last look: look again at once
  std::vector<Found> found_;
};

}  // namespace davy
