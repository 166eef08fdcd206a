#pragma once

#include <string_view>

#include "proto/wire/config_text.hpp"

namespace davy::wire {
class Profile;
}

// Not for other folders.
namespace davy {

// Tells `config` what is wrong with a profile beyond what its schema says.
void check_profile(const wire::Profile& profile, const ConfigNode& root, ConfigText& config);

// What a profile or signal may be called: it becomes a file's name. Letters, digits, - _ and . but not first.
bool is_profile_name(std::string_view name);

}  // namespace davy
