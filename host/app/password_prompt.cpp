#include "host/app/password_prompt.hpp"

#include <iostream>

#include <termios.h>
#include <unistd.h>

namespace davy {
namespace {

// Turns the echo off as long as it lives.
class Silence {
 public:
  Silence() {
    known_ = tcgetattr(STDIN_FILENO, &before_) == 0;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    if (known_) tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
  }
  ~Silence() {
    if (known_) tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;

 private:
  termios before_{};
  bool known_ = false;
};

bool ask(const std::string& question, std::string& out) {
  std::cerr << question << std::flush;
  const Silence silence;
  const bool got = static_cast<bool>(std::getline(std::cin, out));
  std::cerr << "\n";
  return got;
}

}  // namespace

Result<std::string> ask_new_password(const std::string& user) {
  std::string first;
  if (isatty(STDIN_FILENO) == 0) {
    if (!std::getline(std::cin, first)) return fail(Errc::bad_data, "standard input holds no password");
    return first;
  }
  std::string second;
  if (!ask("New password of " + user + ": ", first) || !ask("The same again: ", second)) {
    return fail(Errc::bad_data, "no password was given");
  }
  if (first != second) return fail(Errc::bad_data, "the two passwords differ");
  return first;
}

}  // namespace davy
