#include "proto/link/link_diagnosis.hpp"

#include <cerrno>
#include <cstring>
#include <memory>

#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "proto/link/tls_check.hpp"

namespace davy {
namespace {

constexpr int connect_wait_ms = 3000;
constexpr timeval answer_wait{.tv_sec = 2, .tv_usec = 0};

struct Socket {
  explicit Socket(int fd) : number{fd} {}
  ~Socket() {
    if (number >= 0) ::close(number);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  int number;
};

// 0 or the errno of a connection attempt, with its own bound on waiting.
int try_connect(int socket, const addrinfo& to) {
  if (::connect(socket, to.ai_addr, to.ai_addrlen) == 0) return 0;
  if (errno != EINPROGRESS) return errno;
  pollfd waiting{.fd = socket, .events = POLLOUT, .revents = 0};
  if (::poll(&waiting, 1, connect_wait_ms) == 0) return ETIMEDOUT;
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size);
  return error;
}

std::string address_of(const addrinfo& to) {
  char text[NI_MAXHOST] = "";
  ::getnameinfo(to.ai_addr, to.ai_addrlen, text, sizeof text, nullptr, 0, NI_NUMERICHOST);
  return text;
}

std::string explain(int error) {
  switch (error) {
    case ECONNREFUSED: return "connection refused: no broker listens there";
    case ETIMEDOUT: return "no answer: broker off, cable cut or a firewall between";
    case EHOSTUNREACH:
    case ENETUNREACH: return "unreachable: no way through the network";
    default: return std::strerror(error);
  }
}

}  // namespace

std::string why_unreachable(const LinkSettings& settings) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int code =
      ::getaddrinfo(settings.host.c_str(), std::to_string(settings.port).c_str(), &wanted, &found);
  if (code != 0) return "the name cannot be resolved: " + std::string{::gai_strerror(code)};
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses{found, &::freeaddrinfo};

  std::string first;
  for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
    const Socket socket{::socket(at->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    const int error = socket.number < 0 ? errno : try_connect(socket.number, *at);
    if (error != 0) {
      if (first.empty()) first = explain(error) + " (" + address_of(*at) + ")";
      continue;
    }
    if (!settings.tls) return {};
    ::fcntl(socket.number, F_SETFL, 0);  // blocking from here, with a bound
    ::setsockopt(socket.number, SOL_SOCKET, SO_RCVTIMEO, &answer_wait, sizeof answer_wait);
    ::setsockopt(socket.number, SOL_SOCKET, SO_SNDTIMEO, &answer_wait, sizeof answer_wait);
    return why_handshake_fails(socket.number, settings.host, *settings.tls);
  }
  return first;
}

}  // namespace davy
