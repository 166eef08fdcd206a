#include "drivers/tags/tag_ring.hpp"

#include <algorithm>

#include "proto/base/assert.hpp"

namespace davy {
namespace {

constexpr int passes_max = 8;             // of one round
constexpr int barren_max = 2;             // passes that bring nothing, for slots that are being written
constexpr int tries_max = 3;              // of one request whose reply was damaged
constexpr std::uint32_t header_span = 8;  // registers; nearer ones are read at once
constexpr std::size_t seen_min = 64;

bool damaged(BusFault fault) {
  return fault == BusFault::crc || fault == BusFault::short_frame || fault == BusFault::wrong_unit;
}

}  // namespace

TagRing::TagRing(const TagRingProfile& ring, const DeviceProfile& device, std::uint8_t unit,
                 std::string reader)
    : ring_{ring},
      pattern_{.unit = unit,
               .table = ring.table,
               .reply_timeout = device.reply_timeout,
               .pause_after = device.pause_after_reply},
      registers_per_request_{device.registers_per_request_max},
      reader_{std::move(reader)},
      slot_{ring.slot},
      modulus_{ring.skips_zero ? 65535U : 65536U},
      capacity_{ring.capacity},
      offset_{ring.skips_zero ? 1U : 0U},
      seen_{std::max<std::size_t>(ring.capacity, seen_min), slot_.aged()} {
  DAVY_ASSERT(slot_.numbered() && ring.slot_registers <= registers_per_request_);
}

RegisterRead TagRing::read_of(std::uint32_t address, std::uint32_t count) const {
  RegisterRead read = pattern_;
  read.address = static_cast<std::uint16_t>(address);
  read.count = static_cast<std::uint16_t>(count);
  return read;
}

std::uint32_t TagRing::slots_per_request() const { return registers_per_request_ / ring_.slot_registers; }

TagRing::Count TagRing::count_of(std::uint16_t number) const {
  return ring_.skips_zero ? (number + modulus_ - 1) % modulus_ : number;
}
std::uint16_t TagRing::number_of(Count count) const {
  return static_cast<std::uint16_t>(count % modulus_ + (ring_.skips_zero ? 1U : 0U));
}
std::uint32_t TagRing::position_of(Count count) const {
  return static_cast<std::uint32_t>((count + offset_) % capacity_);
}

void TagRing::start_round() {
  phase_ = ring_.capacity == 0 ? Phase::capacity : Phase::header;
  passes_ = 0;
  tries_ = 0;
  barren_ = 0;
  scanned_ = false;
}

std::optional<RegisterRequest> TagRing::next() const {
  switch (phase_) {
    case Phase::idle: return std::nullopt;
    case Phase::capacity: {
      // With the newest number when the two are near.
      const auto [low, high] = std::minmax(ring_.capacity_address, ring_.newest_address);
      const std::uint32_t span = high - low + 1U;
      const bool together = span <= std::min<std::uint32_t>(header_span, registers_per_request_);
      return together ? read_of(low, span) : read_of(ring_.capacity_address, 1);
    }
    case Phase::header: return read_of(ring_.newest_address, 1);
    case Phase::check:
    case Phase::slots:
    case Phase::scan: break;
  }
  const Block& block = blocks_[at_];
  return read_of(ring_.first_slot_address + block.first * ring_.slot_registers,
                 block.count * ring_.slot_registers);
}

void TagRing::on_reply(const BusReply& reply, std::span<const std::uint16_t> registers, WallTime arrived,
                       TagReport& out) {
  if (!reply.ok()) {
    shaky_ = true;
    // A ring of many requests on a noisy line would otherwise never be read to its end.
    if (!damaged(reply.fault) || ++tries_ >= tries_max) phase_ = Phase::idle;
    return;
  }
  tries_ = 0;
  switch (phase_) {
    case Phase::idle: return;
    case Phase::capacity:
    case Phase::header: return on_header(registers, out);
    case Phase::check: return on_check(registers, arrived, out);
    case Phase::slots: return on_slots(registers, arrived, out);
    case Phase::scan: return on_scan(registers, arrived, out);
  }
}

void TagRing::on_header(std::span<const std::uint16_t> registers, TagReport& out) {
  if (phase_ == Phase::header) {
    newest_ = registers[0];
    return on_newest(out);
  }
  const auto low = std::min(ring_.capacity_address, ring_.newest_address);
  if (!take_capacity(registers.size() == 1 ? registers[0] : registers[ring_.capacity_address - low], out)) {
    phase_ = Phase::idle;
    return;
  }
  phase_ = Phase::header;
  if (registers.size() == 1 && ring_.capacity_address != ring_.newest_address) return;
  newest_ = registers[ring_.newest_address - low];
  on_newest(out);
}

bool TagRing::take_capacity(std::uint16_t told, TagReport& out) {
  if (told == capacity_ && told != 0) return true;
  if (told == 0 || told > tag_ring_slots_max ||
      ring_.first_slot_address + std::uint32_t{told} * ring_.slot_registers > 65536U) {
    ++out.unreadable;
    out.message = "reader " + reader_ + " says that its ring holds " + std::to_string(told) +
                  " sightings, which cannot be; compare the profile's capacity_address with its manual";
    return false;
  }
  capacity_ = told;
  seen_.set_count_max(std::max<std::size_t>(capacity_, seen_min));
  return true;
}

// The reader's newest number is known.
void TagRing::on_newest(TagReport& out) {
  if (!last_) return begin_scan(true);
  const auto steps = steps_ahead(*last_ % modulus_, count_of(newest_), modulus_);
  if (!steps) return begin_scan(true);
  if (shaky_ && *steps < capacity_ && seen_.has(number_of(*last_))) {
    blocks_ = {{position_of(*last_), 1, *last_}};
    at_ = 0;
    phase_ = Phase::check;
    return;
  }
  shaky_ = false;
  extend(*steps, out);
  plan_slots();
}

// Is the last sighting still where it was? If not, these are the numbers of a reader that has restarted.
void TagRing::on_check(std::span<const std::uint16_t> registers, WallTime arrived, TagReport& out) {
  const RawSighting raw = slot_.decode(registers);
  const auto number = static_cast<std::uint16_t>(*raw.number);
  // Others may have come since the newest number was read, and taken the place.
  const auto later = steps_ahead(count_of(newest_), count_of(number), modulus_);
  if (raw.tag != 0 && later && *later > 0) return next_pass();
  const bool there =
      number == number_of(*last_) && seen_.looks_known(number, sighting_from(raw, reader_, arrived));
  if (!there) return begin_scan(true);
  shaky_ = false;
  extend(*steps_ahead(*last_ % modulus_, count_of(newest_), modulus_), out);
  plan_slots();
}

void TagRing::extend(Count steps, TagReport& out) {
  const Count kept = std::min<Count>(steps, capacity_);
  out.lost += steps - kept;
  if (steps > kept) {
    out.message = "reader " + reader_ + " saw " + std::to_string(steps) +
                  " tags since it was asked last and holds " + std::to_string(capacity_) +
                  "; ask it more often";
  }
  *last_ += steps;
  for (Count count = *last_ - kept + 1; count <= *last_; ++count) wanted_.push_back(count);
  many_ = steps * 2 > capacity_;
  expire(out);
}

// What has been overwritten before it could be read is lost.
void TagRing::expire(TagReport& out) {
  const auto gone = std::erase_if(wanted_, [&](Count count) { return *last_ - count >= capacity_; });
  if (gone == 0) return;
  out.lost += gone;
  out.message = "reader " + reader_ + " overwrote " + std::to_string(gone) +
                " sightings before they could be read; ask it more often";
}

void TagRing::plan_slots() {
  blocks_.clear();
  at_ = 0;
  misplaced_ = false;
  took_ = false;
  for (const Count count : wanted_) {
    const std::uint32_t position = position_of(count);
    const bool joins = !blocks_.empty() && blocks_.back().count < slots_per_request() &&
                       blocks_.back().number + blocks_.back().count == count &&
                       blocks_.back().first + blocks_.back().count == position;
    if (joins) {
      ++blocks_.back().count;
    } else {
      blocks_.push_back({position, 1, count});
    }
  }
  phase_ = blocks_.empty() ? Phase::idle : Phase::slots;
}

void TagRing::on_slots(std::span<const std::uint16_t> registers, WallTime arrived, TagReport& out) {
  const Block& block = blocks_[at_];
  for (std::uint32_t i = 0; i < block.count; ++i) {
    const std::size_t begin = static_cast<std::size_t>(i) * ring_.slot_registers;
    judge(block.number + i, slot_.decode(registers.subspan(begin, ring_.slot_registers)), arrived, out);
  }
  if (++at_ == blocks_.size()) finish_pass();
}

void TagRing::judge(Count count, const RawSighting& raw, WallTime arrived, TagReport& out) {
  const auto number = static_cast<std::uint16_t>(*raw.number);
  if (number == number_of(count) && raw.tag != 0) {
    std::erase(wanted_, count);
    return take(count, sighting_from(raw, reader_, arrived), out);
  }
  // Not written yet, or overwritten meanwhile: the next look at the newest number tells.
  const Count ahead = (count_of(number) + modulus_ - count % modulus_) % modulus_;
  const bool of_this_slot = ahead % capacity_ == 0 || (modulus_ - ahead) % capacity_ == 0;
  if (raw.tag != 0 && !of_this_slot) misplaced_ = true;
}

void TagRing::finish_pass() {
  if (misplaced_ && !scanned_) return begin_scan(false);
  barren_ = took_ ? 0 : barren_ + 1;
  if (many_ || (!wanted_.empty() && barren_ < barren_max)) return next_pass();
  if (!wanted_.empty() && !scanned_) return begin_scan(false);
  phase_ = Phase::idle;
}

void TagRing::next_pass() {
  ++passes_;
  phase_ = passes_ < passes_max ? Phase::header : Phase::idle;
}

void TagRing::take(Count count, const Sighting& sighting, TagReport& out) {
  took_ = true;
  out.sightings.push_back(sighting);
  seen_.remember(number_of(count), sighting);
}

}  // namespace davy
