#include "drivers/modbus/modbus_device.hpp"

#include <numeric>

#include "drivers/modbus/modbus_round.hpp"
#include "proto/base/log.hpp"

namespace davy {

ModbusDevice::ModbusDevice(const BusSettings& bus, const DeviceSettings& device, const DeviceProfile& profile)
    : bus_{bus}, device_{device}, profile_{profile}, turnaround_{assumed_turnaround(bus)} {}

std::unique_ptr<DeviceRound> ModbusDevice::make_round(std::span<const std::uint32_t> points) {
  std::vector<std::uint32_t> signals;
  for (const std::uint32_t point : points) signals.push_back(device_.points[point].signal);
  return std::make_unique<ModbusRound>(*this, std::move(signals));
}

std::unique_ptr<DeviceRound> ModbusDevice::make_whole_round() {
  std::vector<std::uint32_t> points(device_.points.size());
  std::iota(points.begin(), points.end(), 0U);
  return make_round(points);
}

void ModbusDevice::set_turnaround(std::chrono::microseconds typical) {
  // Plans are made anew only for what makes a difference.
  if (typical < 2 * turnaround_ && 2 * typical > turnaround_) return;
  turnaround_ = typical;
  version_ += 1;
}

std::vector<PlannedRead> ModbusDevice::plan(std::span<const std::uint32_t> signals) const {
  return plan_reads(profile_, signals, cost(), borders_);
}

void ModbusDevice::on_refused(std::span<const std::uint32_t> signals, const PlannedRead& refused) {
  if (!split_refused(profile_, signals, refused, borders_)) return;
  version_ += 1;
  log::info(
      "read_split",
      {{"bus", bus_.name}, {"device", device_.name}, {"address", refused.address}, {"count", refused.count}});
}

}  // namespace davy
