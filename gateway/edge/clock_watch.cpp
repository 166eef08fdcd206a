#include "gateway/edge/clock_watch.hpp"

#include <chrono>

namespace davy {

std::optional<Duration> ClockWatch::moved(Now now) {
  const Duration by = (now.wall - last_.wall) - (now.steady - last_.steady);
  last_ = now;
  if (std::chrono::abs(by) <= step_min) return std::nullopt;
  return by;
}

}  // namespace davy
