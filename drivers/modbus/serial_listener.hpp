#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "proto/base/result.hpp"
#include "proto/wire/gateway_config.hpp"

namespace davy {

// A serial line that is only listened to: its port is opened for reading, so nothing can be sent. Holds the
// same lock as the buses do, for two readers of one port would each get half. A character with a parity or
// framing error is read as 0, so the checksum of its frame is wrong: wrong settings never look right.
class SerialListener {
 public:
  SerialListener() = default;
  ~SerialListener() { close(); }
  SerialListener(const SerialListener&) = delete;
  SerialListener& operator=(const SerialListener&) = delete;

  // Errors tell a technician which port, why, and what to do; conflict: another program has it.
  Status open(const RtuSettings& line);
  void close();
  int descriptor() const { return descriptor_; }

  // What has come in and was not read yet, maybe nothing; valid until the next call.
  Result<std::span<const std::uint8_t>> read();

 private:
  Status set_up(const RtuSettings& line);

  RtuSettings line_;
  int descriptor_ = -1;
  std::array<std::uint8_t, 512> buffer_{};
};

}  // namespace davy
