#include "drivers/modbus/wait_timer.hpp"

#include <array>

#include <poll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "proto/base/assert.hpp"

namespace davy {

WaitTimer::WaitTimer() : descriptor_{::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)} {
  // Buses are made at the start of a program; one that has no descriptor left then cannot run at all.
  DAVY_ASSERT(descriptor_ >= 0);
  arm(std::chrono::microseconds{0});
}

WaitTimer::~WaitTimer() { ::close(descriptor_); }

void WaitTimer::arm(std::chrono::microseconds span) {
  // Zero would disarm it, and a disarmed timer never expires: a nanosecond is as good as no wait.
  using Seconds = std::chrono::duration<decltype(timespec::tv_sec)>;
  using Nanoseconds = std::chrono::duration<decltype(timespec::tv_nsec), std::nano>;
  const auto whole = std::chrono::duration_cast<Seconds>(span);
  itimerspec spec{};
  spec.it_value.tv_sec = whole.count();
  spec.it_value.tv_nsec = std::chrono::duration_cast<Nanoseconds>(span - whole).count();
  if (spec.it_value.tv_sec == 0 && spec.it_value.tv_nsec == 0) spec.it_value.tv_nsec = 1;
  DAVY_ASSERT(::timerfd_settime(descriptor_, 0, &spec, nullptr) == 0);
}

bool WaitTimer::expired() const {
  pollfd timer{.fd = descriptor_, .events = POLLIN, .revents = 0};
  return ::poll(&timer, 1, 0) > 0;
}

std::chrono::microseconds WaitTimer::remaining() const {
  itimerspec left{};
  DAVY_ASSERT(::timerfd_gettime(descriptor_, &left) == 0);
  return std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::seconds{left.it_value.tv_sec} + std::chrono::nanoseconds{left.it_value.tv_nsec});
}

void wait_writable(int port, const WaitTimer& until) {
  std::array<pollfd, 2> waiting{{{.fd = port, .events = POLLOUT, .revents = 0},
                                 {.fd = until.descriptor(), .events = POLLIN, .revents = 0}}};
  while (::poll(waiting.data(), waiting.size(), -1) < 0) {}
}

Woken wait_readable(int port, const WaitTimer& until) {
  std::array<pollfd, 2> waiting{{{.fd = port, .events = POLLIN, .revents = 0},
                                 {.fd = until.descriptor(), .events = POLLIN, .revents = 0}}};
  for (;;) {
    if (::poll(waiting.data(), waiting.size(), -1) < 0) continue;  // a signal: the timer runs on
    // A line whose adapter is gone is readable as well, for ever, and has nothing to read.
    if ((waiting[0].revents & ~POLLIN) != 0) return Woken::hung_up;
    if (waiting[0].revents != 0) return Woken::readable;
    if (waiting[1].revents != 0) return Woken::expired;
  }
}

}  // namespace davy
