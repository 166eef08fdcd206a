#pragma once

#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "proto/wire/rig_config.hpp"

namespace davy::rig {

// The relays of a rig, switched by whoever reads its devices, and when each was switched: what hangs on one
// can be told for any moment, like everything else in the air. One thread.
class RigRelays {
 public:
  void add(const RelaySettings& relay);
  void set(const std::string& name, bool on, double t);

  bool is_on(const std::string& name, double t) const;
  // The first moment from `from` on at which the relay is off; never: it stays on for all that is known.
  double first_off(const std::string& name, double from) const;
  static constexpr double never = std::numeric_limits<double>::infinity();

  // What was switched since the last call, in words.
  std::vector<std::string> take_news() { return std::exchange(news_, {}); }

 private:
  struct Relay {
    const RelaySettings* settings = nullptr;
    std::vector<std::pair<double, bool>> changes;  // from when on which; the first is the start
  };
  std::map<std::string, Relay> relays_;
  std::vector<std::string> news_;
};

}  // namespace davy::rig
