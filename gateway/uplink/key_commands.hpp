#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "gateway/uplink/fan_keys.hpp"
#include "proto/base/clock.hpp"
#include "proto/model/block.hpp"

namespace davy {

// The fan keys among the commands: what is too late, unclear in time or there for the second time never gets
// to the locks. Whether a key may open a lock is the locks' own decision. One thread.
class KeyCommands {
 public:
  // A key is asked for by somebody who waits for the fan: nobody needs longer.
  static constexpr Duration valid_max{120'000};
  // How far in the future a command may be from: the clocks of host and gateway may differ by so much.
  static constexpr Duration ahead_max{60'000};
  static constexpr std::size_t remembered_max = 64;

  void set_keys(FanKeys& keys) { keys_ = &keys; }

  // The answer, when there is one at once; else it comes with take_answers(), once.
  std::optional<Reply> take(const Command& command, ClockQuality clock, Now now);
  void take_answers(std::vector<Reply>& out);

 private:
  struct Taken {
    std::string id;
    std::optional<Reply> answer;
  };
  static std::optional<std::string> untimely(const Command& command, ClockQuality clock, Now now);

  FanKeys* keys_ = nullptr;  // none: this gateway has no local locks
  std::deque<Taken> taken_;  // so that a command that comes twice acts once
};

}  // namespace davy
