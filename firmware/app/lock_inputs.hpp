#pragma once

#include <cstdint>
#include <set>

#include "proto/wire/gateway_config.hpp"

namespace davy {

// The points that locks look at, the feed behind their cutters too: positions in GatewayConfig::points.
std::set<std::uint32_t> lock_inputs(const GatewayConfig& config);

}  // namespace davy
