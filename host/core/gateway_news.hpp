#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "host/alarm/alarm.hpp"
#include "proto/base/clock.hpp"

namespace davy {

// Which gateways' status has to be told: what a person waits for at once, counters that move all the time
// once a second. Counts their blind points as well, from the journal.
class GatewayNews {
 public:
  static constexpr Duration distance{1000};

  void changed(const std::string& gateway, bool at_once);
  void take(const Alarm& alarm);  // as it stands now

  std::vector<std::string> take_due(SteadyTime now);
  SteadyTime next_due() const;
  std::size_t blind_points(const std::string& gateway) const;

 private:
  struct News {
    bool changed = false;
    SteadyTime due = SteadyTime::min();
    std::set<std::string> blind;  // occurrences
  };
  std::map<std::string, News> gateways_;
};

}  // namespace davy
