#pragma once

#include <map>
#include <optional>
#include <string>

#include "proto/base/clock.hpp"

namespace davy {

// Makes guessing passwords slow: after a few failures in a row every further try of that user, or from that
// address, has to wait, longer each time. A user is never locked for long, or anybody could keep the
// dispatcher out.
class LoginGuard {
 public:
  // How long this try has to wait; none: it may be made now.
  std::optional<Duration> wait(const std::string& user, const std::string& address, SteadyTime now) const;
  void failed(const std::string& user, const std::string& address, SteadyTime now);
  void succeeded(const std::string& user, const std::string& address);

 private:
  struct Tries {
    unsigned failures = 0;
    SteadyTime last;
    SteadyTime not_before;
  };
  using Table = std::map<std::string, Tries>;
  static void count(Table& table, const std::string& key, Duration wait_max, SteadyTime now);

  Table users_;
  Table addresses_;
};

}  // namespace davy
