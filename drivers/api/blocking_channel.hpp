#pragma once

#include <array>
#include <optional>

#include "drivers/api/register_channel.hpp"
#include "proto/base/assert.hpp"

namespace davy {

// A bus that blocks, as a channel: a serial line has room for one request at a time anyway, and a thread of
// its own to wait on. `bus` outlives it.
class BlockingChannel final : public RegisterChannel {
 public:
  explicit BlockingChannel(RegisterBus& bus) : bus_{bus} {}

  std::size_t room() const override { return asked_ ? 0 : 1; }
  void ask(std::uint32_t ticket, const RegisterRequest& request) override {
    DAVY_ASSERT(!asked_);
    asked_ = {ticket, request};
  }
  void step(SteadyTime now, ReplySink& sink) override;
  SteadyTime next_due() const override { return asked_ ? SteadyTime::min() : never; }

 private:
  struct Asked {
    std::uint32_t ticket;
    RegisterRequest request;
  };
  RegisterBus& bus_;
  std::optional<Asked> asked_;
  std::array<std::uint16_t, 2000> registers_{};  // as many bits as a request can name
};

}  // namespace davy
