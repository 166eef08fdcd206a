#include "drivers/can/canopen.hpp"

#include <algorithm>

namespace davy {
namespace {

struct CodeMeaning {
  std::uint16_t code;
  std::uint16_t mask;
  std::string_view words;
};

// The narrowest come first.
constexpr CodeMeaning code_meanings[] = {
    {0x8110, 0xFFFF, "its CAN buffer overran"},
    {0x8120, 0xFFFF, "its CAN is error passive"},
    {0x8130, 0xFFFF, "it misses a heartbeat"},
    {0x8140, 0xFFFF, "it recovered from bus-off"},
    {0x8150, 0xFFFF, "two nodes send with the same id"},
    {0x8210, 0xFFFF, "a PDO was too short for it"},
    {0x8220, 0xFFFF, "a PDO was too long for it"},
    {0x0000, 0xFF00, "no error"},
    {0x1000, 0xF000, "a fault"},
    {0x2100, 0xFF00, "current at its input"},
    {0x2200, 0xFF00, "current inside"},
    {0x2300, 0xFF00, "current at its output"},
    {0x2000, 0xF000, "current"},
    {0x3100, 0xFF00, "supply voltage"},
    {0x3200, 0xFF00, "voltage inside"},
    {0x3300, 0xFF00, "voltage at its output"},
    {0x3000, 0xF000, "voltage"},
    {0x4100, 0xFF00, "temperature around it"},
    {0x4200, 0xFF00, "its own temperature"},
    {0x4000, 0xF000, "temperature"},
    {0x5000, 0xF000, "its hardware"},
    {0x6000, 0xF000, "its software"},
    {0x7000, 0xF000, "a part connected to it"},
    {0x8100, 0xFF00, "its communication"},
    {0x8200, 0xFF00, "a protocol error"},
    {0x8000, 0xF000, "its monitoring"},
    {0x9000, 0xF000, "something outside it"},
    {0xF000, 0xF000, "a fault that its maker's manual explains"},
};

constexpr std::string_view register_bits[] = {"generic",       "current",        "voltage",  "temperature",
                                              "communication", "device profile", "reserved", "maker's own"};

// The node of an id that consists of a function and a node.
std::optional<std::uint8_t> node_of(CanId id, std::uint32_t function) {
  if (id.extended || id.number <= function || id.number > function + canopen_node_max) return std::nullopt;
  return static_cast<std::uint8_t>(id.number - function);
}

}  // namespace

std::uint64_t number_from(std::span<const std::uint8_t> bytes) {
  std::uint64_t number = 0;
  for (std::size_t i = std::min<std::size_t>(bytes.size(), 8); i-- > 0;) number = (number << 8U) | bytes[i];
  return number;
}

std::optional<Emergency> read_emergency(const CanFrame& frame) {
  const auto node = node_of(frame.id, 0x080);
  if (!node || frame.remote || frame.size != 8) return std::nullopt;
  Emergency emergency{.node = *node,
                      .code = static_cast<std::uint16_t>(number_from(frame.bytes().first(2))),
                      .error_register = frame.data[2]};
  std::ranges::copy(frame.bytes().subspan(3), emergency.by_maker.begin());
  return emergency;
}

std::string_view emergency_meaning(std::uint16_t code) {
  for (const CodeMeaning& meaning : code_meanings) {
    if ((code & meaning.mask) == meaning.code) return meaning.words;
  }
  return "a code that CiA 301 does not know";
}

std::string describe(const Emergency& emergency) {
  std::string text = "node " + std::to_string(emergency.node) + ": " +
                     std::string{emergency_meaning(emergency.code)} + " (code 0x" +
                     hex_text(emergency.code, 4) + ")";
  std::string bits;
  for (std::size_t i = 0; i < std::size(register_bits); ++i) {
    if ((emergency.error_register >> i & 1U) == 0) continue;
    bits += bits.empty() ? ", error register " : " + ";
    bits += register_bits[i];
  }
  return text + bits;
}

std::string_view to_string(NodeState state) {
  switch (state) {
    case NodeState::unknown: return "unknown";
    case NodeState::booting: return "booting";
    case NodeState::stopped: return "stopped";
    case NodeState::operational: return "operational";
    case NodeState::pre_operational: return "pre_operational";
    case NodeState::silent: return "silent";
  }
  return "unknown";
}

void HeartbeatWatch::take(const CanArrival& arrival) {
  if (arrival.frame.id != id() || arrival.frame.remote || arrival.frame.size != 1) return;
  switch (arrival.frame.data[0] & 0x7FU) {  // the highest bit only toggles when a node is guarded instead
    case 0x00:
      ++boots_;
      told_ = NodeState::booting;
      break;
    case 0x04: told_ = NodeState::stopped; break;
    case 0x05: told_ = NodeState::operational; break;
    case 0x7F: told_ = NodeState::pre_operational; break;
    default: told_ = NodeState::unknown;
  }
  heard_ = arrival.arrived.steady;
}

NodeState HeartbeatWatch::state(SteadyTime now) const {
  if (!heard_) return NodeState::unknown;
  return now - *heard_ > silence_max_ ? NodeState::silent : told_;
}

SteadyTime HeartbeatWatch::next_due(SteadyTime now) const {
  if (!heard_) return never;
  const SteadyTime silent = *heard_ + silence_max_ + Duration{1};
  return silent <= now ? never : silent;
}

}  // namespace davy
