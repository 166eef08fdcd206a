#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "drivers/tags/running_number.hpp"
#include "drivers/tags/tag_registers.hpp"
#include "drivers/tags/tag_slot.hpp"

namespace davy {

// Sightings that wait in registers until they have been fetched (TagFifo in profile.proto).
//
//   header --(some wait)--> slots --(all read)--> release --(written)--> header, until none waits
//
// When a reply to a release is lost, nobody knows whether the reader has dropped what was read: what then
// comes again is dropped here. What the reader says it had no room for is counted as lost; so is what a
// reader that forgets while it is read may have forgotten when its reply was damaged.
class TagFifo final : public TagRegisters {
 public:
  TagFifo(const TagFifoProfile& fifo, const DeviceProfile& device, std::uint8_t unit, std::string reader);

  void start_round() override;
  std::optional<RegisterRequest> next() const override;
  void on_reply(const BusReply& reply, std::span<const std::uint16_t> registers, WallTime arrived,
                TagReport& out) override;

 private:
  enum class Phase : std::uint8_t { idle, header, overrun, reset, slots, release };

  RegisterRead read_of(std::uint32_t address, std::uint32_t count) const;
  RegisterWrite write_of(std::uint16_t address, std::uint16_t value) const;
  bool overrun_is_near() const;
  std::uint32_t block_slots() const;

  void on_fault(const BusReply& reply, TagReport& out);
  void on_header(std::span<const std::uint16_t> registers, TagReport& out);
  void on_overrun(std::uint16_t told, TagReport& out);
  void begin_slots();
  void on_slots(std::span<const std::uint16_t> registers, WallTime arrived, TagReport& out);
  void take(const RawSighting& raw, WallTime arrived, TagReport& out);
  bool came_again(const Sighting& sighting);
  void on_released();
  void tell_lost(TagReport& out);

  const TagFifoProfile fifo_;
  const RegisterRead pattern_;
  const std::uint16_t registers_per_request_;
  const std::string reader_;
  const TagSlot slot_;

  RunningNumber numbers_;
  // What was read and perhaps not released, for readers whose sightings have no numbers.
  std::vector<Sighting> unreleased_;
  std::optional<std::uint16_t> overruns_;  // as told last
  // Two ways to see the same loss: the larger counts.
  std::uint64_t lost_by_number_ = 0;
  std::uint64_t lost_by_overrun_ = 0;
  std::uint64_t lost_told_ = 0;

  // Of the round.
  Phase phase_ = Phase::idle;
  std::uint32_t waiting_ = 0;  // as the reader told
  std::uint32_t batch_ = 0;    // how many of them are read before they are released
  std::uint32_t done_ = 0;     // of the batch
  std::size_t compared_ = 0;   // with unreleased_
  std::uint16_t last_number_ = 0;
  int passes_ = 0;
};

}  // namespace davy
