#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "proto/wire/gateway_config.hpp"

namespace davy {

// What a configuration asks of one bus.
struct DeviceLoad {
  std::uint32_t requests = 0;        // a round; of a reader of tags as long as it has not much to tell
  std::chrono::microseconds busy{};  // a round on a serial line, the device's own thinking time left out
};
struct BusLoad {
  std::vector<DeviceLoad> devices;
  double requests_per_s = 0;
  std::optional<double> share;  // of the time a serial line is busy; above 1 it cannot keep the periods
};

BusLoad estimate_load(const GatewayConfig& config, const BusSettings& bus);

}  // namespace davy
