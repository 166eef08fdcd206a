#include "firmware/app/bus_load.hpp"

#include "drivers/modbus/line_timing.hpp"
#include "drivers/modbus/read_plan.hpp"

namespace davy {
namespace {

// Characters of an RTU frame beside its data: a request is unit, function, address, count and checksum; a
// reply is unit, function, byte count and checksum.
constexpr std::size_t request_characters = 8;
constexpr std::size_t reply_overhead = 5;

std::size_t data_characters(const PlannedRead& read) {
  return is_bits(read.table) ? (read.count + 7U) / 8U : 2U * read.count;
}

}  // namespace

BusLoad estimate_load(const GatewayConfig& config, const BusSettings& bus) {
  BusLoad out;
  const auto* line = std::get_if<RtuSettings>(&bus.endpoint);
  double share = 0;
  for (const DeviceSettings& device : bus.devices) {
    const DeviceProfile& profile = config.profiles[device.profile];
    std::vector<std::uint32_t> signals;
    for (const PointSetting& point : device.points) signals.push_back(point.signal);
    DeviceLoad load;
    for (const PlannedRead& read : plan_reads(profile, signals)) {
      load.requests += 1;
      if (line == nullptr) continue;
      const std::size_t characters = request_characters + reply_overhead + data_characters(read);
      load.busy +=
          wire_time(line->serial, characters) + 2 * frame_silence(line->serial) + profile.pause_after_reply;
    }
    out.requests_per_s += 1000.0 * load.requests / static_cast<double>(device.period.count());
    share += static_cast<double>(load.busy.count()) / (1000.0 * static_cast<double>(device.period.count()));
    out.devices.push_back(load);
  }
  if (line != nullptr) out.share = share;
  return out;
}

}  // namespace davy
