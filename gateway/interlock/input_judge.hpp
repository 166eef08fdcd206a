#pragma once

#include <cstdint>
#include <limits>
#include <span>

#include "proto/base/clock.hpp"
#include "proto/model/quality.hpp"
#include "proto/wire/interlock_config.hpp"

namespace davy {

// The latest reading of one point. As it stands here, a point that was never read.
struct InputReading {
  double value = std::numeric_limits<double>::quiet_NaN();
  Quality quality{.validity = Validity::not_read};
  SteadyTime at;  // when the sensor's reply arrived
};

enum class Finding : std::uint8_t {
  clear,    // inside the release value, known, and nobody works on the sensor
  holding,  // no reason to trip, and none to release
  beyond,   // at or beyond the trip value, or out of the measuring range on that side
  lost,     // nobody knows: no reading, an old one, or one that says nothing about the air
};

struct JudgedInput {
  Finding finding = Finding::lost;
  // Beyond, but from a sensor that warms up or is inhibited: enough to cut, never enough to lock a fan.
  bool doubtful = false;
  bool known = false;           // fresh, good, nobody works on the sensor: the number is the air's
  SteadyTime stale_at = never;  // when, without another reading, it is lost

  bool faulty() const { return finding == Finding::lost || doubtful; }
  bool surely_beyond() const { return finding == Finding::beyond && !doubtful; }
};

// One input of a lock. What cannot be told is lost, whatever the number is:
//   validity     good and over_range (HIGH) or under_range (LOW) can trip; over_range of a LOW input holds;
//                under_range of a HIGH one is a zero that has drifted and is lost; all others are lost
//   maintenance  calibrating and low_supply: trips, never releases. forced: trips; what does not trip is
//   lost.
//                warming_up and inhibited: lost; a number beyond the limit is doubtful
JudgedInput judge_input(const LockInput& input, Duration stale_after, const InputReading& reading,
                        SteadyTime now);

// Several fans that stand in for each other, as one: lost if any is, beyond if all are, clear if any runs.
JudgedInput judge_fans(std::span<const LockInput> inputs, std::span<const JudgedInput> judged);

}  // namespace davy
