#pragma once

#include "gateway/edge/self_points.hpp"
#include "proto/base/result.hpp"
#include "proto/wire/gateway_config.hpp"
#include "proto/wire/messages.hpp"

namespace davy {

// What a gateway tells the surface about its points: the configured ones, then its own.
// Errors: bad_config when they are too many or a name gets too long.
Result<Birth> gateway_birth(const GatewayConfig& config, const SelfPoints& self_points);

}  // namespace davy
