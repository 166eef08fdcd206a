#pragma once

#include <vector>

#include "drivers/api/sensor_driver.hpp"
#include "drivers/modbus/read_plan.hpp"

namespace davy {

// One Modbus device, read as its profile says. A failed request makes only the signals that need it bad_comm;
// a signal whose status word could not be read is one of them, for nobody knows whether it is being
// calibrated. After a time-out or a lost port the rest of the round is not tried: a dead device costs its bus
// one time-out.
class ModbusDevice final : public SensorDriver {
 public:
  // `signals[i]` is the position in the profile of the i-th configured point's signal.
  ModbusDevice(RegisterBus& bus, std::uint8_t unit, DeviceProfile profile, std::vector<std::uint32_t> signals,
               Duration reply_timeout);

  DeviceReport read(std::span<Reading> out) override;

  const std::vector<PlannedRead>& plan() const { return plan_; }

 private:
  // A request of the plan and what it brought this round.
  struct Slot {
    std::vector<std::uint16_t> registers;
    bool ok = false;
  };
  // Where in the plan some registers are found.
  struct Location {
    std::size_t request = 0;
    std::size_t offset = 0;
    std::uint16_t count = 0;
  };
  struct StatusSource {
    std::size_t status = 0;  // position in the profile
    Location where;
  };
  struct Source {
    std::size_t signal = 0;  // position in the profile
    Location where;
    std::vector<StatusSource> statuses;
  };

  Location locate(RegisterTable table, std::uint16_t address, std::uint16_t count) const;
  DeviceReport ask();
  Reading decode(const Source& source) const;
  std::span<const std::uint16_t> registers(const Location& where) const;

  RegisterBus& bus_;
  const std::uint8_t unit_;
  const DeviceProfile profile_;
  const Duration reply_timeout_;
  const std::vector<PlannedRead> plan_;
  std::vector<Source> sources_;
  std::vector<Slot> slots_;
};

}  // namespace davy
