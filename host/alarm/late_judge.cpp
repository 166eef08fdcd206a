#include <utility>

#include "host/alarm/alarm_book_state.hpp"
#include "host/alarm/alarm_text.hpp"

// Readings that come too late to act on: what they show is put on record, never announced as if it were now.
namespace davy {

void AlarmBook::State::judge_late(PointWatch& p, const PointReading& reading, Now now) {
  for (LimitWatch& w : p.limits) late_limit(p, w, reading, now);
}

void AlarmBook::State::late_limit(PointWatch& p, LimitWatch& w, const PointReading& reading, Now now) {
  const Seen seen = judge_reading(w.limit, reading.value, reading.quality);
  LateRun& run = w.late;
  if (run.memory.newest && reading.at < *run.memory.newest) run = {};
  run.memory = judge(w.limit, run.memory, {seen, reading.at, now.steady, true, patience(p.point)});
  const bool covered = is_covered(w, ledger, reading.at);
  const Alarm* standing = ledger.find(w.occurrence);
  if (covered && seen == Seen::beyond && standing != nullptr && reading.at >= standing->raised)
    ledger.measure(w.occurrence, reading.value, false);
  const AlarmLedger::When when{reading.at, now.wall};

  // A run that began inside what is known and goes on beyond it is news from there on.
  if (run.memory.active && !run.alarm && seen == Seen::beyond && !covered) {
    Alarm alarm = limit_alarm(p, w, reading.value, reading.at);
    alarm.occurrence = occurrence_id(p.gateway, p.point.name, "late " + w.what, reading.at);
    alarm.state = AlarmState::normal;  // nobody is asked to acknowledge the past
    alarm.kind = limit_kind(reading.quality);
    alarm.reason = limit_reason(p.point, w.limit, {reading.value, reading.quality, false, Duration{0}});
    ledger.late(Transition::late_raised, alarm, when);
    run.alarm = std::move(alarm);
  }
  if (!run.alarm) return;
  if (has_value(reading.quality.validity)) {
    run.alarm->value = reading.value;
    const bool more =
        w.limit.side == Side::high ? reading.value > run.alarm->peak : reading.value < run.alarm->peak;
    if (more) run.alarm->peak = reading.value;
  }
  if (run.memory.active) return;
  run.alarm->condition = Condition::clear;
  run.alarm->cleared = reading.at;
  ledger.late(Transition::late_cleared, *run.alarm, when);
  run.alarm.reset();
}

}  // namespace davy
