#include "drivers/modbus/solo_device.hpp"

#include <utility>

#include "drivers/api/read_round.hpp"

namespace davy {
namespace {

DeviceSettings settings_of(std::uint8_t unit, const std::vector<std::uint32_t>& signals,
                           Duration reply_timeout) {
  DeviceSettings out{.name = "device", .unit = unit, .reply_timeout = reply_timeout};
  for (const std::uint32_t signal : signals) out.points.push_back({.index = 0, .signal = signal});
  return out;
}

}  // namespace

SoloDevice::SoloDevice(std::uint8_t unit, DeviceProfile profile, const std::vector<std::uint32_t>& signals,
                       Duration reply_timeout, const decltype(BusSettings::endpoint)& endpoint)
    : profile_{std::move(profile)},
      signals_{signals},
      bus_{.name = "bus", .endpoint = endpoint},
      settings_{settings_of(unit, signals, reply_timeout)},
      device_{bus_, settings_, profile_} {
  round_ = device_.make_whole_round();
}

RoundResult SoloDevice::read(RegisterBus& bus, const Clock& clock) { return read_round(bus, *round_, clock); }

}  // namespace davy
