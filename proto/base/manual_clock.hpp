#pragma once

#include "proto/base/clock.hpp"

namespace davy {

// The fake beside the port: time stands still until a test moves it. Not thread-safe.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(WallTime wall = wall_from_ms(1'800'000'000'000)) : wall_{wall} {}

  SteadyTime steady() const override { return steady_; }
  WallTime wall() const override { return wall_; }

  void advance(Duration by) {
    steady_ += by;
    wall_ += by;
  }
  // Someone sets the clock: only the wall moves.
  void set_wall(WallTime to) { wall_ = to; }

 private:
  SteadyTime steady_ = steady_from_ms(1'000'000);
  WallTime wall_;
};

}  // namespace davy
