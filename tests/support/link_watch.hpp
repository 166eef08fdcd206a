#pragma once

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "proto/base/system_clock.hpp"
#include "proto/link/paho_link.hpp"

namespace davy::test {

// What the link's threads signal.
struct Wakeup {
  Wakeup() : fd{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)} {}
  ~Wakeup() { ::close(fd); }
  Wakeup(const Wakeup&) = delete;
  Wakeup& operator=(const Wakeup&) = delete;
  const int fd;
};

// A real link with everything it has reported so far, and a way to wait for more.
struct LinkWatch {
  explicit LinkWatch(PahoLimits limits = {}) : link{[fd = wakeup.fd] { ::eventfd_write(fd, 1); }, limits} {}

  void poll() {
    std::vector<LinkEvent> events;
    link.poll(events);
    for (LinkEvent& event : events) {
      if (auto* message = std::get_if<LinkMessage>(&event)) messages.push_back(std::move(*message));
      if (const auto* message = std::get_if<LinkSent>(&event)) sent.push_back(message->token);
      if (std::holds_alternative<LinkUp>(event)) ++ups;
      if (const auto* down = std::get_if<LinkDown>(&event)) downs.push_back(down->reason);
    }
  }

  // Until `happened` says so; false when that did not come about in time.
  template <typename Happened>
  bool wait(Happened happened, Duration wait_max = std::chrono::seconds{15}) {
    const SystemClock clock;
    const SteadyTime end = clock.steady() + wait_max;
    for (;;) {
      poll();
      if (happened()) return true;
      const auto left = end - clock.steady();
      if (left <= Duration{0}) return false;
      pollfd waiting{.fd = wakeup.fd, .events = POLLIN, .revents = 0};
      ::poll(&waiting, 1, static_cast<int>(left.count()));
      eventfd_t count = 0;
      ::eventfd_read(wakeup.fd, &count);
    }
  }
  bool wait_up() {
    return wait([&] { return ups > 0 || !downs.empty(); }) && ups > 0;
  }
  bool wait_down(Duration wait_max = std::chrono::seconds{15}) {
    return wait([&] { return !downs.empty(); }, wait_max);
  }

  Wakeup wakeup;
  int ups = 0;
  std::vector<std::string> downs;
  std::vector<std::uint64_t> sent;
  std::vector<LinkMessage> messages;
  PahoLink link;  // last: its threads use the rest
};

}  // namespace davy::test
