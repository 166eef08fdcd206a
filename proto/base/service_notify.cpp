#include "proto/base/service_notify.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <utility>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace davy {
namespace {

std::string_view variable(const char* name) {
  const char* text = std::getenv(name);
  return text != nullptr ? text : "";
}

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return out;
}

}  // namespace

ServiceNotify ServiceNotify::from_environment() {
  std::optional<Duration> watchdog;
  const auto pid = number(variable("WATCHDOG_PID"));
  const bool for_us = !pid || *pid == getpid();
  if (const auto usec = number(variable("WATCHDOG_USEC")); usec && *usec > 0 && for_us) {
    watchdog = Duration{*usec / 1000};
  }
  return ServiceNotify{std::string{variable("NOTIFY_SOCKET")}, watchdog};
}

ServiceNotify::ServiceNotify(std::string socket_path, std::optional<Duration> watchdog)
    : path_{std::move(socket_path)}, watchdog_{watchdog} {
  if (path_.empty()) return;
  socket_ = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

ServiceNotify::ServiceNotify(ServiceNotify&& other) noexcept
    : path_{std::move(other.path_)}, watchdog_{other.watchdog_}, socket_{std::exchange(other.socket_, -1)} {}

ServiceNotify::~ServiceNotify() {
  if (socket_ >= 0) ::close(socket_);
}

void ServiceNotify::status(std::string_view text) { send("STATUS=" + std::string{text}); }

void ServiceNotify::send(std::string_view message) {
  sockaddr_un address{};
  if (socket_ < 0 || path_.size() >= sizeof(address.sun_path)) return;
  address.sun_family = AF_UNIX;
  std::ranges::copy(path_, address.sun_path);
  if (path_.front() == '@') address.sun_path[0] = '\0';  // an abstract socket
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path_.size());
  [[maybe_unused]] const auto sent = sendto(socket_, message.data(), message.size(), MSG_NOSIGNAL,
                                            reinterpret_cast<const sockaddr*>(&address), size);
}

}  // namespace davy
