#include "drivers/can/can_node.hpp"

namespace davy {

CanNode::CanNode(std::uint8_t node, std::optional<Duration> silence_max, SteadyTime now)
    : node_{node},
      has_heartbeat_{silence_max.has_value()},
      heartbeat_{node, silence_max.value_or(Duration{0})},
      awaited_until_{now + silence_max.value_or(Duration{0})} {}

bool CanNode::take(const CanArrival& arrival) {
  if (has_heartbeat_ && arrival.frame.id == heartbeat_.id()) {
    const bool lived = lives(arrival.arrived.steady);
    const std::uint32_t boots = heartbeat_.boots();
    heartbeat_.take(arrival);
    const bool restarted = heartbeat_.boots() != boots;
    if (restarted) emergency_.reset();
    return restarted || lived != lives(arrival.arrived.steady);
  }
  const auto told = read_emergency(arrival.frame);
  if (!told || told->node != node_) return false;
  emergency_ = told->is_over() ? std::nullopt : told;
  return true;
}

bool CanNode::lives(SteadyTime now) const {
  if (!has_heartbeat_) return true;
  const NodeState state = heartbeat_.state(now);
  return state == NodeState::operational || (state == NodeState::unknown && now <= awaited_until_);
}

std::string CanNode::describe_state(SteadyTime now) const {
  const NodeState state = heartbeat_.state(now);
  const bool unheard = state == NodeState::unknown || state == NodeState::silent;
  return "node " + std::to_string(node_) + (unheard ? " sends no heartbeat" : " is ") +
         (unheard ? "" : std::string{to_string(state)});
}

SteadyTime CanNode::next_due(SteadyTime now) const {
  if (!has_heartbeat_) return never;
  if (heartbeat_.state(now) == NodeState::unknown && awaited_until_ >= now)
    return awaited_until_ + Duration{1};
  return heartbeat_.next_due(now);
}

}  // namespace davy
