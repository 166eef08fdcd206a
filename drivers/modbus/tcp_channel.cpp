#include "drivers/modbus/tcp_channel.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include <sys/socket.h>
#include <unistd.h>

#include "drivers/modbus/frame.hpp"
#include "drivers/modbus/port_errors.hpp"
#include "drivers/modbus/tcp_connect.hpp"
#include "proto/base/assert.hpp"

namespace davy {
namespace {

constexpr Duration connect_wait_max{1000};
constexpr Duration delivery_slack{500};  // a frame may be spread over packets
// So many time-outs in a row and the other end may have gone without a word.
constexpr int silent_max = 3;

std::array<std::uint8_t, tcp_header_size + request_pdu_size> frame_of(std::uint16_t transaction,
                                                                      const RegisterRequest& what) {
  const std::uint8_t unit = std::visit([](const auto& request) { return request.unit; }, what);
  const auto pdu = std::visit([](const auto& request) { return request_pdu(request); }, what);
  std::array<std::uint8_t, tcp_header_size + request_pdu_size> frame{
      static_cast<std::uint8_t>(transaction >> 8U),
      static_cast<std::uint8_t>(transaction & 0xFFU),
      0,
      0,
      0,
      1 + request_pdu_size,
      unit};
  std::ranges::copy(pdu, frame.begin() + tcp_header_size);
  return frame;
}

}  // namespace

TcpChannel::TcpChannel(TcpSettings settings, SocketWatch& watch)
    : settings_{std::move(settings)}, watch_{watch} {}

TcpChannel::~TcpChannel() { close(); }

void TcpChannel::ask(std::uint32_t ticket, const RegisterRequest& request) {
  DAVY_ASSERT(room() > 0);
  const auto* read = std::get_if<RegisterRead>(&request);
  DAVY_ASSERT(read == nullptr || (read->count > 0 && reply_byte_count(*read) <= 250));
  requests_.push_back({.ticket = ticket, .what = request});
}

void TcpChannel::step(SteadyTime now, ReplySink& sink) {
  if (state_ == State::open)
    receive(now);  // notices a connection closed while idle before it costs a reading
  if (state_ == State::closed && !requests_.empty()) start_connecting(now);
  if (state_ == State::connecting) finish_connecting(now);
  if (state_ == State::open) send_waiting(now);
  check_deadlines(now);
  for (const Ended& ended : std::exchange(ended_, {}))
    sink.on_reply(ended.ticket, ended.reply, ended.registers);
}

SteadyTime TcpChannel::next_due() const {
  if (state_ == State::closed) return requests_.empty() ? never : SteadyTime::min();
  SteadyTime due = std::min(connect_deadline_, part_deadline_);
  for (const Request& request : requests_) {
    if (request.sent) due = std::min(due, request.deadline);
    if (!request.sent && state_ == State::open) due = std::min(due, quiet_until_);
  }
  return due;
}

void TcpChannel::start_connecting(SteadyTime now) {
  const auto socket = begin_connect(settings_);
  if (!socket) return give_up(BusFault::port_lost, socket.error().message);
  socket_ = *socket;
  watch_.watch(socket_, true);
  state_ = State::connecting;
  connect_deadline_ = now + connect_wait_max;
}

void TcpChannel::finish_connecting(SteadyTime now) {
  const int error = connect_state(socket_);
  if (error == EINPROGRESS && now < connect_deadline_) return;
  if (error != 0) {
    return give_up(BusFault::port_lost, explain_tcp(settings_, error == EINPROGRESS ? ETIMEDOUT : error));
  }
  state_ = State::open;
  connect_deadline_ = never;
  silent_in_a_row_ = 0;
  watch_.watch(socket_, false);
}

void TcpChannel::receive(SteadyTime now) {
  std::array<std::uint8_t, 4 * tcp_frame_max> buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  for (;;) {
    const ssize_t got = ::recv(socket_, buffer.data(), buffer.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) break;
    if (got <= 0) {
      // Many devices close an idle connection: that alone is no fault.
      if (!any_sent()) return close();
      return give_up(BusFault::port_lost, explain_tcp(settings_, got < 0 ? errno : ECONNRESET));
    }
    reader_.add(std::span{buffer}.first(static_cast<std::size_t>(got)));
    while (const auto frame = reader_.next()) {
      part_deadline_ = never;
      take(*frame, now);
      if (state_ != State::open) return;
    }
    if (reader_.is_broken()) return give_up(BusFault::malformed, "what came is no Modbus TCP frame");
    if (reader_.has_part() && part_deadline_ == never) part_deadline_ = now + delivery_slack;
  }
}

void TcpChannel::take(const MbapFrame& frame, SteadyTime now) {
  const auto at = std::ranges::find_if(
      requests_, [&](const Request& r) { return r.sent && r.transaction == frame.transaction; });
  if (at == requests_.end()) return;  // a late reply
  silent_in_a_row_ = 0;
  const auto index = static_cast<std::size_t>(at - requests_.begin());
  std::visit(
      [&](const auto& request) {
        quiet_until_ = now + request.pause_after;
        if (frame.unit != request.unit) {
          return end(index, failed_reply(request, BusFault::wrong_unit,
                                         "unit " + std::to_string(frame.unit) +
                                             " answered instead: is the unit id right for this device?"));
        }
        std::vector<std::uint16_t> registers(reply_register_count(request));
        BusReply reply = unpack_reply(request, frame.pdu, registers);
        // Milliseconds are what the clock here tells; half of one is in it on average.
        reply.turnaround = (now - at->sent_at) + std::chrono::microseconds{500};
        if (!reply.ok()) registers.clear();
        const bool malformed = reply.fault == BusFault::malformed;
        end(index, std::move(reply), std::move(registers));
        if (malformed) give_up(BusFault::port_lost, "the connection was out of step and is made anew");
      },
      RegisterRequest{at->what});
}

void TcpChannel::send_waiting(SteadyTime now) {
  for (Request& request : requests_) {
    if (request.sent) continue;
    if (now < quiet_until_) return;
    request.transaction = ++transaction_;
    const auto frame = frame_of(request.transaction, request.what);
    const ssize_t sent = ::send(socket_, frame.data(), frame.size(), MSG_NOSIGNAL);
    if (sent != static_cast<ssize_t>(frame.size()))
      return give_up(BusFault::port_lost, explain_tcp(settings_, sent < 0 ? errno : EPIPE));
    request.sent = true;
    request.sent_at = now;
    request.deadline =
        now + std::visit([](const auto& r) { return r.reply_timeout; }, request.what) + Duration{1};
  }
}

void TcpChannel::check_deadlines(SteadyTime now) {
  if (now >= part_deadline_) return give_up(BusFault::short_frame, "the reply began and did not end");
  for (std::size_t i = requests_.size(); i-- > 0;) {
    if (now < requests_[i].deadline || reader_.has_part()) continue;
    std::visit(
        [&](const auto& request) {
          end(i, failed_reply(request, BusFault::timeout,
                              "no reply within " + std::to_string(request.reply_timeout.count()) +
                                  " ms: device without power, wrong unit id, or a broken wire behind it"));
        },
        RegisterRequest{requests_[i].what});
    silent_in_a_row_ += 1;
  }
  if (silent_in_a_row_ < silent_max) return;
  silent_in_a_row_ = 0;
  give_up(BusFault::port_lost, "nothing has answered on this connection; it is made anew");
}

void TcpChannel::end(std::size_t request, BusReply reply, std::vector<std::uint16_t> registers) {
  ended_.push_back({requests_[request].ticket, std::move(reply), std::move(registers)});
  requests_.erase(requests_.begin() + static_cast<std::ptrdiff_t>(request));
}

void TcpChannel::give_up(BusFault fault, std::string_view why) {
  close();
  while (!requests_.empty()) {
    BusReply reply =
        std::visit([&](const auto& request) { return failed_reply(request, fault, why); }, requests_[0].what);
    end(0, std::move(reply));
  }
}

void TcpChannel::close() {
  if (socket_ >= 0) {
    watch_.forget(socket_);
    ::close(std::exchange(socket_, -1));
  }
  state_ = State::closed;
  connect_deadline_ = part_deadline_ = never;
  reader_.clear();
}

bool TcpChannel::any_sent() const { return std::ranges::any_of(requests_, &Request::sent); }

}  // namespace davy
