#include "firmware/tool/signal_trial.hpp"

#include <algorithm>
#include <cmath>

#include "firmware/tool/plausible.hpp"
#include "firmware/tool/words.hpp"

namespace davy {
namespace {

constexpr std::size_t proposals_max = 3;

// The neighbours and other word orders that give a value within the range, in the signal's own encoding
// first.
std::string proposals(const SignalProfile& signal, TappedBus& bus, std::uint8_t unit, Duration wait) {
  if (is_bits(signal.table) || !signal.range_low || !signal.range_high) return {};
  MeaningSearch search{.table = signal.table,
                       .address = signal.address,
                       .low = *signal.range_low - signal.offset,
                       .high = *signal.range_high - signal.offset,
                       .exactly = std::nullopt,
                       .scales = {signal.scale},
                       .float_scale = signal.scale};
  for (const RegisterRead& read : search_reads(search, unit, wait)) {
    std::uint16_t word = 0;
    if (bus.read(read, {&word, 1}).fault == BusFault::timeout) break;
  }
  auto meanings = plausible_meanings(bus.image(), search);
  std::erase_if(meanings, [&](const Meaning& m) {
    const bool same_place = m.table == signal.table && m.address == signal.address;
    // A plain 0 is in most ranges and says nothing.
    return m.encoding != signal.encoding || m.value == 0 || (same_place && m.order == signal.word_order);
  });
  std::string out;
  for (std::size_t i = 0; i < std::min(meanings.size(), proposals_max); ++i) {
    const std::string advice = meaning_advice(meanings[i], signal.table, signal.address);
    out += "\n  plausible: " + meaning_text(meanings[i]) + (advice.empty() ? "" : "; " + advice);
  }
  return out;
}

}  // namespace

Trial try_signal(const SignalProfile& signal, RegisterBus& bus, std::uint8_t unit, Duration wait) {
  TappedBus tapped{bus};
  const RegisterRead read{.unit = unit,
                          .table = signal.table,
                          .address = signal.address,
                          .count = register_count(signal.encoding),
                          .reply_timeout = wait};
  std::vector<std::uint16_t> words(read.count);
  const BusReply reply = tapped.read(read, words);
  if (!reply.ok()) {
    const bool there = reply.fault == BusFault::exception;
    return {false,
            "live: " + reply.message + (there ? proposals(signal, tapped, unit, wait) : std::string{})};
  }
  const DeviceProfile alone{.signals = {signal}};
  const Reading reading = decode_from(tapped.image(), alone, signal)->reading;
  Trial out{.good = reading.quality.validity == Validity::good, .text = "live: " + signal.name + " = "};
  out.text += std::isnan(reading.value) ? "-" : short_number(reading.value, 10);
  if (!signal.unit.empty()) out.text += " " + signal.unit;
  out.text += ", " + std::string{to_string(reading.quality.validity)} + " (raw " +
              raw_text(tapped.image(), signal) + ")";
  if (!out.good) out.text += proposals(signal, tapped, unit, wait);
  return out;
}

}  // namespace davy
