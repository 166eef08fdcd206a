#pragma once

#include <string>

#include "proto/wire/config_text.hpp"
#include "proto/wire/gateway_config.hpp"

namespace davy::wire {
class GatewayConfig;
}

// Not for other folders.
namespace davy {

// Checks the buses, devices and points of a configuration and fills buses, profiles and points of `out` in
// the order of the file. What it fills is complete only when `config` stays without a problem.
void check_buses(const wire::GatewayConfig& in, const std::string& profile_folder, ConfigText& config,
                 GatewayConfig& out);

}  // namespace davy
