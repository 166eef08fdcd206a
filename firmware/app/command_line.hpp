#pragma once

#include <string>
#include <variant>

#include "firmware/app/exit_code.hpp"
#include "proto/base/log.hpp"

namespace davy {

struct CommandLine {
  std::string config;
  std::string profiles;  // folder, if the configuration names none; empty: where davy-gateway was installed
  bool check = false;
  log::Level log_level = log::Level::info;
};

// What to do; or, when help, the version or a complaint was printed, the code to end with.
std::variant<CommandLine, ExitCode> parse_command_line(int argc, const char* const* argv);

}  // namespace davy
