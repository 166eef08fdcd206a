#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "proto/base/clock.hpp"
#include "proto/base/result.hpp"
#include "proto/wire/gateway_config.hpp"

namespace davy {

// The bytes of an RTU bus: a serial port, opened and set up by libmodbus, or a TCP connection to a serial
// server that passes them on. Knows nothing of frames.
class RtuLine {
 public:
  explicit RtuLine(RtuSettings settings);
  ~RtuLine();
  RtuLine(const RtuLine&) = delete;
  RtuLine& operator=(const RtuLine&) = delete;

  bool is_open() const { return descriptor() >= 0; }
  // Blocks for a serial server that does not answer, connect_wait_max at most. Errors tell a technician which
  // port, why, and what to do.
  Status open();
  void close();
  int descriptor() const;

  // The port does not take it: it is gone.
  bool send(std::span<const std::uint8_t> bytes);
  // What is there, without waiting; 0: nothing. Negative: the port is gone.
  std::ptrdiff_t receive(std::span<std::uint8_t> out);
  // Drops what has come in and not been received.
  void drop_input();
  // Bytes that have been sent to the port and not yet left it.
  std::size_t unsent() const;
  // In words, when the port is gone.
  std::string why_lost() const;

  static constexpr Duration connect_wait_max{1000};

 private:
  struct Port;
  Status open_serial();
  Status open_tcp();

  const RtuSettings settings_;
  std::unique_ptr<Port> port_;
  int socket_ = -1;
};

}  // namespace davy
