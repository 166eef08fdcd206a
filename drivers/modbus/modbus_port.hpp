#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <variant>

#include "drivers/modbus/frame.hpp"
#include "proto/base/result.hpp"
#include "proto/wire/gateway_config.hpp"

namespace davy {

using ModbusEndpoint = std::variant<RtuSettings, TcpSettings>;

// How the attempt to receive one frame ended.
enum class Arrival {
  frame,       // whole, and on a serial line with a right checksum
  other_unit,  // whole, from another unit than the one asked (serial line only)
  bad_checksum,
  cut_short,  // it began and did not end in time
  unfit,      // it announces more than a frame can hold
  lost,       // the port or connection is gone
};

struct Received {
  Arrival arrival{};
  // The frame, without checksum: serial lines from the unit on, TCP from the transaction number on. For
  // other_unit the unit alone. Valid until the next receive().
  std::span<const std::uint8_t> bytes;
};

// A serial line or TCP connection through libmodbus: opening, framing and checksums are the library's;
// whether a frame answers what was asked is decided by who calls. The library's own retries and recovery are
// off.
class ModbusPort {
 public:
  explicit ModbusPort(ModbusEndpoint endpoint);
  ~ModbusPort();

  bool is_open() const { return context_ != nullptr; }
  // Errors tell a technician which port, why, and what to do. `connect_wait_max` is for TCP.
  Status open(Duration connect_wait_max);
  void close();
  int descriptor() const;

  // Serial lines only: unit, then request, checksum added. Drops first what has come in and not been read.
  Status send_rtu(std::uint8_t unit, std::span<const std::uint8_t, request_pdu_size> pdu);
  void drop_input();

  // To be called when something is there to read. `unit` matters on serial lines.
  Received receive(std::uint8_t unit, std::chrono::microseconds whole_within);

 private:
  struct Context;
  Status open_serial(const RtuSettings& line);
  Status open_tcp(const TcpSettings& server, Duration connect_wait_max);

  const ModbusEndpoint endpoint_;
  std::unique_ptr<Context> context_;
  std::array<std::uint8_t, tcp_frame_max> buffer_{};
};

}  // namespace davy
