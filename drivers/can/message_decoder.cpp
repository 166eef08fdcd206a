#include "drivers/can/message_decoder.hpp"

#include <algorithm>
#include <bit>
#include <numeric>

#include "drivers/can/bit_position.hpp"
#include "proto/base/assert.hpp"

namespace davy {

// The first 8 bytes as one number, read in both directions; missing ones are zero.
struct MessageDecoder::Words {
  explicit Words(std::span<const std::uint8_t> bytes) {
    std::array<std::uint8_t, 8> first{};
    std::ranges::copy(bytes.first(std::min(bytes.size(), first.size())), first.begin());
    for (std::size_t i = 0; i < first.size(); ++i) {
      low |= std::uint64_t{first[i]} << (8 * i);
      high |= std::uint64_t{first[i]} << (56 - 8 * i);
    }
  }

  std::uint64_t low = 0;
  std::uint64_t high = 0;
};

namespace {

std::vector<std::size_t> all_of(const DbcMessage& message) {
  std::vector<std::size_t> places(message.signals.size());
  std::iota(places.begin(), places.end(), 0);
  return places;
}

std::uint64_t mask_of(std::size_t length) { return length >= 64 ? ~std::uint64_t{0} : (1ULL << length) - 1; }

// Any length in any place, byte by byte.
std::uint64_t from_bytes_up(std::span<const std::uint8_t> bytes, std::size_t first, std::size_t length) {
  std::uint64_t bits = 0;
  std::size_t have = 0;
  for (std::size_t at = first; have < length;) {
    const std::size_t take = std::min<std::size_t>(8 - at % 8, length - have);
    const std::uint64_t part = (std::uint64_t{bytes[at / 8]} >> (at % 8)) & mask_of(take);
    bits |= part << have;
    have += take;
    at += take;
  }
  return bits;
}

std::uint64_t from_bytes_down(std::span<const std::uint8_t> bytes, std::size_t first, std::size_t length) {
  std::uint64_t bits = 0;
  for (std::size_t at = first; at < first + length;) {
    const std::size_t take = std::min<std::size_t>(8 - at % 8, first + length - at);
    const std::uint64_t part = (std::uint64_t{bytes[at / 8]} >> (8 - at % 8 - take)) & mask_of(take);
    bits = (bits << take) | part;
    at += take;
  }
  return bits;
}

}  // namespace

MessageDecoder::MessageDecoder(const DbcMessage& message) : MessageDecoder{message, all_of(message)} {}

MessageDecoder::MessageDecoder(const DbcMessage& message, std::span<const std::size_t> wanted)
    : count_{wanted.size()} {
  DAVY_ASSERT(message.signals.size() <= dbc_signals_max && wanted.size() < nowhere);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    DAVY_ASSERT(wanted[i] < message.signals.size());
    add(message, wanted[i], static_cast<std::uint16_t>(i), nowhere);
  }
}

// Its multiplexer's step is made first, once, whether it is wanted or not.
std::uint16_t MessageDecoder::selector_of(const DbcMessage& message, std::size_t multiplexer) {
  const auto known = std::ranges::find(selectors_, multiplexer, &Selector::signal);
  if (known != selectors_.end()) return static_cast<std::uint16_t>(known - selectors_.begin());
  const auto place = static_cast<std::uint16_t>(selectors_.size());
  selectors_.push_back({.signal = multiplexer});
  add(message, multiplexer, nowhere, place);
  return place;
}

void MessageDecoder::add(const DbcMessage& message, std::size_t signal, std::uint16_t out,
                         std::uint16_t selects) {
  const DbcSignal& from = message.signals[signal];
  DAVY_ASSERT(from.length >= 1 && from.length <= 64);
  const BitPosition position = position_of(from);
  DAVY_ASSERT(position.end_byte() <= can_data_max);
  const bool up = from.order == BitOrder::little_endian;
  const bool in_word = position.end_byte() <= 8;
  Step step{.factor = from.factor,
            .offset = from.offset,
            .selects = selects,
            .out = out,
            .first = static_cast<std::uint16_t>(position.first),
            .length = static_cast<std::uint8_t>(from.length),
            .end_byte = static_cast<std::uint8_t>(position.end_byte()),
            .kind = from.kind};
  if (in_word) {
    step.source = up ? Source::low_word : Source::high_word;
    step.shift = static_cast<std::uint8_t>(up ? position.first : 64 - position.first - from.length);
  } else {
    step.source = up ? Source::bytes_up : Source::bytes_down;
  }
  if (from.selection) {
    step.selector = selector_of(message, from.selection->multiplexer);
    step.ranges_begin = static_cast<std::uint32_t>(ranges_.size());
    ranges_.insert(ranges_.end(), from.selection->when.begin(), from.selection->when.end());
    step.ranges_end = static_cast<std::uint32_t>(ranges_.size());
  }
  steps_.push_back(step);
}

bool MessageDecoder::selected(const Step& step) const {
  if (step.selector == nowhere) return true;
  const Selector& by = selectors_[step.selector];
  if (!by.present) return false;
  for (std::uint32_t i = step.ranges_begin; i < step.ranges_end; ++i) {
    if (by.raw >= ranges_[i].low && by.raw <= ranges_[i].high) return true;
  }
  return false;
}

std::uint64_t MessageDecoder::bits_of(const Step& step, const Words& words,
                                      std::span<const std::uint8_t> bytes) {
  switch (step.source) {
    case Source::low_word: return (words.low >> step.shift) & mask_of(step.length);
    case Source::high_word: return (words.high >> step.shift) & mask_of(step.length);
    case Source::bytes_up: return from_bytes_up(bytes, step.first, step.length);
    case Source::bytes_down: return from_bytes_down(bytes, step.first, step.length);
  }
  std::abort();
}

SignalValue MessageDecoder::value_of(const Step& step, std::uint64_t bits) {
  double number = 0;
  auto raw = static_cast<std::int64_t>(bits);
  switch (step.kind) {
    case RawKind::unsigned_number: number = static_cast<double>(bits); break;
    case RawKind::signed_number: {
      const unsigned spare = 64U - step.length;
      raw = static_cast<std::int64_t>(bits << spare) >> spare;
      number = static_cast<double>(raw);
      break;
    }
    case RawKind::float32: number = std::bit_cast<float>(static_cast<std::uint32_t>(bits)); break;
    case RawKind::float64: number = std::bit_cast<double>(bits); break;
  }
  return {number * step.factor + step.offset, raw, true};
}

void MessageDecoder::decode(std::span<const std::uint8_t> bytes, std::span<SignalValue> out) {
  DAVY_ASSERT(out.size() == count_);
  const Words words{bytes};
  for (const Step& step : steps_) {
    const bool present = step.end_byte <= bytes.size() && selected(step);
    const std::uint64_t bits = present ? bits_of(step, words, bytes) : 0;
    if (step.selects != nowhere) {
      selectors_[step.selects].raw = bits;
      selectors_[step.selects].present = present;
    } else {
      out[step.out] = present ? value_of(step, bits) : SignalValue{};
    }
  }
}

}  // namespace davy
