#pragma once

#include <cstdint>

#include "drivers/api/register_bus.hpp"
#include "drivers/api/socket_watch.hpp"
#include "drivers/modbus/tcp_channel.hpp"
#include "proto/base/clock.hpp"

namespace davy {

// A TcpChannel that is waited for: for who has a thread to wait on, such as the outputs of locks, and for
// tools. One request at a time.
class TcpBus final : public RegisterBus, private SocketWatch, private ReplySink {
 public:
  // `clock` outlives the bus.
  TcpBus(TcpSettings settings, const Clock& clock);

  BusReply read(const RegisterRead& request, std::span<std::uint16_t> out) override;
  BusReply write(const RegisterWrite& request) override;

 private:
  void watch(int socket, bool writable) override;
  void forget(int socket) override;
  void on_reply(std::uint32_t ticket, const BusReply& reply,
                std::span<const std::uint16_t> registers) override;
  BusReply await_reply(std::span<std::uint16_t> out);

  const Clock& clock_;
  TcpChannel channel_;
  int socket_ = -1;
  bool writable_ = false;
  bool replied_ = false;
  BusReply reply_;
  std::span<std::uint16_t> out_;
};

}  // namespace davy
