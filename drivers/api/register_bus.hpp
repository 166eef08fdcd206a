#pragma once

#include <cstdint>
#include <span>

#include "proto/base/clock.hpp"
#include "proto/base/result.hpp"
#include "proto/wire/profile.hpp"

namespace davy {

// One read request to one device: `count` bits or registers from `address` on.
struct RegisterRead {
  std::uint8_t unit = 1;
  RegisterTable table{};
  std::uint16_t address = 0;
  std::uint16_t count = 0;
  Duration reply_timeout{300};
};

// Why a read failed, told apart because each means something else to the person who has to mend it.
enum class BusFault : std::uint8_t {
  none,
  timeout,      // nothing came: device dead, wrong unit id, broken wire
  crc,          // something came, damaged: noise, two devices answering, wrong baud rate
  wrong_unit,   // a whole reply from another device, often a late one
  short_frame,  // fewer bytes than the reply announced
  exception,    // the device answers and refuses; `exception` tells the code
  malformed,    // a whole reply that does not fit the request
  port_lost,    // the port or connection itself is gone
};
const char* to_string(BusFault fault);

struct BusReply {
  BusFault fault = BusFault::none;
  std::uint8_t exception = 0;  // Modbus exception code 1..11
  std::string message;         // for a person; empty on success

  bool ok() const { return fault == BusFault::none; }
};

// One Modbus bus: a serial line or a TCP connection. Blocking, for at most the reply time-out; called only
// from that bus's thread. Opens its port when needed and says port_lost when it cannot. Never retries, never
// throws; a late reply to an earlier request is never taken for this one.
class RegisterBus {
 public:
  virtual ~RegisterBus() = default;
  // Fills out[0..count): registers as read, or 0/1 for bits. On a fault `out` is untouched.
  virtual BusReply read(const RegisterRead& request, std::span<std::uint16_t> out) = 0;
};

}  // namespace davy
