#pragma once

#include <memory>
#include <string>

#include "drivers/can/can_bus.hpp"
#include "drivers/can/can_errors.hpp"
#include "drivers/can/can_socket.hpp"
#include "drivers/can/hardware_stamp.hpp"

namespace davy {

// One CAN interface, kept open: opens it again by itself when it comes back, counts what goes wrong, knows
// how the bus is, and tells when each frame arrived.
//   lost     --(interface up)--------> hearing
//   hearing  --(bus-off)-------------> off       --(restarted, or a frame)--> hearing
//   any      --(down or gone)--------> lost
class CanLine final : public CanBus {
 public:
  CanLine(std::string interface, std::unique_ptr<CanSocket> socket, const Clock& clock)
      : interface_{std::move(interface)}, socket_{std::move(socket)}, clock_{clock} {}

  CanReport read(std::span<CanArrival> out, Duration wait_max) override;
  Status send(const CanFrame& frame) override;
  const CanCounters& counters() const override { return counters_; }

 private:
  bool ensure_open();
  void lose(const std::string& why);
  void look_at_link();
  void change(CanCondition to);
  void receive(std::span<CanArrival> out, CanReport& report);
  void take_error(const SocketFrame& received);
  Now arrival_of(const SocketFrame& received, Now now);
  void count_dropped(const SocketFrame& received);
  CanReport finish(CanReport report);

  const std::string interface_;
  const std::unique_ptr<CanSocket> socket_;
  const Clock& clock_;
  CanCounters counters_;
  CanCondition condition_ = CanCondition::port_lost;
  CanCondition worst_ = CanCondition::port_lost;  // since the last read
  bool was_open_ = false;                         // a first failure to open is no loss
  std::string why_lost_;
  std::string last_errors_;  // what led to bus-off
  std::uint32_t dropped_ = 0;
  HardwareStamp hardware_;
};

}  // namespace davy
