#pragma once

#include "proto/base/clock.hpp"

namespace davy {

// The machine's clocks. The only place in Davy that reads them.
class SystemClock final : public Clock {
 public:
  SteadyTime steady() const override;
  WallTime wall() const override;
};

}  // namespace davy
