#include <linux/can/error.h>

#include "drivers/can/can_errors.hpp"

namespace davy {
namespace {

// A class of errors, and the byte that tells more about it.
struct Meaning {
  std::uint32_t error_class;
  std::size_t byte;
  std::uint8_t bits;  // 0: the class alone says it
  CanErrorKind kind;
};

constexpr Meaning meanings[] = {
    {CAN_ERR_TX_TIMEOUT, 0, 0, CanErrorKind::tx_timeout},
    {CAN_ERR_LOSTARB, 0, 0, CanErrorKind::lost_arbitration},
    {CAN_ERR_CRTL, 1, CAN_ERR_CRTL_RX_OVERFLOW, CanErrorKind::rx_overflow},
    {CAN_ERR_CRTL, 1, CAN_ERR_CRTL_TX_OVERFLOW, CanErrorKind::tx_overflow},
    {CAN_ERR_PROT, 2, CAN_ERR_PROT_BIT, CanErrorKind::bit},
    {CAN_ERR_PROT, 2, CAN_ERR_PROT_FORM, CanErrorKind::form},
    {CAN_ERR_PROT, 2, CAN_ERR_PROT_STUFF, CanErrorKind::stuff},
    {CAN_ERR_PROT, 2, CAN_ERR_PROT_BIT1, CanErrorKind::dominant_only},
    {CAN_ERR_PROT, 2, CAN_ERR_PROT_BIT0, CanErrorKind::recessive_only},
    {CAN_ERR_PROT, 2, CAN_ERR_PROT_OVERLOAD, CanErrorKind::overload},
    {CAN_ERR_TRX, 0, 0, CanErrorKind::transceiver},
    {CAN_ERR_ACK, 0, 0, CanErrorKind::no_ack},
    {CAN_ERR_BUSERROR, 0, 0, CanErrorKind::bus_error},
    {CAN_ERR_BUSOFF, 0, 0, CanErrorKind::bus_off},
    {CAN_ERR_RESTARTED, 0, 0, CanErrorKind::restarted},
};

std::optional<CanCondition> condition_of(std::uint32_t classes, std::uint8_t controller) {
  // Off comes first: a controller that went off and was restarted says so in a frame of its own.
  if ((classes & CAN_ERR_BUSOFF) != 0) return CanCondition::bus_off;
  if ((classes & CAN_ERR_CRTL) != 0) {
    if ((controller & (CAN_ERR_CRTL_RX_PASSIVE | CAN_ERR_CRTL_TX_PASSIVE)) != 0) return CanCondition::passive;
    if ((controller & (CAN_ERR_CRTL_RX_WARNING | CAN_ERR_CRTL_TX_WARNING)) != 0) return CanCondition::warning;
    if ((controller & CAN_ERR_CRTL_ACTIVE) != 0) return CanCondition::active;
  }
  if ((classes & CAN_ERR_RESTARTED) != 0) return CanCondition::active;
  return std::nullopt;
}

}  // namespace

CanErrorReport read_error_frame(std::uint32_t classes, std::span<const std::uint8_t, 8> data) {
  CanErrorReport report{
      .condition = condition_of(classes, data[1]), .tx_errors = data[6], .rx_errors = data[7]};
  for (const Meaning& meaning : meanings) {
    if ((classes & meaning.error_class) == 0) continue;
    if (meaning.bits != 0 && (data[meaning.byte] & meaning.bits) == 0) continue;
    report.kinds.set(static_cast<std::size_t>(meaning.kind));
  }
  return report;
}

std::string describe(const CanErrorReport& report) {
  std::string names;
  for (std::size_t i = 0; i < can_error_kinds; ++i) {
    if (!report.kinds.test(i)) continue;
    names += names.empty() ? "" : ", ";
    names += to_string(static_cast<CanErrorKind>(i));
  }
  return names;
}

}  // namespace davy
