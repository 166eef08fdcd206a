#include "host/alarm/limit_memory.hpp"

#include <algorithm>
#include <cmath>

namespace davy {

Seen judge_reading(const Limit& limit, double value, const Quality& quality) {
  if (!has_value(quality.validity)) return Seen::cannot_tell;
  if (quality.validity == Validity::over_range && limit.side == Side::high) return Seen::beyond;
  if (quality.validity == Validity::under_range && limit.side == Side::low) return Seen::beyond;
  if (std::isnan(value)) return Seen::cannot_tell;
  if (beyond(limit, value)) return Seen::beyond;
  if (!may_clear(quality)) return Seen::cannot_tell;
  return inside_clear(limit, value) ? Seen::inside : Seen::between;
}

namespace {

LimitMemory seen_beyond(const Limit& limit, LimitMemory memory, const LimitReading& reading) {
  memory.inside.reset();
  if (memory.active) return memory;
  if (!memory.beyond) memory.beyond = LimitMemory::Start{reading.at, reading.heard};
  // The source clock went back: its run starts again, the host's goes on.
  if (reading.at < memory.beyond->at) memory.beyond->at = reading.at;
  if (reading.at - memory.beyond->at < limit.on_delay) return memory;
  memory.active = true;
  memory.beyond.reset();
  return memory;
}

LimitMemory seen_inside(const Limit& limit, LimitMemory memory, const LimitReading& reading) {
  memory.beyond.reset();
  if (!memory.active) return memory;
  const bool unbroken = memory.inside && memory.newest && reading.at >= *memory.newest &&
                        reading.at - *memory.newest <= reading.gap_max;
  if (!unbroken) memory.inside = reading.at;
  if (!reading.fresh || reading.at - *memory.inside < limit.off_delay) return memory;
  memory.active = false;
  memory.inside.reset();
  return memory;
}

}  // namespace

LimitMemory judge(const Limit& limit, LimitMemory memory, const LimitReading& reading) {
  switch (reading.seen) {
    case Seen::cannot_tell: memory.inside.reset(); break;
    case Seen::beyond: memory = seen_beyond(limit, memory, reading); break;
    case Seen::between:
      memory.beyond.reset();
      memory.inside.reset();
      break;
    case Seen::inside: memory = seen_inside(limit, memory, reading); break;
  }
  memory.newest = reading.at;
  return memory;
}

SteadyTime silence_due(const Limit& limit, const LimitMemory& memory, SteadyTime told, Duration gap_max) {
  if (memory.active || !memory.beyond) return never;
  const SteadyTime met = memory.beyond->heard + limit.on_delay;
  return std::min(met + gap_max, std::max(met, told + gap_max));
}

LimitMemory judge_silence(LimitMemory memory) {
  memory.active = true;
  memory.beyond.reset();
  return memory;
}

}  // namespace davy
