#pragma once

#include <cstdint>

#include "proto/base/clock.hpp"

namespace davy {

// A device that has been silent twice is asked again after 1, 2 and then every 4 s: with the wait for a gap
// between the living ones a device that comes back is read within 5 s.
inline constexpr std::uint32_t failures_until_dead = 2;
inline constexpr Duration probe_wait_first{1000};
inline constexpr Duration probe_wait_max{4000};
// So long a probe waits for a gap between the reads of living devices; then it goes before them, unless the
// bus has inputs of locks, which nothing delays. So many times its own length passes before the next such
// one.
inline constexpr Duration probe_patience{900};
inline constexpr int pushy_probe_rest = 9;
// A probe that takes turns with a patient one waits this long for a device that was never heard.
inline constexpr Duration short_probe{100};

// Whether one device on one bus is worth asking.
//   live --(second silence in a row)--> dead --(an answer)--> live
class DeviceBreaker {
 public:
  bool silent() const { return failures_ > 0; }  // when last asked
  bool dead() const { return failures_ >= failures_until_dead; }
  SteadyTime probe_due() const { return dead() ? probe_due_ : never; }
  // Probes take turns: a short wait for what it was used to need, and one that gives it all the time it may
  // have.
  bool probe_is_patient() const { return probes_ % 2 == 1; }

  // How the read that started at `started` ended.
  void on_answer();
  void on_silence(SteadyTime started);
  // Something shared with this device works again: ask it now.
  void probe_at(SteadyTime when) { probe_due_ = when; }

 private:
  SteadyTime probe_due_ = never;  // meaningful while dead
  std::uint32_t failures_ = 0;    // in a row
  std::uint32_t probes_ = 0;
  Duration probe_wait_ = probe_wait_first;
};

}  // namespace davy
