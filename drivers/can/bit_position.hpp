#pragma once

#include <cstddef>

#include "drivers/can/dbc.hpp"

namespace davy {

// Where a signal's bits lie. Bits are counted in the direction of their order: little-endian from the lowest
// bit of byte 0 up, big-endian from the highest bit of byte 0 down; either way byte n has bits 8n to 8n+7.
struct BitPosition {
  std::size_t first = 0;
  std::size_t length = 0;
  BitOrder order{};

  std::size_t first_byte() const { return first / 8; }
  // One beyond its last byte: a frame must have so many.
  std::size_t end_byte() const { return (first + length + 7) / 8; }
};

constexpr BitPosition position_of(const DbcSignal& signal) {
  const std::size_t start = signal.start_bit;
  const std::size_t first = signal.order == BitOrder::little_endian ? start : start / 8 * 8 + (7 - start % 8);
  return {first, signal.length, signal.order};
}

}  // namespace davy
