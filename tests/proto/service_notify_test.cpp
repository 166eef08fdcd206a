#include "proto/base/service_notify.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

using namespace davy;
using namespace std::chrono_literals;

namespace {

// The service manager's end, in the abstract namespace: no file to clean up.
class Ear {
 public:
  Ear() : name_{"@davy-notify-test-" + std::to_string(getpid())}, socket_{socket(AF_UNIX, SOCK_DGRAM, 0)} {
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    std::ranges::copy(name_, address.sun_path);
    address.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name_.size());
    REQUIRE(bind(socket_, reinterpret_cast<const sockaddr*>(&address), size) == 0);
  }
  ~Ear() { close(socket_); }

  const std::string& name() const { return name_; }
  std::string hear() const {
    std::array<char, 256> text{};
    const ssize_t size = recv(socket_, text.data(), text.size(), MSG_DONTWAIT);
    return size < 0 ? "" : std::string(text.data(), static_cast<std::size_t>(size));
  }

 private:
  std::string name_;
  int socket_;
};

}  // namespace

TEST_CASE("notify: what the service manager hears") {
  const Ear ear;
  ServiceNotify notify{ear.name()};
  notify.ready();
  CHECK(ear.hear() == "READY=1");
  notify.alive();
  CHECK(ear.hear() == "WATCHDOG=1");
  notify.stopping();
  CHECK(ear.hear() == "STOPPING=1");
  CHECK(ear.hear().empty());
}

TEST_CASE("notify: nobody listening, a manager that went away and a path that is too long are no trouble") {
  ServiceNotify{""}.ready();
  ServiceNotify{"@davy-nobody-is-there"}.ready();
  ServiceNotify{std::string(300, 'x')}.ready();
}

TEST_CASE("notify: a manager that does not read does not block") {
  const Ear ear;
  ServiceNotify notify{ear.name()};
  for (int i = 0; i < 10'000; ++i) notify.alive();
}

TEST_CASE("notify: the watchdog's interval comes from the environment, if it is meant for this process") {
  struct Row {
    const char* usec;
    std::string pid;
    std::optional<Duration> expected;
  };
  const Row rows[] = {
      {"30000000", std::to_string(getpid()), 30s},
      {"30000000", "1", std::nullopt},
      {"30000000", "", 30s},
      {"0", "", std::nullopt},
      {"soon", "", std::nullopt},
      {"", "", std::nullopt},
  };
  for (const Row& r : rows) {
    CAPTURE(r.usec);
    CAPTURE(r.pid);
    setenv("WATCHDOG_USEC", r.usec, 1);
    r.pid.empty() ? unsetenv("WATCHDOG_PID") : setenv("WATCHDOG_PID", r.pid.c_str(), 1);
    CHECK(ServiceNotify::from_environment().watchdog() == r.expected);
  }
  unsetenv("WATCHDOG_USEC");
  unsetenv("WATCHDOG_PID");
}
