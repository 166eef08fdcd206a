#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <random>

#include "proto/base/clock.hpp"

namespace davy {

// How long to wait before the next try to connect. Doubles with every failure and is drawn by chance from its
// upper half, so that gateways that lost one broker together do not come back together. Starts over only
// after a connection has been up for stable_after: a broker that takes us and drops us at once must not be
// hammered.
class Backoff {
 public:
  static constexpr Duration first_max{4'000};
  static constexpr Duration wait_max{60'000};
  static constexpr Duration stable_after{30'000};

  explicit Backoff(std::uint64_t seed) : random_{seed} {}

  void on_up(SteadyTime now) { up_since_ = now; }
  // Down or refused: wait this long.
  Duration on_down(SteadyTime now) {
    if (up_since_ && now - *up_since_ >= stable_after) ceiling_ = first_max;
    up_since_.reset();
    const auto whole = static_cast<std::uint64_t>(ceiling_.count());
    // The very first try after a stable link may come at once: most breaks are short.
    const std::uint64_t low = ceiling_ == first_max ? 0 : whole / 2;
    const Duration wait{static_cast<std::int64_t>(low + random_() % (whole - low + 1))};
    ceiling_ = std::min(2 * ceiling_, wait_max);
    return wait;
  }

 private:
  std::mt19937_64 random_;
  Duration ceiling_ = first_max;
  std::optional<SteadyTime> up_since_;
};

}  // namespace davy
