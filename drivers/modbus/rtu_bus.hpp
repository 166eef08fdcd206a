#pragma once

#include <bitset>

#include "drivers/api/register_bus.hpp"
#include "drivers/modbus/rtu_line.hpp"
#include "drivers/modbus/rtu_reader.hpp"
#include "drivers/modbus/wait_timer.hpp"

namespace davy {

// Modbus RTU on a serial line, or through a serial server. Before every request the line has been silent for
// t3.5, counted from the last character received, or for longer where the device asked before needs a pause;
// everything that came in between is dropped. A reply's time-out counts from the request's last character,
// also where the port was slow to send it.
//
// RTU frames carry no number that ties a reply to its request. A reply is taken only if unit, function and
// byte count fit and its checksum is right; and a unit that has timed out is not asked again before it was
// silent for its reply time-out once more, or for late_within where that is longer. So a reply has to be
// later than that to be mistaken: set reply_timeout above the device's worst time.
class RtuBus final : public RegisterBus {
 public:
  explicit RtuBus(RtuSettings settings);

  BusReply read(const RegisterRead& request, std::span<std::uint16_t> out) override;
  BusReply write(const RegisterWrite& request) override;

 private:
  enum class Line { silent, babbling, lost };
  Line await_silence(std::uint8_t unit);
  // For a RegisterRead or RegisterWrite; a write's `out` is empty.
  template <typename Request>
  BusReply ask(const Request& request, std::span<std::uint16_t> out);
  template <typename Request>
  BusReply exchange(const Request& request, std::span<std::uint16_t> out);
  template <typename Request>
  BusReply await_reply(const Request& request, std::span<std::uint16_t> out);
  bool receive();
  template <typename Request>
  BusReply judge(const Request& request, const Received& received, std::span<std::uint16_t> out);
  template <typename Request>
  BusReply lost(const Request& request);
  void expect_late_reply(std::uint8_t unit, Duration longest);

  const RtuSettings settings_;
  RtuLine line_;
  RtuReader reader_;
  WaitTimer silence_;   // until the line may be used
  WaitTimer deadline_;  // of the reply being waited for
  WaitTimer gap_;       // until what has begun counts as ended
  WaitTimer late_;      // until which late replies of late_units_ may still come
  std::bitset<256> late_units_;
};

}  // namespace davy
