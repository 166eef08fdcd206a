#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "drivers/can/can_frame.hpp"

// CANopen (CiA 301): the ids of its predefined connection set, and the messages that tell how a node is.
namespace davy {

inline constexpr std::uint8_t canopen_node_max = 127;

constexpr CanId emergency_id(std::uint8_t node) { return {.number = 0x080U + node}; }
constexpr CanId tpdo_id(std::uint8_t node, unsigned number) {  // number 1 to 4
  return {.number = 0x080U + 0x100U * number + node};
}
constexpr CanId sdo_answer_id(std::uint8_t node) { return {.number = 0x580U + node}; }
constexpr CanId sdo_request_id(std::uint8_t node) { return {.number = 0x600U + node}; }
constexpr CanId heartbeat_id(std::uint8_t node) { return {.number = 0x700U + node}; }

// Bytes as CANopen sends numbers: lowest first. At most 8.
std::uint64_t number_from(std::span<const std::uint8_t> bytes);

// A node tells that something is wrong with it, or (code 0) no longer is.
struct Emergency {
  std::uint8_t node = 0;
  std::uint16_t code = 0;
  std::uint8_t error_register = 0;
  std::array<std::uint8_t, 5> by_maker{};

  bool is_over() const { return code == 0; }
};
std::optional<Emergency> read_emergency(const CanFrame& frame);
// What kind of fault a code is.
std::string_view emergency_meaning(std::uint16_t code);
// "node 7: voltage (code 0x3110), error register voltage"
std::string describe(const Emergency& emergency);

// What a node says of itself; `silent` is what we say of it.
enum class NodeState : std::uint8_t { unknown, booting, stopped, operational, pre_operational, silent };
std::string_view to_string(NodeState state);

// Listens to the heartbeat of one node. Only an operational node sends process data: in any other state what
// was last received from it means nothing any more.
class HeartbeatWatch {
 public:
  // `silence_max`: longer without a heartbeat, and the node is silent.
  HeartbeatWatch(std::uint8_t node, Duration silence_max) : node_{node}, silence_max_{silence_max} {}

  CanId id() const { return heartbeat_id(node_); }
  // Other ids are no matter.
  void take(const CanArrival& arrival);
  NodeState state(SteadyTime now) const;
  // How often it has started since we listen: a number that grows tells of a bad supply.
  std::uint32_t boots() const { return boots_; }
  SteadyTime next_due(SteadyTime now) const;

 private:
  std::uint8_t node_;
  Duration silence_max_;
  NodeState told_ = NodeState::unknown;
  std::optional<SteadyTime> heard_;
  std::uint32_t boots_ = 0;
};

}  // namespace davy
