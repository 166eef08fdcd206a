#pragma once

#include <memory>

#include "drivers/api/register_bus.hpp"
#include "drivers/api/register_channel.hpp"
#include "drivers/can/can_bus.hpp"

namespace davy {

// The way to one bus; its port is opened with the first read. A bus that blocks its thread stands behind its
// channel; a channel alone does not block, nor does a CAN bus. None of them: its scanner has a connection of
// its own.
struct BusLink {
  std::unique_ptr<RegisterBus> bus;
  std::unique_ptr<RegisterChannel> channel;
  std::unique_ptr<CanBus> can;  // of a CAN bus, which has neither of the others
};

}  // namespace davy
