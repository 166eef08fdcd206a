#include "drivers/tags/line_socket.hpp"

#include <algorithm>
#include <cerrno>
#include <memory>
#include <system_error>

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proto/base/freed.hpp"

namespace davy {
namespace {

constexpr std::size_t receive_max = 16 * 1024;  // of one step, so that one peer cannot hold up the loop

using Addresses = std::unique_ptr<addrinfo, Freed<::freeaddrinfo>>;

Addresses address_of(const std::string& host, std::uint16_t port) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &wanted, &found) != 0) return nullptr;
  return Addresses{found};
}

}  // namespace

LineSocket::LineSocket(LineSocketSettings settings)
    : settings_{std::move(settings)}, received_(receive_max, '\0') {}

LineSocket::~LineSocket() {
  if (socket_ >= 0) ::close(socket_);
}

std::string_view LineSocket::step(SteadyTime now) {
  switch (state_) {
    case State::waiting:
      if (now >= due_) connect(now);
      return {};
    case State::connecting: finish_connect(now); return {};
    case State::connected: return receive(now);
  }
  return {};
}

SteadyTime LineSocket::next_due() const {
  const bool patient = state_ == State::connected && settings_.silent_after == Duration{0};
  return patient ? never : due_;
}

short LineSocket::wanted_events() const {
  if (state_ == State::connecting) return POLLOUT;
  return state_ == State::connected ? POLLIN : 0;
}

void LineSocket::connect(SteadyTime now) {
  const Addresses address = address_of(settings_.host, settings_.port);
  if (!address) {
    return give_up(now, "tag reader " + settings_.host + ": is no IP address; names are not looked up");
  }
  socket_ = ::socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket_ < 0) return give_up(now, explain(errno));
  const int on = 1;
  // A peer without power is noticed by the kernel, too.
  ::setsockopt(socket_, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  state_ = State::connecting;
  due_ = now + settings_.connect_wait_max;
  if (::connect(socket_, address->ai_addr, address->ai_addrlen) == 0) return on_connected(now);
  if (errno != EINPROGRESS) give_up(now, explain(errno));
}

void LineSocket::finish_connect(SteadyTime now) {
  pollfd ready{.fd = socket_, .events = POLLOUT, .revents = 0};
  if (::poll(&ready, 1, 0) > 0) {
    int error = 0;
    socklen_t size = sizeof error;
    if (::getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
    return error == 0 ? on_connected(now) : give_up(now, explain(error));
  }
  if (now >= due_) give_up(now, explain(ETIMEDOUT));
}

void LineSocket::on_connected(SteadyTime now) {
  state_ = State::connected;
  ++connections_;
  has_received_ = false;
  message_.clear();
  due_ = now + settings_.silent_after;
}

std::string_view LineSocket::receive(SteadyTime now) {
  const ssize_t size = ::recv(socket_, received_.data(), received_.size(), 0);
  if (size > 0) {
    // Only who sends something is worth a quick second try: one that accepts and closes is not.
    retry_wait_ = Duration{0};
    has_received_ = true;
    due_ = now + settings_.silent_after;
    return std::string_view{received_}.substr(0, static_cast<std::size_t>(size));
  }
  if (size == 0) {
    give_up(now, explain(ECONNRESET));
  } else if (errno != EAGAIN && errno != EINTR) {
    give_up(now, explain(errno));
  } else if (settings_.silent_after > Duration{0} && now >= due_) {
    give_up(now, "tag reader " + settings_.host + " port " + std::to_string(settings_.port) +
                     ": silent for " + std::to_string(settings_.silent_after.count()) +
                     " ms; is it powered, and is the cable in?");
  }
  return {};
}

void LineSocket::give_up(SteadyTime now, const std::string& why) {
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
  state_ = State::waiting;
  ++failures_;
  message_ = why;
  retry_wait_ = std::clamp(retry_wait_ * 2, settings_.retry_wait_min, settings_.retry_wait_max);
  due_ = now + retry_wait_;
}

std::string LineSocket::explain(int error) const {
  const std::string peer = "tag reader " + settings_.host + " port " + std::to_string(settings_.port) + ": ";
  switch (error) {
    case ECONNREFUSED:
      return peer + "refused; is this its port, and does another program hold its connection?";
    case ETIMEDOUT: return peer + "does not answer; is it powered, and is the cable in?";
    case EHOSTUNREACH:
    case ENETUNREACH: return peer + "no way there; check the network cable and the addresses of both ends";
    case ECONNRESET:
    case EPIPE: return peer + "has closed the connection";
    default: return peer + std::generic_category().message(error);
  }
}

}  // namespace davy
