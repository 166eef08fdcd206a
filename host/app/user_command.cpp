#include "host/app/user_command.hpp"

#include <cstdlib>
#include <iomanip>
#include <iostream>

#include <pwd.h>
#include <unistd.h>

#include "host/api/trend_text.hpp"
#include "host/api/user_store.hpp"
#include "host/app/data_folder.hpp"
#include "host/app/password_prompt.hpp"

namespace davy {
namespace {

// Who sits at the console, for the audit.
std::string console_user() {
  if (const char* by = std::getenv("SUDO_USER")) return by;
  const passwd* entry = getpwuid(getuid());
  return entry != nullptr ? entry->pw_name : std::to_string(getuid());
}

ExitCode complain(const Error& error) {
  std::cerr << "davy-host: " << error.message << "\n";
  const auto is = [&error](Errc code) { return error.code == code; };
  if (is(Errc::full) || is(Errc::unavailable)) return ExitCode::io;
  if (is(Errc::corrupt) || is(Errc::bad_config)) return ExitCode::data_unusable;
  return ExitCode::refused;
}

class UserConsole {
 public:
  UserConsole(UserStore& store, const UserCommand& command, WallTime now)
      : store_{store}, command_{command}, now_{now} {}

  Status run() {
    switch (command_.verb) {
      case UserVerb::add: return add();
      case UserVerb::list: return list();
      case UserVerb::password: return set_password();
      case UserVerb::role: return set_role();
      case UserVerb::remove: return remove();
      case UserVerb::audit: return audit();
    }
    return {};
  }

 private:
  Status on_record(const std::string& action, const std::string& detail) {
    return store_.audit(
        {.at = now_, .user = console_user(), .address = "console", .action = action, .detail = detail});
  }

  bool must_change() const { return command_.temporary || command_.generate; }

  Result<std::string> new_password() {
    if (!command_.generate) return ask_new_password(command_.name);
    return random_password();
  }

  void tell_password(const std::string& password) const {
    if (command_.generate) std::cout << "password: " << password << "\n";
    if (must_change()) std::cout << "It has to be changed at the first sign-in.\n";
  }

  Status add() {
    if (auto ok = check_user_name(command_.name); !ok) return ok;
    const auto password = new_password();
    if (!password) return fail(password.error());
    auto done = store_.add(command_.name, command_.role, *password, must_change(), now_);
    if (!done) return done;
    std::cout << "user " << command_.name << " made, role " << to_string(command_.role) << "\n";
    tell_password(*password);
    return on_record("user_add", command_.name + " as " + to_string(command_.role));
  }

  Status set_password() {
    const auto password = new_password();
    if (!password) return fail(password.error());
    auto done = store_.set_password(command_.name, *password, must_change());
    if (!done) return done;
    std::cout << "user " << command_.name << " has a new password and is signed out everywhere\n";
    tell_password(*password);
    return on_record("user_password", command_.name);
  }

  Status set_role() {
    if (auto done = store_.set_role(command_.name, command_.role); !done) return done;
    std::cout << "user " << command_.name << " is " << to_string(command_.role) << " now\n";
    return on_record("user_role", command_.name + " is " + to_string(command_.role));
  }

  Status remove() {
    if (auto done = store_.remove(command_.name); !done) return done;
    std::cout << "user " << command_.name << " removed\n";
    return on_record("user_remove", command_.name);
  }

  Status list() {
    const auto users = store_.users();
    if (!users) return fail(users.error());
    for (const User& user : *users) {
      std::cout << std::left << std::setw(24) << user.name << std::setw(10) << to_string(user.role)
                << "since " << iso_time(user.created)
                << (user.must_change_password ? "  has to change the password" : "") << "\n";
    }
    return {};
  }

  Status audit() {
    const auto lines = store_.newest_audit(command_.last);
    if (!lines) return fail(lines.error());
    for (const AuditLine& line : *lines) {
      std::cout << line.seq << "  " << iso_time(line.at) << "  " << std::left << std::setw(16) << line.user
                << std::setw(16) << line.address << std::setw(20) << line.action << line.detail << "\n";
    }
    const auto checked = store_.verify_audit();
    if (!checked) return fail(checked.error());
    std::cout << *checked << " lines in all, none changed or missing\n";
    return {};
  }

  UserStore& store_;
  const UserCommand& command_;
  const WallTime now_;
};

}  // namespace

ExitCode run_user_command(const UserCommand& command, const HostConfig& config, const Clock& clock) {
  const auto folder = open_data_folder(config.data);
  if (!folder) {
    std::cerr << "davy-host: " << folder.error().message << "\n";
    return ExitCode::data_unusable;
  }
  auto store = UserStore::open(folder->users());
  if (!store) {
    complain(store.error());
    return ExitCode::data_unusable;
  }
  if (auto done = UserConsole{*store, command, clock.wall()}.run(); !done) return complain(done.error());
  return ExitCode::ok;
}

}  // namespace davy
