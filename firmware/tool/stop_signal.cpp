#include "firmware/tool/stop_signal.hpp"

#include <csignal>
#include <initializer_list>

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "proto/base/assert.hpp"

namespace davy {
namespace {

sigset_t stops() {
  sigset_t set{};
  ::sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ::sigaddset(&set, signal);
  return set;
}

}  // namespace

StopSignal::StopSignal() {
  const sigset_t set = stops();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  descriptor_ = ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  DAVY_ASSERT(descriptor_ >= 0);
}

StopSignal::~StopSignal() { ::close(descriptor_); }

bool StopSignal::asked() const {
  pollfd waiting{.fd = descriptor_, .events = POLLIN, .revents = 0};
  return ::poll(&waiting, 1, 0) > 0;
}

}  // namespace davy
