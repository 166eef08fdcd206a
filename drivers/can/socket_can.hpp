#pragma once

#include <memory>
#include <string>
#include <vector>

#include "drivers/can/can_bus.hpp"
#include "drivers/can/can_socket.hpp"

namespace davy {

struct CanSettings {
  std::string interface;
  std::vector<CanFilter> wanted;  // the kernel passes these only; none: everything
};

// A raw socket of Linux's SocketCAN, and beside it a netlink socket that tells when interfaces come and go.
class SocketCan final : public CanSocket {
 public:
  explicit SocketCan(CanSettings settings);
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

  const CanSettings settings_;
  int socket_ = -1;
  int watch_ = -1;  // netlink
};

std::unique_ptr<CanBus> make_can_bus(CanSettings settings, const Clock& clock);

}  // namespace davy
