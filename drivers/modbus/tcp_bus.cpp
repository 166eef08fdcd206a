#include "drivers/modbus/tcp_bus.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>

#include <sys/socket.h>

#include "drivers/modbus/port_errors.hpp"
#include "proto/base/assert.hpp"

namespace davy {
namespace {

constexpr Duration connect_wait_max{1000};
constexpr std::chrono::microseconds delivery_slack{500'000};  // a frame may be spread over packets
// So many time-outs in a row and the other end may have gone without a word.
constexpr int silent_max = 3;

std::uint16_t word_at(std::span<const std::uint8_t> bytes, std::size_t at) {
  return static_cast<std::uint16_t>((bytes[at] << 8U) | bytes[at + 1]);
}

}  // namespace

TcpBus::TcpBus(TcpSettings settings) : settings_{std::move(settings)}, port_{settings_} {}

BusReply TcpBus::read(const RegisterRead& request, std::span<std::uint16_t> out) {
  DAVY_ASSERT(out.size() == request.count && request.count > 0 && reply_byte_count(request) <= 250);
  return ask(request, out);
}

BusReply TcpBus::write(const RegisterWrite& request) { return ask(request, {}); }

template <typename Request>
BusReply TcpBus::ask(const Request& request, std::span<std::uint16_t> out) {
  // Many devices close an idle connection; noticing it before the request goes out costs no reading.
  if (port_.is_open() && closed_by_peer()) port_.close();
  if (!port_.is_open()) {
    silent_in_a_row_ = 0;
    if (const Status opened = port_.open(connect_wait_max); !opened) {
      return failed_reply(request, BusFault::port_lost, opened.error().message);
    }
  }
  wait_readable(-1, pause_);  // no port: only the timer ends it
  if (const Status sent = send(request.unit, request_pdu(request)); !sent) {
    return give_up(request, BusFault::port_lost, sent.error().message);
  }
  BusReply reply = await_reply(request, out);
  pause_.arm(request.pause_after);
  silent_in_a_row_ = reply.fault == BusFault::timeout ? silent_in_a_row_ + 1 : 0;
  if (silent_in_a_row_ >= silent_max) port_.close();
  return reply;
}

bool TcpBus::closed_by_peer() const {
  std::uint8_t byte = 0;
  const ssize_t got = ::recv(port_.descriptor(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR);
}

Status TcpBus::send(std::uint8_t unit, std::span<const std::uint8_t, request_pdu_size> pdu) {
  ++transaction_;
  constexpr std::uint8_t length = 1 + request_pdu_size;
  std::array<std::uint8_t, tcp_header_size + request_pdu_size> frame{
      static_cast<std::uint8_t>(transaction_ >> 8U),
      static_cast<std::uint8_t>(transaction_ & 0xFFU),
      0,
      0,
      0,
      length,
      unit};
  std::ranges::copy(pdu, frame.begin() + tcp_header_size);
  const ssize_t sent = ::send(port_.descriptor(), frame.data(), frame.size(), MSG_NOSIGNAL);
  if (sent == static_cast<ssize_t>(frame.size())) return {};
  return fail(Errc::disconnected, explain_tcp(settings_, sent < 0 ? errno : EPIPE));
}

template <typename Request>
BusReply TcpBus::await_reply(const Request& request, std::span<std::uint16_t> out) {
  deadline_.arm(request.reply_timeout);
  for (;;) {
    const Woken woken = wait_readable(port_.descriptor(), deadline_);
    if (woken == Woken::hung_up)
      return give_up(request, BusFault::port_lost, explain_tcp(settings_, ECONNRESET));
    if (woken == Woken::readable) {
      const Received received = port_.receive(request.unit, delivery_slack);
      const bool late = received.arrival == Arrival::frame && word_at(received.bytes, 0) != transaction_;
      if (!late) return judge(request, received, out);
    }
    if (woken == Woken::expired || deadline_.expired()) {
      return failed_reply(request, BusFault::timeout,
                          "no reply within " + std::to_string(request.reply_timeout.count()) +
                              " ms: device without power, wrong unit id, or a broken wire behind it");
    }
  }
}

template <typename Request>
BusReply TcpBus::judge(const Request& request, const Received& received, std::span<std::uint16_t> out) {
  switch (received.arrival) {
    case Arrival::frame: break;
    case Arrival::lost: return give_up(request, BusFault::port_lost, explain_tcp(settings_, ECONNRESET));
    case Arrival::cut_short:
      return give_up(request, BusFault::short_frame, "the reply began and did not end");
    case Arrival::unfit: return give_up(request, BusFault::malformed, "the reply announces too many bytes");
    case Arrival::other_unit:
    case Arrival::bad_checksum: DAVY_ASSERT(!"TCP frames have no checksum and are not filtered by unit");
  }
  const auto frame = received.bytes;
  const std::size_t announced = word_at(frame, 4);
  if (word_at(frame, 2) != 0 || announced + tcp_header_size - 1 != frame.size()) {
    return give_up(request, BusFault::malformed, "what came is no Modbus TCP frame");
  }
  const std::uint8_t unit = frame[tcp_header_size - 1];
  if (unit != request.unit) {
    return failed_reply(
        request, BusFault::wrong_unit,
        "unit " + std::to_string(unit) + " answered instead: is the unit id right for this device?");
  }
  BusReply reply = unpack_reply(request, frame.subspan(tcp_header_size), out);
  if (reply.fault == BusFault::malformed) port_.close();
  return reply;
}

template <typename Request>
BusReply TcpBus::give_up(const Request& request, BusFault fault, std::string_view why) {
  port_.close();
  return failed_reply(request, fault, why);
}

}  // namespace davy
