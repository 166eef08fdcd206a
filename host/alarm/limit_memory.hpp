#pragma once

#include <optional>

#include "proto/base/clock.hpp"
#include "proto/model/point.hpp"
#include "proto/model/quality.hpp"

namespace davy {

// What one reading says about one limit.
enum class Seen : std::uint8_t {
  beyond,      // the hazard is there
  between,     // neither beyond the limit nor inside its clear limit
  inside,      // good, from a sensor nobody works on, on the safe side of the clear limit
  cannot_tell  // nothing can be concluded: never clears
};

// Quality before value. Over range is beyond every high limit and under range beyond every low one, whatever
// number came with it. A sensor under maintenance still raises: a calibration that hides gas is a known
// fraud.
Seen judge_reading(const Limit& limit, double value, const Quality& quality);

struct LimitReading {
  Seen seen = Seen::cannot_tell;
  WallTime at;             // source time
  SteadyTime heard;        // host's steady clock at receipt
  bool fresh = true;       // young enough at receipt to clear anything
  Duration gap_max{3000};  // two readings further apart prove nothing about the time between them
};

// What has to be remembered between readings to judge a limit with its delays.
struct LimitMemory {
  struct Start {
    WallTime at;
    SteadyTime heard;
    bool operator==(const Start&) const = default;
  };
  bool active = false;             // beyond for on_delay, and not inside for off_delay since
  std::optional<Start> beyond;     // start of the run of readings beyond the limit, while not active
  std::optional<WallTime> inside;  // start of the run of readings inside, while active
  std::optional<WallTime> newest;  // source time of the reading judged last

  bool operator==(const LimitMemory&) const = default;
};

// The judgement: pure. Delays run on source time. A reading that cannot tell breaks a run of inside readings
// but not one beyond: unknown is on the dangerous side.
LimitMemory judge(const Limit& limit, LimitMemory memory, const LimitReading& reading);

// The on-delay is also met by the host's steady clock, when a sensor was beyond at its last telling reading
// and then fell silent. `told` is when a reading last told anything, `gap_max` how long the next one may
// take. A sensor that does go on telling is given one gap more, then its source clock is not believed any
// longer.
SteadyTime silence_due(const Limit& limit, const LimitMemory& memory, SteadyTime told, Duration gap_max);
// The memory once that is due.
LimitMemory judge_silence(LimitMemory memory);

}  // namespace davy
