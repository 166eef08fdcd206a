#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <cstdint>
#include <span>
#include <string>

#include "proto/base/clock.hpp"

namespace davy {

inline constexpr std::size_t can_data_max = 64;  // CAN FD; a classic frame has at most 8
inline constexpr std::uint32_t standard_id_max = 0x7FF;
inline constexpr std::uint32_t extended_id_max = 0x1FFF'FFFF;

// 11 bits or, extended, 29 bits. 0x123 standard and 0x123 extended are two different ids on the wire.
struct CanId {
  std::uint32_t number = 0;
  bool extended = false;

  auto operator<=>(const CanId&) const = default;
};

constexpr bool is_possible(CanId id) {
  return id.number <= (id.extended ? extended_id_max : standard_id_max);
}
// "0x123", or "0x00000123" when extended: as many digits as candump writes.
std::string to_string(CanId id);
// Upper-case hexadecimal digits, at least so many.
std::string hex_text(std::uint64_t number, std::size_t digits_min);

// One frame as it was on the wire.
struct CanFrame {
  CanId id;
  std::uint8_t size = 0;
  bool remote = false;  // asks for data instead of carrying it
  std::array<std::uint8_t, can_data_max> data{};

  std::span<const std::uint8_t> bytes() const { return std::span{data}.first(size); }

  bool operator==(const CanFrame& other) const {
    return id == other.id && remote == other.remote && std::ranges::equal(bytes(), other.bytes());
  }
};

// A classic frame with these bytes; at most 8.
template <typename... Bytes>
CanFrame classic_frame(CanId id, Bytes... bytes) {
  static_assert(sizeof...(Bytes) <= 8);
  return {.id = id,
          .size = static_cast<std::uint8_t>(sizeof...(Bytes)),
          .data = {static_cast<std::uint8_t>(bytes)...}};
}

// The parameter group of a 29-bit id of J1939 or NMEA 2000, without the destination that some ids carry.
constexpr std::uint32_t parameter_group(std::uint32_t number) {
  const std::uint32_t group = (number >> 8U) & 0x3'FFFFU;
  const bool addressed = (group & 0xFF00U) < 0xF000U;
  return addressed ? group & ~0xFFU : group;
}

// A frame and when it was received, told by the kernel or the controller, not by when somebody looked.
struct CanArrival {
  CanFrame frame;
  Now arrived{};
};

}  // namespace davy
