#pragma once

#include "proto/base/clock.hpp"

namespace davy {

// The machine's clocks. The only place in Davy that reads them.
class SystemClock final : public Clock {
 public:
  SteadyTime steady() const override;
  WallTime wall() const override;
  // Steady time as fine as it is kept, from the same zero as steady(): for gaps between characters on a wire.
  std::chrono::microseconds steady_us() const;
};

}  // namespace davy
