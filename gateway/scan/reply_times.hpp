#pragma once

#include <array>
#include <chrono>
#include <cstdint>

#include "proto/base/clock.hpp"

namespace davy {

// How long one device takes to answer, and so how long it is worth waiting for. Silence costs everybody on a
// bus, so a device that always answers in 10 ms is not given 300: the time-out is twice the longest of its
// last replies and a margin for adapters, never below reply_timeout_min and never above the configured one.
// A device that was silent gets all of it the next time.
inline constexpr Duration reply_timeout_min{50};
inline constexpr Duration reply_timeout_margin{30};
inline constexpr std::uint32_t replies_to_learn = 16;

class ReplyTimes {
 public:
  // Replies by turnaround: below 1 ms, 2 ms, 4 ms ... 512 ms, and longer.
  using Histogram = std::array<std::uint64_t, 11>;

  void add(std::chrono::microseconds turnaround);
  void on_silence() { trusted_ = 0; }
  // What it needed before its last silence, for a probe that shall cost little.
  Duration usual_timeout(Duration configured) const;
  Duration timeout(Duration configured) const;

  bool is_known() const { return learnt_ >= replies_to_learn; }
  std::chrono::microseconds typical() const { return typical_; }  // meaningful when known
  std::chrono::microseconds longest() const { return longest_ > before_ ? longest_ : before_; }
  const Histogram& histogram() const { return histogram_; }

 private:
  std::chrono::microseconds longest_{0};  // of the window that is being filled
  std::chrono::microseconds before_{0};   // of the window before
  std::chrono::microseconds typical_{0};  // moving average
  std::uint32_t in_window_ = 0;
  std::uint32_t trusted_ = 0;  // replies since the last silence
  std::uint32_t learnt_ = 0;
  Histogram histogram_{};
};

}  // namespace davy
