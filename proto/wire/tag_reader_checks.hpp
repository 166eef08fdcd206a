#pragma once

#include <string>

#include "proto/wire/config_text.hpp"
#include "proto/wire/tag_reader_profile.hpp"

namespace davy::wire {
class Profile;
class TagReader;
}  // namespace davy::wire

// Not for other folders.
namespace davy {

// Tells `config` what is wrong with a profile's tag_reader beyond what its schema says.
void check_tag_reader(const wire::Profile& profile, const ConfigNode& root, ConfigText& config);

// Only of one that passed every check. `file`: where it was read, for the files beside it.
TagReaderProfile tag_reader_from(const wire::TagReader& in, const std::string& file);

}  // namespace davy
