#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "proto/base/clock.hpp"

namespace davy {

// Tells systemd how the program is: sd_notify(3), which is one datagram and needs no library. Does nothing
// when nobody listens. Never blocks; a lost message is the watchdog's business.
class ServiceNotify {
 public:
  // From the environment: NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID.
  static ServiceNotify from_environment();
  explicit ServiceNotify(std::string socket_path, std::optional<Duration> watchdog = std::nullopt);
  ~ServiceNotify();
  ServiceNotify(ServiceNotify&& other) noexcept;
  ServiceNotify& operator=(ServiceNotify&&) = delete;

  void ready() { send("READY=1"); }
  void stopping() { send("STOPPING=1"); }
  void alive() { send("WATCHDOG=1"); }
  void status(std::string_view text);

  // How often alive() is expected; none: nobody watches.
  std::optional<Duration> watchdog() const { return watchdog_; }

 private:
  void send(std::string_view message);

  std::string path_;
  std::optional<Duration> watchdog_;
  int socket_ = -1;
};

}  // namespace davy
