#pragma once

#include <deque>
#include <utility>
#include <vector>

#include "drivers/can/can_socket.hpp"

namespace davy {

// The fake beside CanSocket: an interface in memory that a test switches off, takes away and fills.
class FakeCanSocket final : public CanSocket {
 public:
  Status open() override {
    ++opened;
    if (state == CanLink::absent || state == CanLink::down) return fail(Errc::disconnected, "can0 is not up");
    open_ = true;
    return {};
  }
  void close() override {
    open_ = false;
    waiting.clear();
  }
  bool is_open() const override { return open_; }
  CanLink link() const override { return state; }
  SocketWake wait(Duration wait_max) override {
    waits.push_back(wait_max);
    if (changes_to) {
      state = *std::exchange(changes_to, std::nullopt);
      return SocketWake::link_changed;
    }
    return open_ && !waiting.empty() ? SocketWake::readable : SocketWake::nothing;
  }
  SocketRead receive(SocketFrame& out) override {
    if (lost) {
      lost = false;
      return SocketRead::lost;
    }
    if (waiting.empty()) return SocketRead::nothing;
    out = waiting.front();
    waiting.pop_front();
    return SocketRead::frame;
  }
  Status send(const CanFrame& frame) override {
    if (refuses) return fail(*refuses, "no room");
    sent.push_back(frame);
    return {};
  }

  std::deque<SocketFrame> waiting;
  CanLink state = CanLink::up;
  std::optional<CanLink> changes_to;  // during the next wait
  bool lost = false;                  // the next receive says so
  std::optional<Errc> refuses;
  std::vector<CanFrame> sent;
  std::vector<Duration> waits;
  int opened = 0;

 private:
  bool open_ = false;
};

}  // namespace davy
