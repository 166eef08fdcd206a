#pragma once

#include <cstdint>

#include "drivers/api/output_port.hpp"
#include "drivers/api/register_bus.hpp"
#include "proto/wire/interlock_config.hpp"

namespace davy {

// A coil or holding register of a relay module. Shares its bus with the sensors on it, on the bus's own
// thread, so that a write never meets a poll on the wire. Read back from the address that the configuration
// names, which may be a contact of the relay (a discrete input) and is then worth more than the coil's own
// memory.
class ModbusOutput final : public OutputPort {
 public:
  ModbusOutput(RegisterBus& bus, ModbusOutputSettings settings) : bus_{bus}, settings_{settings} {}

  Status set(bool on) override;
  Result<bool> read_back() override;

 private:
  RegisterBus& bus_;
  const ModbusOutputSettings settings_;
};

}  // namespace davy
