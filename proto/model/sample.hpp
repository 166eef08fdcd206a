#pragma once

#include <cstdint>
#include <limits>

#include "proto/base/clock.hpp"
#include "proto/model/point.hpp"
#include "proto/model/quality.hpp"

namespace davy {

// One reading of one point. A failed read is a Sample too: quality says why.
struct Sample {
  PointIndex point{};
  double value = std::numeric_limits<double>::quiet_NaN();  // NaN unless has_value(quality.validity)
  Quality quality;
  WallTime source_time;  // when the sensor's reply arrived, not when it was sent
};

}  // namespace davy
