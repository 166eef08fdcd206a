#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "drivers/api/register_bus.hpp"
#include "drivers/api/socket_watch.hpp"
#include "drivers/can/can_plan.hpp"
#include "firmware/app/bus_link.hpp"
#include "firmware/app/output_group.hpp"
#include "gateway/scan/batch_desk.hpp"
#include "gateway/scan/scanner.hpp"
#include "proto/base/clock.hpp"
#include "proto/wire/gateway_config.hpp"

namespace davy {

// The thread that serves this bus with all others like it, if it can be read without ever blocking: "can" or
// "tcp". Empty: it needs one of its own, as a serial line does, a host whose name has to be looked up, and
// outputs of locks.
std::string_view shared_thread(const GatewayConfig& config, std::uint32_t bus);

// A bus that shares its thread is told of its sockets by `watch`. `plans` is by the position of the bus.
BusLink make_link(const GatewayConfig& config, const CanPlans& plans, std::uint32_t bus, const Clock& clock,
                  SocketWatch& watch);

// Reads the devices of the bus from `start` on, through `link`, or through sockets of its own, of which it
// tells `watch`; both outlive it, as do `config` and `plans`.
std::unique_ptr<Scanner> make_scanner(const GatewayConfig& config, const CanPlans& plans, std::uint32_t bus,
                                      const BusLink& link, SocketWatch& watch, BatchDesk desk,
                                      const Clock& clock, SteadyTime start);

// The outputs of the locks behind this bus, and those on the box's own pins. `bus` and `board` outlive them;
// no group when there is none behind the bus.
std::unique_ptr<OutputGroup> make_bus_outputs(const InterlockSettings& locks, std::uint32_t bus_index,
                                              RegisterBus& bus, LockBoard& board);
OutputGroup make_pin_outputs(const InterlockSettings& locks, LockBoard& board);

}  // namespace davy
