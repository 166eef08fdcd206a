#pragma once

#include <string>

#include "proto/base/result.hpp"
#include "proto/wire/gateway_config.hpp"

namespace davy {

// Does every lock act in time, whatever its buses are busy with? From gas over the limit at an input to the
// command on the output: within 2 s, 40 s for a remote cutter (AQ 6201; OutputSettings::feed_within). One
// line a problem, with what to do; `file` begins each.
Status check_lock_deadlines(const GatewayConfig& config, const std::string& file);

// The longest that this lock takes to act on this output; none: there is no bound.
std::optional<Duration> worst_reaction(const GatewayConfig& config, const LockSettings& lock,
                                       const OutputSettings& output);

}  // namespace davy
