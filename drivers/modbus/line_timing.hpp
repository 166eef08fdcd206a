#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "proto/wire/profile.hpp"

// How long things take on a serial line.
namespace davy {

// Start bit, eight data bits, parity if any, stop bits.
constexpr std::uint32_t character_bits(const SerialSettings& line) {
  return 9 + (line.parity == Parity::none ? 0 : 1) + line.stop_bits;
}

constexpr std::chrono::microseconds bit_time(const SerialSettings& line, std::uint64_t half_bits) {
  const std::uint64_t half_bits_per_s = 2ULL * line.baud;
  return std::chrono::microseconds{(half_bits * 1'000'000 + half_bits_per_s - 1) / half_bits_per_s};
}

// From the first start bit to the last stop bit of so many characters in a row, rounded up.
constexpr std::chrono::microseconds wire_time(const SerialSettings& line, std::size_t characters) {
  return bit_time(line, 2ULL * character_bits(line) * characters);
}

// t3.5, the silence that ends a frame. Above 19200 baud the standard fixes it.
constexpr std::chrono::microseconds frame_silence(const SerialSettings& line) {
  if (line.baud > 19200) return std::chrono::microseconds{1750};
  return bit_time(line, 7ULL * character_bits(line));
}

}  // namespace davy
