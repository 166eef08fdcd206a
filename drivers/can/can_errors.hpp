#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "drivers/can/can_bus.hpp"

namespace davy {

// One error frame of the kernel in our words.
struct CanErrorReport {
  std::bitset<can_error_kinds> kinds;
  std::optional<CanCondition> condition;  // when it tells one
  std::uint8_t tx_errors = 0;             // the controller's counters, where it has them
  std::uint8_t rx_errors = 0;

  bool has(CanErrorKind kind) const { return kinds.test(static_cast<std::size_t>(kind)); }
};

// `classes` are the id's bits of an error frame, `data` its 8 bytes.
CanErrorReport read_error_frame(std::uint32_t classes, std::span<const std::uint8_t, 8> data);
// "bit, no_ack": the names of what it tells.
std::string describe(const CanErrorReport& report);

}  // namespace davy
