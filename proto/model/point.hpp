#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "proto/base/clock.hpp"
#include "proto/model/quality.hpp"

namespace davy {

// A point's place in one birth's table. Means nothing without that birth.
enum class PointIndex : std::uint32_t {};

// AQ 6201 point kinds.
enum class PointKind : std::uint8_t {
  analogue,   // 模拟量: a measured number
  state,      // 开关量: a whole number naming a state; 0 is off
  totaliser,  // 累计量: only ever grows
  control,    // 控制量: an output's read-back
};

enum class Side : std::uint8_t { high, low };

// One limit of one point. Raised when the value is at or beyond `at` for `on_delay`; cleared only when it has
// been inside `clear_at` for `off_delay` with readings that may_clear(). A limit on gas has on_delay zero.
struct Limit {
  Side side = Side::high;
  LimitState level = LimitState::alarm;  // warning, alarm or cut
  double at = 0;
  double clear_at = 0;  // high: <= at; low: >= at
  Duration on_delay{0};
  Duration off_delay{0};
  std::uint8_t priority = 2;  // 1 is the most urgent, 4 the least
  std::string basis;          // standard and clause, or who decided it

  bool operator==(const Limit&) const = default;
};

// Is the value at or beyond the limit? NaN is not: callers judge quality first.
constexpr bool beyond(const Limit& limit, double value) {
  return limit.side == Side::high ? value >= limit.at : value <= limit.at;
}
// Is the value on the safe side of the separate clear limit? "Below 1.0 %" of the standards is strict.
constexpr bool inside_clear(const Limit& limit, double value) {
  return limit.side == Side::high ? value < limit.clear_at : value > limit.clear_at;
}

// A configured measuring point as its gateway describes it in a birth.
struct Point {
  std::string name;      // unique in the mine, such as "N1201-T0"
  std::string title;     // what people call it
  std::string title_en;  // the same in English; may be empty
  std::string place;     // working place or piece of roadway
  std::string place_en;
  std::string quantity;  // CH4, CO, wind_speed, ...: the glossary's names
  std::string unit;      // %CH4, ppm, m/s, ...; empty for a state
  PointKind kind = PointKind::analogue;
  double range_low = 0;
  double range_high = 0;
  Duration period{1000};       // how often it is read
  Duration stale_after{3000};  // older than this, a value is stale
  std::vector<Limit> limits;
  std::string text_on;   // for a state: what non-zero means
  std::string text_off;  // and what zero means
  std::string device;    // bus/device, for whoever has to go there

  bool operator==(const Point&) const = default;
};

}  // namespace davy
