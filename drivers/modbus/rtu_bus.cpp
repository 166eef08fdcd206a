#include "drivers/modbus/rtu_bus.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "drivers/modbus/frame.hpp"
#include "drivers/modbus/line_timing.hpp"
#include "proto/base/assert.hpp"

namespace davy {
namespace {

using std::chrono::microseconds;

// What adapters and the kernel may add to a frame's time on the wire before all of it is with us.
constexpr microseconds delivery_slack{30'000};
// Something that sends more characters than this without a pause of t3.5 is no reply.
constexpr int babble_max = 2 * static_cast<int>(rtu_frame_max);
constexpr std::size_t request_size = 1 + request_pdu_size + 2;

template <typename Request>
std::array<std::uint8_t, request_size> frame_of(const Request& request) {
  std::array<std::uint8_t, request_size> frame{request.unit};
  std::ranges::copy(request_pdu(request), frame.begin() + 1);
  const std::uint16_t sum = crc16(std::span{frame}.first(request_size - 2));
  frame[request_size - 2] = static_cast<std::uint8_t>(sum & 0xFFU);
  frame[request_size - 1] = static_cast<std::uint8_t>(sum >> 8U);
  return frame;
}

Duration late_within(const RegisterRead& request) { return request.late_within; }
Duration late_within(const RegisterWrite&) { return Duration{0}; }

}  // namespace

RtuBus::RtuBus(RtuSettings settings) : settings_{std::move(settings)}, line_{settings_} {}

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
  if (!line_.is_open()) {
    if (const Status opened = line_.open(); !opened) {
      return failed_reply(request, BusFault::port_lost, opened.error().message);
    }
    silence_.arm(frame_silence(settings_.serial));  // somebody may be talking
  }
  BusReply reply = exchange(request, out);
  if (reply.fault == BusFault::timeout) {
    expect_late_reply(request.unit,
                      std::max(request.reply_timeout, late_within(request) - request.reply_timeout));
  }
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
  line_.drop_input();
  reader_.expect(request.unit);
  if (!line_.send(frame_of(request))) return lost(request);
  return await_reply(request, out);
}

// A character that comes in starts the silence anew.
RtuBus::Line RtuBus::await_silence(std::uint8_t unit) {
  bool late_replies = late_units_.test(unit);
  for (int heard = 0; heard < babble_max;) {
    switch (wait_readable(line_.descriptor(), late_replies ? late_ : silence_)) {
      case Woken::hung_up: return Line::lost;
      case Woken::readable:
        ++heard;
        line_.drop_input();
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
  const microseconds sending = wire_time(settings_.serial, request_size);
  deadline_.arm(sending + request.reply_timeout);
  BusReply reply =
      failed_reply(request, BusFault::timeout,
                   "no reply within " + std::to_string(request.reply_timeout.count()) +
                       " ms: device without power, wrong unit id or baud rate, or a broken wire");
  microseconds turnaround{0};
  for (;;) {
    switch (wait_readable(line_.descriptor(), reader_.has_part() ? gap_ : deadline_)) {
      case Woken::hung_up: return lost(request);
      case Woken::expired:
        if (reader_.has_part()) return judge(request, reader_.end(), out);
        // A port that is slower than its baud rate says: the device has not heard everything yet.
        if (const std::size_t left = line_.unsent(); left > 0) {
          deadline_.arm(wire_time(settings_.serial, left) + request.reply_timeout);
          break;
        }
        return reply;
      case Woken::readable:
        if (turnaround == microseconds{0})
          turnaround = std::max(microseconds{1}, request.reply_timeout - deadline_.remaining());
        if (!receive()) return lost(request);
        break;
    }
    // A whole frame that is not the answer may be an earlier question's; the answer may still come behind it.
    while (const auto found = reader_.next()) {
      reply = judge(request, *found, out);
      if (reply.fault != BusFault::wrong_unit && reply.fault != BusFault::malformed) {
        reply.turnaround = turnaround;
        return reply;
      }
    }
    if (reader_.is_flooded()) return judge(request, reader_.end(), out);
  }
}

bool RtuBus::receive() {
  std::array<std::uint8_t, rtu_frame_max> bytes;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  const std::ptrdiff_t got = line_.receive(bytes);
  if (got < 0) return false;
  reader_.add(std::span{bytes}.first(static_cast<std::size_t>(got)));
  gap_.arm(frame_silence(settings_.serial) + delivery_slack);
  return true;
}

template <typename Request>
BusReply RtuBus::judge(const Request& request, const Received& received, std::span<std::uint16_t> out) {
  const auto heard = [&](BusFault fault, const std::string& why) {
    return failed_reply(request, fault, why + "; heard " + reader_.heard());
  };
  switch (received.arrival) {
    case Arrival::frame: {
      BusReply reply = unpack_reply(request, received.bytes.subspan(1), out);
      if (reply.fault == BusFault::malformed) reply.message += "; heard " + reader_.heard();
      return reply;
    }
    case Arrival::other_unit:
      return heard(BusFault::wrong_unit,
                   "unit " + std::to_string(received.bytes[0]) +
                       " answered instead: an earlier reply that came late, or a wrong unit id");
    case Arrival::bad_checksum:
      return heard(BusFault::crc,
                   "the reply's checksum is wrong: noise, two devices with this unit id, or wrong parity");
    case Arrival::cut_short:
      return heard(BusFault::short_frame, "the reply began and did not end: noise or a loose wire");
    case Arrival::unfit: break;
  }
  return heard(BusFault::malformed, "the reply announces too many bytes");
}

template <typename Request>
BusReply RtuBus::lost(const Request& request) {
  line_.close();
  return failed_reply(request, BusFault::port_lost, line_.why_lost());
}

void RtuBus::expect_late_reply(std::uint8_t unit, Duration longest) {
  late_units_.set(unit);
  late_.arm(longest);
}

}  // namespace davy
