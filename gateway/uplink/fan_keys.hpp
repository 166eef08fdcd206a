#pragma once

#include <string>
#include <vector>

#include "proto/wire/messages.hpp"

namespace davy {

struct FanKeyAsk {
  std::string command;  // its id: the answer names it
  std::string lock;
  std::string user;
  std::string reason;
  bool give_back = false;
};

// Who opens fan locks by key: the local locks, which run on a thread of their own. Called on the uplink's
// thread; never blocks.
class FanKeys {
 public:
  virtual ~FanKeys() = default;
  // False: too many wait already. The answer comes with take_answers(), of which the loop is woken.
  [[nodiscard]] virtual bool ask(FanKeyAsk ask) = 0;
  virtual void take_answers(std::vector<Reply>& out) = 0;
};

}  // namespace davy
