#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "drivers/api/register_bus.hpp"
#include "proto/base/clock.hpp"

namespace davy {

// Takes the replies of a channel.
class ReplySink {
 public:
  virtual ~ReplySink() = default;
  // `registers` lives as long as the call; empty on a fault and after a write. May ask the channel again.
  virtual void on_reply(std::uint32_t ticket, const BusReply& reply,
                        std::span<const std::uint16_t> registers) = 0;
};

// One Modbus bus that is asked without waiting for the answer, so that one thread can serve many. A late
// reply to an earlier request is never taken for this one. Never throws; called from one thread only.
class RegisterChannel {
 public:
  virtual ~RegisterChannel() = default;
  // How many more requests it takes now.
  virtual std::size_t room() const = 0;
  // Only while there is room(). Every request ends in exactly one on_reply(), in any order.
  virtual void ask(std::uint32_t ticket, const RegisterRequest& request) = 0;
  // Moves on what is under way; on a channel that blocks, for as long as one exchange takes.
  virtual void step(SteadyTime now, ReplySink& sink) = 0;
  // When step() is wanted though nothing has come in: never, when nothing is under way.
  virtual SteadyTime next_due() const = 0;
};

}  // namespace davy
