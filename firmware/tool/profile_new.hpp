#pragma once

#include "firmware/app/exit_code.hpp"
#include "firmware/tool/console.hpp"
#include "firmware/tool/options.hpp"

namespace davy {

// davy profile new: a profile from a manual, by questions or by flags, each signal read live where there is a
// bus.
ExitCode profile_new(const NewOptions& options, Console& console);

}  // namespace davy
