#pragma once

#include <string>

namespace davy {

// The folder of device profiles beside this program, where `cmake --install` puts it: <prefix>/bin and
// <prefix>/share/davy/profiles.
std::string installed_profiles();

}  // namespace davy
