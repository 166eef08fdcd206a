#pragma once

#include <string>

#include "proto/base/result.hpp"

namespace davy {

// Asks at the terminal, twice, without showing what is typed; when standard input is no terminal, takes its
// first line. bad_data: nothing came, or the two differ.
Result<std::string> ask_new_password(const std::string& user);

}  // namespace davy
