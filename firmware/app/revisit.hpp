#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "proto/wire/gateway_config.hpp"

namespace davy {

// The longest that points of one device may go unread; none: there is no bound, the bus has too little time.
struct DeviceRevisit {
  std::optional<Duration> all_points;
  std::optional<Duration> lock_inputs;
  bool has_lock_inputs = false;
};

// Computed from baud rate, register maps, assumed turnarounds and time-outs, by the scanner's own rules: one
// exchange at a time, which may be one that just now times out; inputs of locks before all others; devices
// that die cost two time-outs each before they are only probed in gaps. `dead`: so many of the other devices
// die together, those with the longest time-outs. Only for a bus of registers.
std::vector<DeviceRevisit> worst_revisits(const GatewayConfig& config, std::uint32_t bus, std::uint32_t dead);

// One exchange on this bus at its longest: what a command to an output may have to wait for.
Duration longest_exchange(const GatewayConfig& config, std::uint32_t bus);

}  // namespace davy
