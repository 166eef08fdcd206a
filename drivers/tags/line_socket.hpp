#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "proto/base/clock.hpp"
#include "proto/base/result.hpp"

namespace davy {

struct LineSocketSettings {
  std::string host;  // an IP address: looking a name up would wait
  std::uint16_t port = 0;
  Duration silent_after{30'000};  // without a byte the peer is gone; 0: never
  Duration connect_wait_max{5'000};
  Duration retry_wait_min{1'000};  // doubles with every failure
  Duration retry_wait_max{30'000};
};

// A TCP client that only listens and never waits.
//
//   waiting    --(wait over)-------------------> connecting
//   connecting --(connected)-------------------> connected
//   connecting --(refused, or connect_wait_max)-> waiting, longer each time
//   connected  --(closed, failed or silent)-----> waiting
//
// Owns no timer and no thread: the loop calls step() when descriptor() is ready for wanted_events() or when
// next_due() has come, and must ask for all three again after each step.
class LineSocket {
 public:
  explicit LineSocket(LineSocketSettings settings);
  ~LineSocket();
  LineSocket(const LineSocket&) = delete;
  LineSocket& operator=(const LineSocket&) = delete;

  enum class State : std::uint8_t { waiting, connecting, connected };

  // What has arrived; valid until the next step. Empty: nothing more now. To be called again until it is.
  std::string_view step(SteadyTime now);
  SteadyTime next_due() const;
  int descriptor() const { return socket_; }  // -1 while waiting
  short wanted_events() const;                // as of poll(2)

  State state() const { return state_; }
  // Why it is not connected, for a person; empty while it is.
  const std::string& message() const { return message_; }
  std::uint32_t connections() const { return connections_; }  // so far
  std::uint32_t failures() const { return failures_; }        // so far: connections lost, or not made
  bool has_received() const { return has_received_; }         // over this connection

 private:
  void connect(SteadyTime now);
  void finish_connect(SteadyTime now);
  void on_connected(SteadyTime now);
  std::string_view receive(SteadyTime now);
  void give_up(SteadyTime now, const std::string& why);
  std::string explain(int error) const;

  const LineSocketSettings settings_;
  State state_ = State::waiting;
  int socket_ = -1;
  SteadyTime due_{};
  Duration retry_wait_{0};
  std::uint32_t connections_ = 0;
  std::uint32_t failures_ = 0;
  bool has_received_ = false;
  std::string message_ = "not connected yet";
  std::string received_;
};

}  // namespace davy
