#pragma once

#include <string>

#include "drivers/can/can_plan.hpp"
#include "proto/wire/gateway_config.hpp"

namespace davy {

// What --check prints of a good configuration: a table of buses and devices, and warnings about what will not
// go well.
std::string check_report(const GatewayConfig& config, const CanPlans& plans, const std::string& file);

}  // namespace davy
