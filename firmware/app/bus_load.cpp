#include "firmware/app/bus_load.hpp"

#include <chrono>

#include "drivers/modbus/read_plan.hpp"
#include "drivers/tags/tag_device.hpp"

namespace davy {
BusLoad estimate_load(const GatewayConfig& config, const BusSettings& bus) {
  BusLoad out;
  const auto* line = std::get_if<RtuSettings>(&bus.endpoint);
  double share = 0;
  for (const DeviceSettings& device : bus.devices) {
    const DeviceProfile& profile = config.profiles[device.profile];
    std::vector<std::uint32_t> signals;
    for (const PointSetting& point : device.points) signals.push_back(point.signal);
    DeviceLoad load;
    const ReadCost cost = read_cost(bus, assumed_turnaround(bus), profile.pause_after_reply);
    std::vector<PlannedRead> reads = plan_reads(profile, signals, cost);
    for (const PlannedRead& read : typical_tag_requests(profile)) reads.push_back(read);
    for (const PlannedRead& read : reads) {
      load.requests += 1;
      if (line != nullptr) load.busy += std::chrono::ceil<std::chrono::microseconds>(cost_of(read, cost));
    }
    out.requests_per_s += 1000.0 * load.requests / static_cast<double>(device.period.count());
    share += static_cast<double>(load.busy.count()) / (1000.0 * static_cast<double>(device.period.count()));
    out.devices.push_back(load);
  }
  if (line != nullptr) out.share = share;
  return out;
}

}  // namespace davy
