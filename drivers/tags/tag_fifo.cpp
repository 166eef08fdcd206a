#include "drivers/tags/tag_fifo.hpp"

#include <algorithm>
#include <chrono>

#include "proto/base/assert.hpp"

namespace davy {
namespace {

constexpr int passes_max = 16;            // batches of one round
constexpr std::uint32_t header_span = 8;  // registers; nearer ones are read at once
constexpr std::uint64_t counters = 65536;
// As for numbers: how far the time of the same sighting may differ between two looks.
constexpr Duration time_slack{2'000};

}  // namespace

TagFifo::TagFifo(const TagFifoProfile& fifo, const DeviceProfile& device, std::uint8_t unit,
                 std::string reader)
    : fifo_{fifo},
      pattern_{.unit = unit,
               .table = fifo.table,
               .reply_timeout = device.reply_timeout,
               .pause_after = device.pause_after_reply},
      registers_per_request_{device.registers_per_request_max},
      reader_{std::move(reader)},
      slot_{fifo.slot},
      numbers_{counters, slot_.aged()} {
  DAVY_ASSERT(fifo.slots > 0 && fifo.slot_registers <= registers_per_request_);
}

RegisterRead TagFifo::read_of(std::uint32_t address, std::uint32_t count) const {
  RegisterRead read = pattern_;
  read.address = static_cast<std::uint16_t>(address);
  read.count = static_cast<std::uint16_t>(count);
  return read;
}

RegisterWrite TagFifo::write_of(std::uint16_t address, std::uint16_t value) const {
  return {.unit = pattern_.unit,
          .table = RegisterTable::holding,
          .address = address,
          .value = value,
          .reply_timeout = pattern_.reply_timeout,
          .pause_after = pattern_.pause_after};
}

bool TagFifo::overrun_is_near() const {
  if (!fifo_.overrun_address) return false;
  const auto [low, high] = std::minmax(fifo_.count_address, *fifo_.overrun_address);
  return high - low + 1U <= std::min<std::uint32_t>(header_span, registers_per_request_);
}

// How many slots the next request reads.
std::uint32_t TagFifo::block_slots() const {
  return std::min<std::uint32_t>(registers_per_request_ / fifo_.slot_registers, batch_ - done_);
}

void TagFifo::start_round() {
  phase_ = Phase::header;
  passes_ = 0;
}

std::optional<RegisterRequest> TagFifo::next() const {
  switch (phase_) {
    case Phase::idle: return std::nullopt;
    case Phase::header: {
      if (!overrun_is_near()) return read_of(fifo_.count_address, 1);
      const auto [low, high] = std::minmax(fifo_.count_address, *fifo_.overrun_address);
      return read_of(low, high - low + 1U);
    }
    case Phase::overrun: return read_of(*fifo_.overrun_address, 1);
    case Phase::reset: return write_of(*fifo_.overrun_address, 0);
    case Phase::slots:
      return read_of(fifo_.first_slot_address + done_ * fifo_.slot_registers,
                     block_slots() * fifo_.slot_registers);
    case Phase::release:
      return write_of(fifo_.release_address, fifo_.release == TagRelease::write_number
                                                 ? last_number_
                                                 : static_cast<std::uint16_t>(batch_));
  }
  return std::nullopt;
}

void TagFifo::on_reply(const BusReply& reply, std::span<const std::uint16_t> registers, WallTime arrived,
                       TagReport& out) {
  if (!reply.ok()) return on_fault(reply, out);
  switch (phase_) {
    case Phase::idle: return;
    case Phase::header: return on_header(registers, out);
    case Phase::overrun: return on_overrun(registers[0], out);
    case Phase::reset: return begin_slots();
    case Phase::slots: return on_slots(registers, arrived, out);
    case Phase::release: return on_released();
  }
}

void TagFifo::on_fault(const BusReply& reply, TagReport& out) {
  // It may have read its FIFO out to nobody. With numbers the gap will show.
  const bool forgotten = phase_ == Phase::slots && fifo_.release == TagRelease::gone_when_read &&
                         reply.fault != BusFault::exception && !slot_.numbered();
  if (forgotten) {
    lost_by_number_ += block_slots();
    out.message =
        "reader " + reader_ + " forgets what is read, and its reply did not arrive: " + reply.message;
    tell_lost(out);
  }
  if (phase_ == Phase::release || phase_ == Phase::reset) {
    out.message = "reader " + reader_ + " could not be told what was fetched: " + reply.message;
  }
  phase_ = Phase::idle;
}

void TagFifo::on_header(std::span<const std::uint16_t> registers, TagReport& out) {
  const bool near = overrun_is_near();
  const std::uint16_t low =
      near ? std::min(fifo_.count_address, *fifo_.overrun_address) : fifo_.count_address;
  waiting_ = registers[fifo_.count_address - low];
  if (near) return on_overrun(registers[*fifo_.overrun_address - low], out);
  if (fifo_.overrun_address) {
    phase_ = Phase::overrun;
  } else {
    begin_slots();
  }
}

void TagFifo::on_overrun(std::uint16_t told, TagReport& out) {
  if (fifo_.overrun == TagOverrun::flag) {
    if (told == 0) return begin_slots();
    ++lost_by_overrun_;  // one at least
    out.message = "reader " + reader_ + " had no room for all sightings; ask it more often";
    tell_lost(out);
    phase_ = Phase::reset;
    return;
  }
  // What was lost before the first look is not ours to tell.
  if (overruns_ && told != *overruns_) {
    const auto steps = steps_ahead(*overruns_, told, counters);
    lost_by_overrun_ += steps.value_or(told);  // one that went back counts from 0 again
    out.message = "reader " + reader_ + " had no room for all sightings; ask it more often";
  }
  overruns_ = told;
  tell_lost(out);
  begin_slots();
}

void TagFifo::begin_slots() {
  batch_ = std::min<std::uint32_t>(waiting_, fifo_.slots);
  done_ = 0;
  compared_ = 0;
  // Who forgets while being read moves the next ones up: one request, one batch.
  if (fifo_.release == TagRelease::gone_when_read) batch_ = block_slots();
  phase_ = batch_ == 0 ? Phase::idle : Phase::slots;
}

void TagFifo::on_slots(std::span<const std::uint16_t> registers, WallTime arrived, TagReport& out) {
  const std::uint32_t slots = block_slots();
  for (std::uint32_t i = 0; i < slots; ++i) {
    const std::size_t begin = static_cast<std::size_t>(i) * fifo_.slot_registers;
    take(slot_.decode(registers.subspan(begin, fifo_.slot_registers)), arrived, out);
  }
  done_ += slots;
  tell_lost(out);
  if (done_ < batch_) return;
  if (fifo_.release == TagRelease::gone_when_read) return on_released();
  phase_ = Phase::release;
}

void TagFifo::take(const RawSighting& raw, WallTime arrived, TagReport& out) {
  if (raw.number) last_number_ = static_cast<std::uint16_t>(*raw.number);
  if (raw.tag == 0) {
    ++out.unreadable;
    out.message = "reader " + reader_ + " has a slot without a tag among those that wait";
    return;
  }
  Sighting sighting = sighting_from(raw, reader_, arrived);
  if (raw.number) {
    const auto verdict = numbers_.take(*raw.number, sighting);
    if (verdict.repeated) {
      ++out.repeated;
      return;
    }
    lost_by_number_ += verdict.lost;
    out.restarted |= verdict.restarted;
  } else if (came_again(sighting)) {
    ++out.repeated;
    return;
  } else if (fifo_.release != TagRelease::gone_when_read) {
    unreleased_.push_back(sighting);
    compared_ = unreleased_.size();
  }
  out.sightings.push_back(std::move(sighting));
}

// Is this the next one of those that were read and perhaps not released? The first that is not shows that the
// reader had dropped them all.
bool TagFifo::came_again(const Sighting& sighting) {
  if (compared_ == unreleased_.size()) return false;
  const Sighting& before = unreleased_[compared_];
  Sighting same_time = before;
  same_time.source_time = sighting.source_time;
  const bool in_time =
      !slot_.aged() || std::chrono::abs(sighting.source_time - before.source_time) <= time_slack;
  if (same_time == sighting && in_time) {
    ++compared_;
    return true;
  }
  unreleased_.clear();
  compared_ = 0;
  return false;
}

void TagFifo::on_released() {
  unreleased_.clear();
  ++passes_;
  phase_ = waiting_ > batch_ && passes_ < passes_max ? Phase::header : Phase::idle;
}

void TagFifo::tell_lost(TagReport& out) {
  const std::uint64_t lost = std::max(lost_by_number_, lost_by_overrun_);
  out.lost += lost - lost_told_;
  lost_told_ = lost;
}

}  // namespace davy
