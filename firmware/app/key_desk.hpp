#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "gateway/interlock/interlock.hpp"
#include "gateway/uplink/fan_keys.hpp"
#include "proto/base/inbox.hpp"

namespace davy {

// Between the main loop, where commands come in, and the thread of the locks, which decides.
class KeyDesk final : public FanKeys {
 public:
  // Both are called on the thread of the other side: `wake_loop` on that of the locks.
  KeyDesk(std::function<void()> wake_locks, std::function<void()> wake_loop);

  // The main loop.
  [[nodiscard]] bool ask(FanKeyAsk ask) override { return asked_.push(std::move(ask)); }
  void take_answers(std::vector<Reply>& out) override { answers_.drain(out); }

  // The thread of the locks, before a step of them.
  void serve(Interlock& locks, Now now);

 private:
  Inbox<FanKeyAsk> asked_;
  Inbox<Reply> answers_;
  std::vector<FanKeyAsk> taken_;
};

}  // namespace davy
