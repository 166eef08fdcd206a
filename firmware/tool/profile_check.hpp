#pragma once

#include "firmware/app/exit_code.hpp"
#include "firmware/tool/console.hpp"
#include "firmware/tool/options.hpp"

namespace davy {

// davy profile check: all mistakes of profiles, and golden frames played to them.
ExitCode profile_check(const CheckOptions& options, Console& console);

}  // namespace davy
