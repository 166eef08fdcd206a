#pragma once

#include <optional>
#include <string>
#include <variant>

#include "host/api/user_store.hpp"
#include "host/app/exit_code.hpp"
#include "proto/base/log.hpp"

namespace davy {

enum class UserVerb : std::uint8_t { add, list, password, role, remove, audit };

struct UserCommand {
  UserVerb verb = UserVerb::list;
  std::string name;
  Role role = Role::viewer;
  bool generate = false;   // make a password up and print it
  bool temporary = false;  // the user has to change it at the first sign-in
  std::size_t last = 100;  // lines of the audit
};

struct CommandLine {
  std::string config;
  bool check = false;
  log::Level log_level = log::Level::info;
  std::optional<UserCommand> user;
};

// What to do; or, when help, the version or a complaint was printed, the code to end with.
std::variant<CommandLine, ExitCode> parse_command_line(int argc, const char* const* argv);

}  // namespace davy
