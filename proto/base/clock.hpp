#pragma once

#include <chrono>

namespace davy {

using Duration = std::chrono::milliseconds;

// Two kinds of time that do not mix: the compiler refuses to compare them.
using SteadyTime = std::chrono::time_point<std::chrono::steady_clock, Duration>;
using WallTime = std::chrono::sys_time<Duration>;

// Reads time for the outermost shell only; everything inside takes `now` as an argument.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual SteadyTime steady() const = 0;  // deadlines and retry; its zero means nothing outside this boot
  virtual WallTime wall() const = 0;      // stamps only; may jump; never used for a timeout
};

// Both times of one instant, for a stage that stamps what it does.
struct Now {
  SteadyTime steady;
  WallTime wall;
};

inline Now read(const Clock& clock) { return {clock.steady(), clock.wall()}; }

inline std::int64_t to_ms(WallTime t) { return t.time_since_epoch().count(); }
inline std::int64_t to_ms(SteadyTime t) { return t.time_since_epoch().count(); }
inline WallTime wall_from_ms(std::int64_t ms) { return WallTime{Duration{ms}}; }
inline SteadyTime steady_from_ms(std::int64_t ms) { return SteadyTime{Duration{ms}}; }

// "Nothing due": later than any deadline that is ever set.
inline constexpr SteadyTime never = SteadyTime::max();

}  // namespace davy
