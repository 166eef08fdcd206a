#pragma once

#include <memory>
#include <vector>

#include "drivers/api/register_device.hpp"
#include "drivers/modbus/read_plan.hpp"
#include "proto/wire/gateway_config.hpp"

namespace davy {

// One Modbus device, read as its profile says, in the cheapest requests for its bus. What it refuses to read
// in one request is asked in smaller ones from then on.
class ModbusDevice final : public RegisterDevice {
 public:
  // The caller keeps `bus`, `device` (one of the bus's) and `profile` alive.
  ModbusDevice(const BusSettings& bus, const DeviceSettings& device, const DeviceProfile& profile);

  std::unique_ptr<DeviceRound> make_round(std::span<const std::uint32_t> points) override;
  std::unique_ptr<DeviceRound> make_whole_round() override;
  void set_turnaround(std::chrono::microseconds typical) override;

  const DeviceSettings& settings() const { return device_; }
  const DeviceProfile& profile() const { return profile_; }
  ReadCost cost() const { return read_cost(bus_, turnaround_, profile_.pause_after_reply); }
  // For these signals, as things stand; another plan_version() means that it may be another plan.
  std::vector<PlannedRead> plan(std::span<const std::uint32_t> signals) const;
  std::uint32_t plan_version() const { return version_; }
  // Exception 2 or 3 to this read of these signals.
  void on_refused(std::span<const std::uint32_t> signals, const PlannedRead& refused);

 private:
  const BusSettings& bus_;
  const DeviceSettings& device_;
  const DeviceProfile& profile_;
  std::chrono::microseconds turnaround_;
  Borders borders_;
  std::uint32_t version_ = 1;
};

}  // namespace davy
