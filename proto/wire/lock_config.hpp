#pragma once

#include "proto/wire/config_text.hpp"
#include "proto/wire/gateway_config.hpp"

namespace davy::wire {
class InterlockConfig;
}

// Not for other folders.
namespace davy {

// Checks the interlock of a configuration whose buses and points are there already, and fills it.
InterlockSettings check_interlock(const wire::InterlockConfig& in, ConfigText& config, const ConfigNode& node,
                                  const GatewayConfig& whole);

}  // namespace davy
