#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "proto/base/clock.hpp"
#include "proto/wire/messages.hpp"

namespace davy {

// Asks gateways for births the host does not know: at once, then ever more rarely while blocks that need it
// keep coming.
class RebirthRequests {
 public:
  static constexpr Duration wait_min{2000};
  static constexpr Duration wait_max{60000};
  static constexpr std::size_t requests_max = 1024;

  // A block needs this birth; all zero: the one in force. The command to send, unless it was sent not long
  // ago.
  std::optional<Command> want(const std::string& gateway, const Hash& birth, Now now);
  // It came.
  void satisfied(const std::string& gateway, const Hash& birth);

 private:
  struct Request {
    SteadyTime next;
    Duration wait;
  };
  std::map<std::pair<std::string, Hash>, Request> requests_;
  std::uint64_t made_ = 0;
};

}  // namespace davy
