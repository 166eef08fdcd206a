#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>

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
  Duration reply_timeout{300};  // from the end of the request to the first character of the reply
  Duration late_within{0};      // a reply may come so long after the request; 0: reply_timeout says it
  Duration pause_after{0};      // silence this device needs after its reply; t3.5 is kept in any case
};

// Writes one coil (0 or 1) or one holding register: how an output is switched. There is no writing of more at
// once; an output is one thing.
struct RegisterWrite {
  std::uint8_t unit = 1;  // never 0: nobody answers a broadcast
  RegisterTable table{};  // coil or holding
  std::uint16_t address = 0;
  std::uint16_t value = 0;
  Duration reply_timeout{300};
  Duration pause_after{0};
};

using RegisterRequest = std::variant<RegisterRead, RegisterWrite>;

// Why a read or write failed, told apart because each means something else to the person who has to mend it.
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
  std::uint8_t exception = 0;               // Modbus exception code 1..11
  std::string message;                      // for a person; empty on success
  std::chrono::microseconds turnaround{0};  // end of the request to the reply; 0: not measured

  bool ok() const { return fault == BusFault::none; }
};

// "unit 3, input registers 0 to 4": what was asked, for messages.
std::string describe(const RegisterRead& request);
std::string describe(const RegisterWrite& request);  // "unit 3, coil 7 to 1"
// What a Modbus exception code says, in words.
std::string_view exception_meaning(std::uint8_t code);
// A failed reply whose message names the request, the fault and `detail`.
BusReply failed_reply(const RegisterRead& request, BusFault fault, std::string_view detail);
BusReply failed_reply(const RegisterWrite& request, BusFault fault, std::string_view detail);
BusReply exception_reply(const RegisterRead& request, std::uint8_t code);
BusReply exception_reply(const RegisterWrite& request, std::uint8_t code);

// One Modbus bus: a serial line or a TCP connection. Blocking, for about the reply time-out at most (and, for
// the first read after a loss, the time to open the port or connection); called only from that bus's thread.
// Opens its port when needed and says port_lost when it cannot. Never retries, never throws; a late reply to
// an earlier request is never taken for this one.
class RegisterBus {
 public:
  virtual ~RegisterBus() = default;
  // Fills out[0..count): registers as read, or 0/1 for bits. On a fault `out` is untouched.
  virtual BusReply read(const RegisterRead& request, std::span<std::uint16_t> out) = 0;
  // Good when the device has repeated the write as its answer. That is its word only: read it back. After a
  // fault nobody knows whether the device has written.
  virtual BusReply write(const RegisterWrite& request) = 0;
};

}  // namespace davy
