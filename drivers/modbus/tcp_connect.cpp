#include "drivers/modbus/tcp_connect.hpp"

#include <cerrno>
#include <memory>
#include <string>

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "drivers/modbus/port_errors.hpp"
#include "proto/base/freed.hpp"

namespace davy {
namespace {

using Addresses = std::unique_ptr<addrinfo, Freed<&::freeaddrinfo>>;

Addresses look_up(const TcpSettings& server) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (::getaddrinfo(server.host.c_str(), std::to_string(server.port).c_str(), &hints, &found) != 0) return {};
  return Addresses{found};
}

}  // namespace

Result<int> begin_connect(const TcpSettings& server) {
  const Addresses addresses = look_up(server);
  int error = EADDRNOTAVAIL;  // nobody knows the name
  for (const addrinfo* a = addresses.get(); a != nullptr; a = a->ai_next) {
    const int socket = ::socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (socket < 0) {
      error = errno;
      continue;
    }
    const int yes = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    ::setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &yes, sizeof yes);
    if (::connect(socket, a->ai_addr, a->ai_addrlen) == 0 || errno == EINPROGRESS) return socket;
    error = errno;
    ::close(socket);
  }
  return fail(Errc::disconnected, explain_tcp(server, error));
}

int connect_state(int socket) {
  pollfd poll{.fd = socket, .events = POLLOUT, .revents = 0};
  if (::poll(&poll, 1, 0) <= 0) return EINPROGRESS;
  int error = 0;
  socklen_t size = sizeof error;
  return ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) != 0 ? errno : error;
}

}  // namespace davy
