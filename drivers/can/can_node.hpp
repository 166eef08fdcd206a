#pragma once

#include <optional>
#include <string>

#include "drivers/can/canopen.hpp"

namespace davy {

// How a CANopen node is by its own words: its heartbeat, where it sends one, and its emergencies. A node that
// does not say that it is operational, or no longer says anything, cannot be believed; one that has told an
// emergency is faulty until it tells the end of it, or starts anew.
class CanNode {
 public:
  // `silence_max` of the heartbeat; none: it sends none. The first one may take as long.
  CanNode(std::uint8_t node, std::optional<Duration> silence_max, SteadyTime now);

  // True when it changes what the node says of itself. Other ids are no matter.
  bool take(const CanArrival& arrival);
  bool lives(SteadyTime now) const;
  const std::optional<Emergency>& emergency() const { return emergency_; }
  // "node 7 is silent"; of one that does not live.
  std::string describe_state(SteadyTime now) const;
  SteadyTime next_due(SteadyTime now) const;

 private:
  std::uint8_t node_;
  bool has_heartbeat_;
  HeartbeatWatch heartbeat_;
  SteadyTime awaited_until_;
  std::optional<Emergency> emergency_;
};

}  // namespace davy
