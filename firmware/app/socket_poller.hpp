#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "drivers/api/socket_watch.hpp"
#include "proto/base/clock.hpp"

namespace davy {

// Waits for a time, for the sockets of many, and to be woken; the only place where a bus thread waits.
class SocketPoller {
 public:
  SocketPoller();
  ~SocketPoller();
  SocketPoller(const SocketPoller&) = delete;
  SocketPoller& operator=(const SocketPoller&) = delete;

  // For the sockets of `owner`, any number below 2^32; lives as long as the poller. Not after wait().
  SocketWatch& watch_of(std::size_t owner);
  // Until `due`, until a socket has something, in which case `ready` is told its owner, or until wake().
  void wait(SteadyTime due, SteadyTime now, const std::function<void(std::size_t owner)>& ready);
  void wake();  // from any thread

 private:
  class Watch;
  int epoll_ = -1;
  int wake_ = -1;
  std::vector<std::unique_ptr<Watch>> watches_;  // by owner
};

}  // namespace davy
