#include "drivers/modbus/rtu_bus.hpp"

#include <algorithm>
#include <string>

#include "drivers/modbus/line_timing.hpp"
#include "drivers/modbus/port_errors.hpp"
#include "proto/base/assert.hpp"

namespace davy {
namespace {

using std::chrono::microseconds;

// What adapters and the kernel may add to a frame's time on the wire before all of it is with us.
constexpr microseconds delivery_slack{100'000};
// Something that sends more characters than this without a pause of t3.5 is no reply.
constexpr int babble_max = 2 * static_cast<int>(rtu_frame_max);
constexpr std::size_t request_size = 1 + request_pdu_size + 2;
constexpr std::size_t reply_overhead = 3;  // unit, checksum

}  // namespace

RtuBus::RtuBus(RtuSettings settings) : settings_{std::move(settings)}, port_{settings_} {}

BusReply RtuBus::read(const RegisterRead& request, std::span<std::uint16_t> out) {
  DAVY_ASSERT(out.size() == request.count && request.count > 0 && request.unit <= 247);
  DAVY_ASSERT(reply_byte_count(request) <= 250);
  return ask(request, out);
}

BusReply RtuBus::write(const RegisterWrite& request) {
  DAVY_ASSERT(request.unit >= 1 && request.unit <= 247);
  return ask(request, {});
}

template <typename Request>
BusReply RtuBus::ask(const Request& request, std::span<std::uint16_t> out) {
  if (!port_.is_open()) {
    if (const Status opened = port_.open(Duration{0}); !opened) {
      return failed_reply(request, BusFault::port_lost, opened.error().message);
    }
    silence_.arm(frame_silence(settings_.serial));  // somebody may be talking
  }
  BusReply reply = exchange(request, out);
  if (reply.fault == BusFault::timeout) expect_late_reply(request.unit, request.reply_timeout);
  const microseconds pause = request.pause_after;
  silence_.arm(std::max(frame_silence(settings_.serial), pause));
  return reply;
}

template <typename Request>
BusReply RtuBus::exchange(const Request& request, std::span<std::uint16_t> out) {
  switch (await_silence(request.unit)) {
    case Line::silent: break;
    case Line::lost: return lost(request);
    case Line::babbling:
      return failed_reply(
          request, BusFault::crc,
          "the line is never silent, so nothing can be asked: a device that keeps sending, a second "
          "master, or noise");
  }
  if (const Status sent = port_.send_rtu(request.unit, request_pdu(request)); !sent) return lost(request);
  return await_reply(request, out);
}

// A character that comes in starts the silence anew.
RtuBus::Line RtuBus::await_silence(std::uint8_t unit) {
  bool late_replies = late_units_.test(unit);
  for (int heard = 0; heard < babble_max;) {
    switch (wait_readable(port_.descriptor(), late_replies ? late_ : silence_)) {
      case Woken::hung_up: return Line::lost;
      case Woken::readable:
        ++heard;
        port_.drop_input();
        silence_.arm(frame_silence(settings_.serial));
        break;
      case Woken::expired:
        if (!late_replies) return Line::silent;
        late_replies = false;
        late_units_.reset();
        break;
    }
  }
  return Line::babbling;
}

template <typename Request>
BusReply RtuBus::await_reply(const Request& request, std::span<std::uint16_t> out) {
  deadline_.arm(wire_time(settings_.serial, request_size) + request.reply_timeout);
  const microseconds whole_within =
      wire_time(settings_.serial, reply_overhead + reply_pdu_size(request)) + delivery_slack;
  BusReply reply =
      failed_reply(request, BusFault::timeout,
                   "no reply within " + std::to_string(request.reply_timeout.count()) +
                       " ms: device without power, wrong unit id or baud rate, or a broken wire");
  for (;;) {
    switch (wait_readable(port_.descriptor(), deadline_)) {
      case Woken::expired: return reply;
      case Woken::hung_up: return lost(request);
      case Woken::readable: break;
    }
    const Received received = port_.receive(request.unit, whole_within);
    if (received.arrival == Arrival::lost) return lost(request);
    reply = judge(request, received, out);
    // A whole frame that is not the answer may be an earlier question's; the answer may still come behind it.
    const bool whole = received.arrival == Arrival::frame || received.arrival == Arrival::other_unit;
    const bool foreign = whole && (reply.fault == BusFault::wrong_unit || reply.fault == BusFault::malformed);
    if (!foreign || deadline_.expired()) return reply;
  }
}

template <typename Request>
BusReply RtuBus::judge(const Request& request, const Received& received, std::span<std::uint16_t> out) {
  switch (received.arrival) {
    case Arrival::frame: return unpack_reply(request, received.bytes.subspan(1), out);
    case Arrival::other_unit:
      return failed_reply(request, BusFault::wrong_unit,
                          "unit " + std::to_string(received.bytes[0]) +
                              " answered instead: an earlier reply that came late, or a wrong unit id");
    case Arrival::bad_checksum:
      return failed_reply(
          request, BusFault::crc,
          "the reply's checksum is wrong: noise, two devices with this unit id, or wrong parity");
    case Arrival::cut_short:
      return failed_reply(request, BusFault::short_frame,
                          "the reply began and did not end: noise or a loose wire");
    case Arrival::unfit:
      return failed_reply(request, BusFault::malformed, "the reply announces too many bytes");
    case Arrival::lost: break;
  }
  return lost(request);
}

template <typename Request>
BusReply RtuBus::lost(const Request& request) {
  port_.close();
  return failed_reply(request, BusFault::port_lost, explain_serial(settings_, EIO));
}

void RtuBus::expect_late_reply(std::uint8_t unit, Duration reply_timeout) {
  late_units_.set(unit);
  late_.arm(reply_timeout);
}

}  // namespace davy
