#pragma once

#include <string>

#include "proto/base/clock.hpp"
#include "proto/base/result.hpp"
#include "proto/wire/host_config.hpp"

namespace davy {

// What --check prints of a good configuration: what it amounts to and what will not go well. Touches nothing.
// An error: a file that it names cannot be used.
Result<std::string> check_report(const HostConfig& config, WallTime now);

}  // namespace davy
