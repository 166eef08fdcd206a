#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "drivers/modbus/modbus_device.hpp"
#include "proto/base/clock.hpp"

namespace davy {

// One device by itself, without a configuration around it: for tools and tests.
class SoloDevice {
 public:
  // `signals` are positions in the profile; readings come in their order. `endpoint` is what reading costs,
  // nothing is opened.
  SoloDevice(std::uint8_t unit, DeviceProfile profile, const std::vector<std::uint32_t>& signals,
             Duration reply_timeout, const decltype(BusSettings::endpoint)& endpoint = TcpSettings{});
  SoloDevice(const SoloDevice&) = delete;
  SoloDevice& operator=(const SoloDevice&) = delete;

  // One round, blocking for as long as the bus does.
  RoundResult read(RegisterBus& bus, const Clock& clock);
  const DeviceProfile& profile() const { return profile_; }
  std::vector<PlannedRead> plan() const { return device_.plan(signals_); }

 private:
  const DeviceProfile profile_;
  const std::vector<std::uint32_t> signals_;
  const BusSettings bus_;
  const DeviceSettings settings_;
  ModbusDevice device_;
  std::unique_ptr<DeviceRound> round_;
};

}  // namespace davy
