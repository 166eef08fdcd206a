#include "gateway/scan/limit_judge.hpp"

#include <algorithm>

#include "proto/base/assert.hpp"

namespace davy {
namespace {

bool is_beyond(const Limit& limit, const Reading& reading) {
  const Validity end_of_range = limit.side == Side::high ? Validity::over_range : Validity::under_range;
  return reading.quality.validity == end_of_range || beyond(limit, reading.value);
}

}  // namespace

Reading within_range(const Point& point, Reading reading) {
  if (reading.quality.validity != Validity::good || point.range_low >= point.range_high) return reading;
  if (reading.value > point.range_high) reading.quality.validity = Validity::over_range;
  if (reading.value < point.range_low) reading.quality.validity = Validity::under_range;
  return reading;
}

LimitMemory judge(std::span<const Limit> limits, LimitMemory memory, const Reading& reading) {
  if (!has_value(reading.quality.validity)) return memory;
  static_assert(limits_per_point_max <= 64, "one bit a limit");
  DAVY_ASSERT(limits.size() <= limits_per_point_max);
  std::uint64_t bit = 1;
  for (const Limit& limit : limits) {
    if (is_beyond(limit, reading)) {
      memory.raised |= bit;
    } else if (may_clear(reading.quality) && inside_clear(limit, reading.value)) {
      memory.raised &= ~bit;
    }
    bit <<= 1U;
  }
  return memory;
}

LimitState worst(std::span<const Limit> limits, LimitMemory memory) {
  LimitState out = LimitState::none;
  std::uint64_t bit = 1;
  for (const Limit& limit : limits) {
    if ((memory.raised & bit) != 0) out = std::max(out, limit.level);
    bit <<= 1U;
  }
  return out;
}

}  // namespace davy
