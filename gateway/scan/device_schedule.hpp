#pragma once

#include <cstdint>

#include "proto/base/clock.hpp"

namespace davy {

// A device that has been silent twice is asked again after 1, 2, 4 s and then every 4.5 s: with the wait for
// its turn a device that comes back is read within 5 s.
inline constexpr std::uint32_t failures_until_dead = 2;
inline constexpr Duration probe_wait_first{1000};
inline constexpr Duration probe_wait_max{4500};

// When one device is due. Rounds are a grid of one period that never drifts: a round that could not be kept
// is skipped and counted, never made up for.
//   live --(second silence in a row)--> dead --(an answer)--> live
// A dead device is read when its probe is due; its rounds go on without asking it, so that its points keep
// saying "bad".
class DeviceSchedule {
 public:
  DeviceSchedule(SteadyTime first, Duration period) : period_{period}, round_due_{first} {}

  bool silent() const { return failures_ > 0; }  // when last asked
  bool dead() const { return failures_ >= failures_until_dead; }
  // When to ask the device, and when there is anything to do at all.
  SteadyTime read_due() const { return dead() ? probe_due_ : round_due_; }
  SteadyTime next_due() const { return read_due() < round_due_ ? read_due() : round_due_; }
  bool round_due(SteadyTime now) const { return now >= round_due_; }

  // This round is being served: the next one is the first on the grid after now.
  void take_round(SteadyTime now);
  // How the read that started at `started` ended.
  void on_answer();
  void on_silence(SteadyTime started);
  // Something shared with this device works again: ask it now.
  void probe_at(SteadyTime when) { probe_due_ = when; }

  std::uint64_t missed_rounds() const { return missed_rounds_; }

 private:
  Duration period_;
  SteadyTime round_due_;
  SteadyTime probe_due_ = never;  // meaningful while dead
  std::uint32_t failures_ = 0;    // in a row
  Duration probe_wait_ = probe_wait_first;
  std::uint64_t missed_rounds_ = 0;
};

}  // namespace davy
