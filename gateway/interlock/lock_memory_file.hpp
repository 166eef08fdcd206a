#pragma once

#include <string>
#include <vector>

#include "proto/base/result.hpp"

// What the interlock remembers over a restart: the names of the fan locks that are locked, one a line.
// Written whole beside the old file and put in its place, so that a power cut leaves one or the other.
namespace davy {

// No file: nothing is locked. One that is not ours is an error, and then nothing is locked either: what is
// not known locks no fan.
Result<std::vector<std::string>> load_locked_fans(const std::string& path);
// On the disk when it returns.
Status save_locked_fans(const std::string& path, const std::vector<std::string>& names);

}  // namespace davy
