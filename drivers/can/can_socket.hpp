#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "drivers/can/can_frame.hpp"
#include "proto/base/result.hpp"

namespace davy {

// What the kernel says of the interface.
enum class CanLink : std::uint8_t {
  absent,   // no such interface
  down,     // switched off by somebody
  stopped,  // up, but its controller is off the bus
  up,
};

// One frame out of the socket, unjudged.
struct SocketFrame {
  CanFrame frame;
  bool is_error = false;         // then frame.id.number are the error classes
  std::int64_t stamp_ns = 0;     // the system's clock at its arrival; 0: not told
  std::int64_t hardware_ns = 0;  // the controller's own clock, whose zero means nothing; 0: it has none
  std::optional<std::uint32_t> dropped;  // by the kernel since the socket was opened; wraps
};

enum class SocketWake : std::uint8_t { readable, link_changed, nothing };
enum class SocketRead : std::uint8_t { frame, nothing, lost };

// A raw CAN socket, without any judgement: the seam to the kernel. Blocks only in wait().
class CanSocket {
 public:
  virtual ~CanSocket() = default;
  virtual Status open() = 0;  // the error tells a technician which interface, why, and what to do
  virtual void close() = 0;
  virtual bool is_open() const = 0;
  virtual CanLink link() const = 0;
  // Whether open or not; at most so long. Any interface's change is told.
  virtual SocketWake wait(Duration wait_max) = 0;
  virtual SocketRead receive(SocketFrame& out) = 0;
  virtual Status send(const CanFrame& frame) = 0;
};

}  // namespace davy
