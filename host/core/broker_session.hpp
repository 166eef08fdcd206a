#pragma once

#include <cstdint>
#include <deque>
#include <random>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "proto/base/clock.hpp"
#include "proto/base/result.hpp"
#include "proto/link/mqtt_link.hpp"
#include "proto/wire/host_config.hpp"

namespace davy {

// The host's side of the broker: connects, and again with growing waits; subscribes; holds what came until it
// is taken.
//   down --(wait over)--> connecting --LinkUp, subscribed--> up
//   connecting, up --LinkDown--> down, next wait
class BrokerSession {
 public:
  static constexpr Duration wait_min{250};
  static constexpr Duration wait_max{5000};
  // Waits start over after a connection that lasted: a broker that takes us and drops us, or another host of
  // the same name, must not be hammered.
  static constexpr Duration stable_after{10'000};
  // Of messages that wait to be taken. Beyond it blocks are let go: nobody acks them, so their gateways send
  // them again.
  static constexpr std::size_t waiting_bytes_max = 64 * 1024 * 1024;

  BrokerSession(MqttLink& link, const HostConfig& config);

  // Connects when it is time and takes over what the link has.
  void step(Now now);
  SteadyTime next_due() const;
  void stop();

  // In the order it happened: messages, and the link going up or down between them. False: nothing waits.
  using Happened = std::variant<LinkUp, LinkDown, LinkMessage>;
  bool take(Happened& out);
  bool waiting() const { return !waiting_.empty(); }

  bool up() const { return state_ == State::up; }
  Status publish(std::string_view topic, std::string_view payload);

  // Why it is not up, for a person; empty while it is.
  const std::string& trouble() const { return trouble_; }
  std::uint64_t let_go() const { return let_go_; }

 private:
  enum class State : std::uint8_t { down, connecting, up };

  void connect(Now now);
  void on_up(Now now);
  void on_down(const std::string& reason, Now now);
  void hold(LinkMessage message);

  MqttLink& link_;
  const LinkSettings settings_;
  const std::vector<std::string> filters_;
  const std::string block_ending_;
  State state_ = State::down;
  SteadyTime connect_at_ = SteadyTime::min();
  Duration wait_{wait_min};
  SteadyTime up_since_;
  std::minstd_rand jitter_;
  std::string trouble_;
  std::vector<LinkEvent> events_;
  std::deque<Happened> waiting_;
  std::size_t waiting_bytes_ = 0;
  std::uint64_t let_go_ = 0;
  std::uint64_t token_ = 0;
};

}  // namespace davy
