#include "host/app/core_loop.hpp"

#include <algorithm>
#include <array>
#include <csignal>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "proto/base/assert.hpp"

namespace davy {
namespace {

constexpr Duration wait_max{60'000};

sigset_t stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int one : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, one);
  return set;
}

}  // namespace

CoreLoop::CoreLoop(const Clock& clock) : clock_{clock} {
  const sigset_t set = stop_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  woken_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  signals_ = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  DAVY_ASSERT(woken_ >= 0 && signals_ >= 0);
}

CoreLoop::~CoreLoop() {
  ::close(woken_);
  ::close(signals_);
}

void CoreLoop::wake() const {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(woken_, &one, sizeof one);
}

std::optional<int> CoreLoop::wait_until(SteadyTime due) {
  const SteadyTime now = clock_.steady();
  const Duration wait = due <= now ? Duration{0} : std::min(wait_max, due - std::max(now, due - wait_max));
  std::array<pollfd, 2> files{{{woken_, POLLIN, 0}, {signals_, POLLIN, 0}}};
  ::poll(files.data(), files.size(), static_cast<int>(wait.count()));
  std::uint64_t count = 0;
  [[maybe_unused]] const auto drained = ::read(woken_, &count, sizeof count);
  signalfd_siginfo info{};
  if (::read(signals_, &info, sizeof info) != sizeof info) return std::nullopt;
  // Whoever asks twice does not want to wait for the first to be done.
  const sigset_t set = stop_signals();
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
  return static_cast<int>(info.ssi_signo);
}

}  // namespace davy
