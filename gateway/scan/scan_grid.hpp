#pragma once

#include <algorithm>
#include <cstdint>

#include "proto/base/clock.hpp"

namespace davy {

// When something is due every period: a grid that never drifts. A round that could not be kept is skipped and
// counted, never made up for.
class ScanGrid {
 public:
  ScanGrid(SteadyTime first, Duration period) : period_{period}, due_{first} {}

  SteadyTime due() const { return due_; }
  bool is_due(SteadyTime now) const { return now >= due_; }
  // This round is being served: the next one is the first on the grid after now.
  void take(SteadyTime now) {
    const auto missed = std::max<std::int64_t>((now - due_) / period_, 0);
    missed_ += static_cast<std::uint64_t>(missed);
    due_ += (missed + 1) * period_;
  }
  std::uint64_t missed() const { return missed_; }

 private:
  Duration period_;
  SteadyTime due_;
  std::uint64_t missed_ = 0;
};

}  // namespace davy
