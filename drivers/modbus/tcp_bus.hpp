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

 private:
  bool closed_by_peer() const;
  Status send(const RegisterRead& request);
  BusReply await_reply(const RegisterRead& request, std::span<std::uint16_t> out);
  BusReply judge(const RegisterRead& request, const Received& received, std::span<std::uint16_t> out);
  BusReply give_up(const RegisterRead& request, BusFault fault, std::string_view why);

  const TcpSettings settings_;
  ModbusPort port_;
  WaitTimer pause_;     // until the device may be asked again
  WaitTimer deadline_;  // of the reply being waited for
  std::uint16_t transaction_ = 0;
  int silent_in_a_row_ = 0;
};

}  // namespace davy
