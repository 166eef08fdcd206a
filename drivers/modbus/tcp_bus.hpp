#pragma once

#include <cstdint>

#include "drivers/api/register_bus.hpp"
#include "drivers/modbus/modbus_port.hpp"
#include "drivers/modbus/wait_timer.hpp"

namespace davy {

// Modbus TCP: one connection, one request at a time. Each request has a transaction number and only the reply
// with that number is taken; earlier numbers are late replies and dropped. The connection is kept when one
// unit behind a gateway is silent, and given up when the stream is out of step or nothing at all has answered
// for a while.
class TcpBus final : public RegisterBus {
 public:
  explicit TcpBus(TcpSettings settings);

  BusReply read(const RegisterRead& request, std::span<std::uint16_t> out) override;
  BusReply write(const RegisterWrite& request) override;

 private:
  bool closed_by_peer() const;
  // For a RegisterRead or RegisterWrite; a write's `out` is empty.
  template <typename Request>
  BusReply ask(const Request& request, std::span<std::uint16_t> out);
  Status send(std::uint8_t unit, std::span<const std::uint8_t, request_pdu_size> pdu);
  template <typename Request>
  BusReply await_reply(const Request& request, std::span<std::uint16_t> out);
  template <typename Request>
  BusReply judge(const Request& request, const Received& received, std::span<std::uint16_t> out);
  template <typename Request>
  BusReply give_up(const Request& request, BusFault fault, std::string_view why);

  const TcpSettings settings_;
  ModbusPort port_;
  WaitTimer pause_;     // until the device may be asked again
  WaitTimer deadline_;  // of the reply being waited for
  std::uint16_t transaction_ = 0;
  int silent_in_a_row_ = 0;
};

}  // namespace davy
