#pragma once

#include "drivers/api/register_device.hpp"
#include "proto/base/clock.hpp"

namespace davy {

// One round at once, on a bus that blocks: for tools and tests. A device that does not answer costs one
// time-out.
RoundResult read_round(RegisterBus& bus, DeviceRound& round, const Clock& clock);

}  // namespace davy
