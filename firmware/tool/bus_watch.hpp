#pragma once

#include "firmware/app/exit_code.hpp"
#include "firmware/tool/console.hpp"
#include "firmware/tool/options.hpp"

namespace davy {

// davy bus watch: one device, read as its profile says, live.
ExitCode bus_watch(const WatchOptions& options, Console& console);

// A profile by its name in a folder, or by its file.
Result<DeviceProfile> find_profile(const std::string& name, const std::string& folder);

}  // namespace davy
