#pragma once

#include <memory>
#include <string>
#include <vector>

#include "drivers/api/socket_watch.hpp"
#include "drivers/can/can_bus.hpp"
#include "drivers/can/can_socket.hpp"

namespace davy {

struct SocketCanSettings {
  std::string interface;
  std::uint32_t bitrate = 0;      // for messages that say how to start the interface; 0: not known
  std::vector<CanFilter> wanted;  // the kernel passes these only; none: everything
};

// A raw socket of Linux's SocketCAN, and beside it a netlink socket that tells when interfaces come and go.
class SocketCan final : public CanSocket {
 public:
  // `watch`, which outlives this, is told of both sockets; none for who waits in wait().
  explicit SocketCan(SocketCanSettings settings, SocketWatch* watch = nullptr);
  ~SocketCan() override;
  SocketCan(const SocketCan&) = delete;
  SocketCan& operator=(const SocketCan&) = delete;

  Status open() override;
  void close() override;
  bool is_open() const override { return socket_ >= 0; }
  CanLink link() const override;
  SocketWake wait(Duration wait_max) override;
  SocketRead receive(SocketFrame& out) override;
  Status send(const CanFrame& frame) override;

 private:
  Status give_up(const std::string& what);
  bool set_options();

  const SocketCanSettings settings_;
  SocketWatch* const poller_;
  int socket_ = -1;
  int watch_ = -1;  // netlink
};

std::unique_ptr<CanBus> make_can_bus(SocketCanSettings settings, const Clock& clock,
                                     SocketWatch* watch = nullptr);

}  // namespace davy
