#pragma once

#include <optional>

#include "proto/base/clock.hpp"
#include "proto/model/block.hpp"

namespace davy {

// No Davy gateway ran before this day: an earlier wall clock has not been set since power-up. Moved on with
// releases by hand, so that a build gives the same bytes every time.
inline constexpr WallTime davy_exists_since = std::chrono::sys_days{std::chrono::year{2026} / 11 / 1};

// How far the wall clock can be trusted; `disciplined`: the machine says NTP or the like steers it.
constexpr ClockQuality clock_quality(WallTime wall, bool disciplined) {
  if (wall < davy_exists_since) return ClockQuality::unset;
  return disciplined ? ClockQuality::synced : ClockQuality::free;
}

// Finds steps of the wall clock by holding it against the steady one. Slewing, however far it leads in the
// end, is none: only what moved since the last look counts.
class ClockWatch {
 public:
  static constexpr Duration step_min{1000};

  explicit ClockWatch(Now now) : last_{now} {}

  // How far the wall clock was moved since the last call, forward positive, if by more than step_min.
  std::optional<Duration> moved(Now now);

 private:
  Now last_;
};

}  // namespace davy
