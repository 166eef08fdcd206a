#pragma once

#include <memory>
#include <vector>

#include "drivers/api/register_bus.hpp"
#include "drivers/api/sensor_driver.hpp"
#include "firmware/app/output_group.hpp"
#include "proto/wire/gateway_config.hpp"

namespace davy {

// The bus that the settings name; its port is opened with the first read.
std::unique_ptr<RegisterBus> make_bus(const BusSettings& settings);

// One driver for each device of the bus, in the configuration's order. `bus` outlives them.
std::vector<std::unique_ptr<SensorDriver>> make_drivers(const GatewayConfig& config,
                                                        const BusSettings& settings, RegisterBus& bus);

// The outputs of the locks behind this bus, and those on the box's own pins. `bus` and `board` outlive them;
// no group when there is none behind the bus.
std::unique_ptr<OutputGroup> make_bus_outputs(const InterlockSettings& locks, std::uint32_t bus_index,
                                              RegisterBus& bus, LockBoard& board);
OutputGroup make_pin_outputs(const InterlockSettings& locks, LockBoard& board);

}  // namespace davy
