#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "proto/base/clock.hpp"

namespace davy {

// Who may use a bus's fast lane. Inputs of locks always. Points near a limit use up to half of the bus's
// time, and points beyond one up to three quarters, but only time that the others' own periods leave over.
class FastLane {
 public:
  // `ordinary_load`: the share of the bus's time that all points take at their own periods.
  FastLane(Duration period, std::size_t devices, double ordinary_load);

  // What a device's fast round costs from now on, 0 for none.
  void take(std::size_t device, std::chrono::microseconds cost);
  // Is there room for another `cost` of this device, in place of what it has?
  bool has_room(std::size_t device, std::chrono::microseconds cost, bool beyond_limit) const;
  Duration period() const { return period_; }

 private:
  const Duration period_;
  const std::chrono::microseconds near_max_;
  const std::chrono::microseconds beyond_max_;
  std::chrono::microseconds taken_{0};
  std::vector<std::chrono::microseconds> shares_;  // by device
};

}  // namespace davy
