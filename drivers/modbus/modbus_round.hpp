#pragma once

#include <optional>
#include <vector>

#include "drivers/api/register_device.hpp"
#include "drivers/modbus/modbus_device.hpp"

namespace davy {

// Reads some signals of a Modbus device. A failed request makes only the signals that need it bad_comm; a
// signal whose status word could not be read is one of them, for nobody knows whether it is being calibrated.
// After a time-out or a lost port the rest of the round is not asked: a dead device costs its bus one
// time-out.
class ModbusRound final : public DeviceRound {
 public:
  // `signals[i]` is the position in the profile of the i-th point's signal. `device` outlives the round.
  ModbusRound(ModbusDevice& device, std::vector<std::uint32_t> signals);

  void begin() override;
  std::optional<RoundRequest> next() override;
  void on_reply(std::uint32_t id, const BusReply& reply, std::span<const std::uint16_t> registers,
                WallTime at) override;
  void finish(RoundResult& out, WallTime now) override;
  std::chrono::microseconds typical_cost() const override;

  const std::vector<PlannedRead>& plan() const { return plan_; }

 private:
  // A request of the plan and what it brought this round.
  struct Slot {
    std::vector<std::uint16_t> registers;
    WallTime at;
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

  void make_plan();
  Location locate(RegisterTable table, std::uint16_t address, std::uint16_t count) const;
  PointReading decode(const Source& source, WallTime now) const;
  std::span<const std::uint16_t> registers(const Location& where) const;

  ModbusDevice& device_;
  const std::vector<std::uint32_t> signals_;
  std::uint32_t plan_version_ = 0;
  std::vector<PlannedRead> plan_;
  std::vector<Source> sources_;
  std::vector<Slot> slots_;
  std::size_t asked_ = 0;
  bool given_up_ = false;
  DeviceReport report_;
};

}  // namespace davy
