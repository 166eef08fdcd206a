#pragma once

#include <string>

#include "proto/base/clock.hpp"

namespace davy {

// Reads one bus, whatever its kind. Called only from that bus's thread, or by a simulation.
class Scanner {
 public:
  virtual ~Scanner() = default;
  // Does what is due and what has come in, and says when it wants to be called again: often at once.
  virtual SteadyTime step(Now now) = 0;
  virtual const std::string& bus_name() const = 0;
  virtual void log_counters() const = 0;  // for whoever looks into the log why a device was bad
};

}  // namespace davy
