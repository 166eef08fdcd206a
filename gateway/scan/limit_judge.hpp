#pragma once

#include <cstdint>
#include <span>

#include "drivers/api/reading.hpp"
#include "proto/model/point.hpp"
#include "proto/wire/limits.hpp"

namespace davy {

// The reading as the point's own measuring range sees it: a number beyond its ends is over or under range,
// also where the device and its profile think nothing of it. A point without a range (low and high equal) has
// no ends.
Reading within_range(const Point& point, Reading reading);

// Which limits of one point are raised; bit i belongs to limits[i]. Starts with none raised: what was raised
// before a restart is for the host's alarms to remember, here the first reading decides.
struct LimitMemory {
  std::uint64_t raised = 0;

  bool operator==(const LimitMemory&) const = default;
};

// A reading raises what it is beyond, whatever is being done to the sensor. It clears only what it is inside
// the clear limit of, and only if it may_clear(): a dying or calibrated sensor ends nothing. Over-range is
// beyond every high limit and under-range beyond every low one, whatever the number says.
LimitMemory judge(std::span<const Limit> limits, LimitMemory memory, const Reading& reading);

// The worst level among the raised ones.
LimitState worst(std::span<const Limit> limits, LimitMemory memory);

}  // namespace davy
