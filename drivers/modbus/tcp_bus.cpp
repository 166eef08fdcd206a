#include "drivers/modbus/tcp_bus.hpp"

#include <algorithm>
#include <utility>

#include <poll.h>

#include "proto/base/assert.hpp"

namespace davy {

TcpBus::TcpBus(TcpSettings settings, const Clock& clock)
    : clock_{clock}, channel_{std::move(settings), *this} {}

BusReply TcpBus::read(const RegisterRead& request, std::span<std::uint16_t> out) {
  DAVY_ASSERT(out.size() == request.count);
  channel_.ask(0, request);
  return await_reply(out);
}

BusReply TcpBus::write(const RegisterWrite& request) {
  channel_.ask(0, request);
  return await_reply({});
}

BusReply TcpBus::await_reply(std::span<std::uint16_t> out) {
  out_ = out;
  replied_ = false;
  for (;;) {
    channel_.step(clock_.steady(), *this);
    if (replied_) return std::move(reply_);
    const auto left = std::clamp(channel_.next_due() - clock_.steady(), Duration{0}, Duration{1000});
    const auto events = static_cast<short>(writable_ ? POLLOUT : POLLIN);
    pollfd poll{.fd = socket_, .events = events, .revents = 0};
    ::poll(&poll, 1, static_cast<int>(left.count()));
  }
}

void TcpBus::on_reply(std::uint32_t /*ticket*/, const BusReply& reply,
                      std::span<const std::uint16_t> registers) {
  reply_ = reply;
  replied_ = true;
  std::ranges::copy(registers, out_.begin());
}

void TcpBus::watch(int socket, bool writable) {
  socket_ = socket;
  writable_ = writable;
}

void TcpBus::forget(int /*socket*/) { socket_ = -1; }

}  // namespace davy
