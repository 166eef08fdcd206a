#include "drivers/can/can_bus.hpp"

namespace davy {

std::string_view to_string(CanCondition condition) {
  switch (condition) {
    case CanCondition::active: return "active";
    case CanCondition::warning: return "warning";
    case CanCondition::passive: return "passive";
    case CanCondition::bus_off: return "bus_off";
    case CanCondition::port_lost: return "port_lost";
  }
  return "unknown";
}

std::string_view to_string(CanErrorKind kind) {
  switch (kind) {
    case CanErrorKind::tx_timeout: return "tx_timeout";
    case CanErrorKind::lost_arbitration: return "lost_arbitration";
    case CanErrorKind::rx_overflow: return "rx_overflow";
    case CanErrorKind::tx_overflow: return "tx_overflow";
    case CanErrorKind::bit: return "bit";
    case CanErrorKind::form: return "form";
    case CanErrorKind::stuff: return "stuff";
    case CanErrorKind::dominant_only: return "dominant_only";
    case CanErrorKind::recessive_only: return "recessive_only";
    case CanErrorKind::overload: return "overload";
    case CanErrorKind::transceiver: return "transceiver";
    case CanErrorKind::no_ack: return "no_ack";
    case CanErrorKind::bus_error: return "bus_error";
    case CanErrorKind::bus_off: return "bus_off";
    case CanErrorKind::restarted: return "restarted";
  }
  return "unknown";
}

CanFilter group_filter(std::uint32_t group) {
  const bool addressed = (group & 0xFF00U) < 0xF000U;
  return {.id = {.number = group << 8U, .extended = true}, .mask = addressed ? 0x03FF'0000U : 0x03FF'FF00U};
}

}  // namespace davy
