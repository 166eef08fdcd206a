#include "firmware/app/socket_poller.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "proto/base/assert.hpp"

namespace davy {
namespace {

constexpr std::uint64_t woken = UINT64_MAX;
constexpr Duration longest_wait{60'000};

}  // namespace

class SocketPoller::Watch final : public SocketWatch {
 public:
  Watch(int epoll, std::size_t owner) : epoll_{epoll}, owner_{owner} {}

  void watch(int socket, bool writable) override {
    epoll_event event{};
    event.events = EPOLLIN | (writable ? static_cast<std::uint32_t>(EPOLLOUT) : 0U);
    event.data.u64 = owner_;
    if (::epoll_ctl(epoll_, EPOLL_CTL_MOD, socket, &event) != 0)
      DAVY_ASSERT(::epoll_ctl(epoll_, EPOLL_CTL_ADD, socket, &event) == 0);
  }
  void forget(int socket) override { ::epoll_ctl(epoll_, EPOLL_CTL_DEL, socket, nullptr); }

 private:
  const int epoll_;
  const std::size_t owner_;
};

SocketPoller::SocketPoller()
    : epoll_{::epoll_create1(EPOLL_CLOEXEC)}, wake_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)} {
  // Made at the start of a program; one that has no descriptor left then cannot run at all.
  DAVY_ASSERT(epoll_ >= 0 && wake_ >= 0);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = woken;
  DAVY_ASSERT(::epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_, &event) == 0);
}

SocketPoller::~SocketPoller() {
  ::close(wake_);
  ::close(epoll_);
}

SocketWatch& SocketPoller::watch_of(std::size_t owner) {
  while (watches_.size() <= owner) watches_.push_back(std::make_unique<Watch>(epoll_, watches_.size()));
  return *watches_[owner];
}

void SocketPoller::wait(SteadyTime due, SteadyTime now, const std::function<void(std::size_t)>& ready) {
  const Duration left = due <= now ? Duration{0} : due >= now + longest_wait ? longest_wait : due - now;
  std::array<epoll_event, 64> events;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  const int count =
      ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), static_cast<int>(left.count()));
  for (int i = 0; i < count; ++i) {
    const std::uint64_t owner = events[static_cast<std::size_t>(i)].data.u64;
    if (owner != woken) {
      ready(static_cast<std::size_t>(owner));
      continue;
    }
    std::uint64_t times = 0;
    [[maybe_unused]] const auto got = ::read(wake_, &times, sizeof times);
  }
}

void SocketPoller::wake() {
  const std::uint64_t once = 1;
  [[maybe_unused]] const auto put = ::write(wake_, &once, sizeof once);
}

}  // namespace davy
