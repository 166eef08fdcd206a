#include <algorithm>
#include <cmath>
#include <cstdint>

#include "host/alarm/alarm_book_state.hpp"
#include "host/alarm/alarm_text.hpp"

namespace davy {
namespace {

// Nothing at all from a gateway for so long: it is the gateway that is in trouble, not each of its points. A
// gateway closes a block every second.
constexpr Duration gateway_mute_after{3000};
constexpr Duration mute_recheck{1000};
constexpr std::uint8_t priority_least = 4;
constexpr std::size_t over_max = 8;

AlarmLedger::When when(WallTime at, Now now) { return {at, now.wall}; }

bool stands(const AlarmLedger& ledger, const std::string& occurrence, Condition condition) {
  const Alarm* alarm = ledger.find(occurrence);
  return alarm != nullptr && alarm->condition == condition;
}

std::optional<Quality> newest_quality(const PointWatch& p, Now now) {
  if (!p.newest_quality || now.steady - p.newest_heard > patience(p.point)) return std::nullopt;
  return p.newest_quality;
}

}  // namespace

Duration patience(const Point& point) { return std::max(point.stale_after, 2 * point.period); }

Alarm limit_alarm(const PointWatch& p, const LimitWatch& w, double value, WallTime raised) {
  return {.occurrence = occurrence_id(p.gateway, p.point.name, w.what, raised),
          .source = AlarmSource::limit,
          .point = p.id,
          .name = p.point.name,
          .gateway = p.gateway,
          .level = w.limit.level,
          .side = w.limit.side,
          .at = w.limit.at,
          .priority = w.limit.priority,
          .raised = raised,
          .value = value,
          .peak = value};
}

bool is_covered(const LimitWatch& w, const AlarmLedger& ledger, WallTime at) {
  if (std::ranges::any_of(w.over, [at](const Span& s) { return s.from <= at && at <= s.to; })) return true;
  return w.since && at >= *w.since && ledger.find(w.occurrence) != nullptr;
}

void end_span(LimitWatch& w, WallTime at) {
  if (!w.since) return;
  w.over.push_back({*w.since, at});
  if (w.over.size() > over_max) w.over.pop_front();
  w.since.reset();
}

AlarmBook::State::Arrival AlarmBook::State::arrival(PointWatch& p, const PointReading& reading,
                                                    Now now) const {
  const Duration age = now.wall - reading.at;
  const Duration young = std::max(p.point.stale_after, times.blind_after);
  const bool in_order =
      !p.newest || reading.at >= *p.newest || now.steady - p.newest_heard > patience(p.point);
  return {reading, now, std::max(age, Duration{0}), age <= young && age >= -young, in_order};
}

void AlarmBook::State::judge_live(PointWatch& p, const PointReading& reading, Now now) {
  const Arrival a = arrival(p, reading, now);
  gateway(p.gateway, now).heard = now.steady;
  bool told_beyond = false;
  for (LimitWatch& w : p.limits) told_beyond |= judge_limit(p, w, a) == Seen::beyond;
  if (a.in_order) {
    p.newest = reading.at;
    p.newest_heard = now.steady;
    p.newest_quality = reading.quality;
  }
  judge_blind(p, told_beyond, a);
  schedule(p, now);
}

Seen AlarmBook::State::judge_limit(PointWatch& p, LimitWatch& w, const Arrival& a) {
  const PointReading& reading = a.reading;
  const Seen seen = judge_reading(w.limit, reading.value, reading.quality);
  const LimitReading r{seen, reading.at, a.now.steady, a.fresh, patience(p.point)};
  if (has_value(reading.quality.validity)) ledger.measure(w.occurrence, reading.value, a.in_order);
  if (!a.in_order) {
    judge_behind(p, w, r, a);
    return seen;
  }
  if (seen != Seen::cannot_tell) w.told = a.now.steady;
  if (seen == Seen::beyond) {
    w.beyond_value = reading.value;
    w.beyond_quality = reading.quality;
  }
  // Its alarm was ended by the person who acknowledged it while the limit was withdrawn: what comes now is
  // news.
  if (w.memory.active && ledger.find(w.occurrence) == nullptr) w.memory = {};
  const bool was_active = w.memory.active;
  w.memory = judge(w.limit, w.memory, r);
  if (!w.memory.active && was_active) {
    end_span(w, reading.at);
    ledger.clear(w.occurrence, when(reading.at, a.now), value_text(p.point, reading.value));
  }
  if (w.memory.active && !was_active) raise_limit(p, w, a);
  if (w.memory.active && was_active && seen != Seen::cannot_tell) {
    ledger.active(w.occurrence, when(reading.at, a.now), "seen again: " + value_text(p.point, reading.value));
  }
  return seen;
}

// Older than what was judged already: it may show a hazard that nobody saw, and nothing else. While the alarm
// is up for a later one there is nothing to announce, but the earlier one goes on record too.
void AlarmBook::State::judge_behind(PointWatch& p, LimitWatch& w, const LimitReading& r, const Arrival& a) {
  if (w.memory.active) return late_limit(p, w, a.reading, a.now);
  if (w.behind.newest && r.at < *w.behind.newest) w.behind = {};
  w.behind = judge(w.limit, w.behind, r);
  if (!w.behind.active) return;
  w.behind = {};
  if (is_covered(w, ledger, r.at)) return;
  w.memory.active = true;
  w.memory.beyond.reset();
  w.memory.inside.reset();
  raise_limit(p, w, a);
}

void AlarmBook::State::raise_limit(PointWatch& p, LimitWatch& w, const Arrival& a) {
  const PointReading& reading = a.reading;
  const LimitCause cause{reading.value, reading.quality, false, a.age};
  const std::string reason = limit_reason(p.point, w.limit, cause);
  w.since = reading.at;
  if (ledger.find(w.occurrence) != nullptr)
    return ledger.active(w.occurrence, when(reading.at, a.now), reason);
  Alarm alarm = limit_alarm(p, w, reading.value, reading.at);
  alarm.kind = limit_kind(reading.quality);
  alarm.reason = reason;
  w.occurrence = ledger.raise(std::move(alarm), when(reading.at, a.now));
}

void AlarmBook::State::raise_silent(PointWatch& p, LimitWatch& w, Now now) {
  const WallTime at = w.memory.beyond->at + w.limit.on_delay;
  w.memory = judge_silence(w.memory);
  w.since = at;
  const std::string reason =
      limit_reason(p.point, w.limit, {w.beyond_value, w.beyond_quality, true, Duration{0}});
  if (ledger.find(w.occurrence) != nullptr) return ledger.active(w.occurrence, when(at, now), reason);
  Alarm alarm = limit_alarm(p, w, w.beyond_value, at);
  alarm.kind = limit_kind(w.beyond_quality);
  alarm.reason = reason;
  w.occurrence = ledger.raise(std::move(alarm), when(at, now));
}

void AlarmBook::State::judge_blind(PointWatch& p, bool told_beyond, const Arrival& a) {
  const bool good = may_clear(a.reading.quality) && std::isfinite(a.reading.value);
  if (!a.fresh || !(good || told_beyond)) return;
  p.usable = std::max(p.usable, a.now.steady - a.age);
  if (good)
    ledger.clear(p.blind, when(a.reading.at, a.now),
                 "a good reading: " + value_text(p.point, a.reading.value));
}

// What the clock alone brings about: delays that are over, conditions nobody can see any more, blindness.
void AlarmBook::State::judge_time(PointWatch& p, Now now) {
  if (p.withdrawn) return;
  const std::optional<Quality> last = newest_quality(p, now);
  for (LimitWatch& w : p.limits) {
    if (now.steady >= silence_due(w.limit, w.memory, w.told, patience(p.point))) raise_silent(p, w, now);
    if (!stands(ledger, w.occurrence, Condition::active) || now.steady < w.told + patience(p.point)) continue;
    ledger.unknown(w.occurrence, when(now.wall, now), unseen_comment(last, now.steady - w.told));
  }
  if (now.steady >= blind_due(p, now)) go_blind(p, now);
}

void AlarmBook::State::go_blind(PointWatch& p, Now now) {
  const std::optional<Quality> last = newest_quality(p, now);
  const std::string reason = blind_reason(p.point, last, now.steady - p.usable);
  if (ledger.find(p.blind) != nullptr) return ledger.active(p.blind, when(now.wall, now), reason);
  std::uint8_t urgent = priority_least;
  bool hazard = false;
  for (const LimitWatch& w : p.limits) {
    urgent = std::min(urgent, w.limit.priority);
    hazard |= w.limit.level == LimitState::alarm || w.limit.level == LimitState::cut;
  }
  p.blind = ledger.raise({.occurrence = occurrence_id(p.gateway, p.point.name, "blind", now.wall),
                          .source = AlarmSource::blind,
                          .kind = blind_kind(last),
                          .point = p.id,
                          .name = p.point.name,
                          .gateway = p.gateway,
                          .level = hazard ? LimitState::alarm : LimitState::warning,
                          .priority = std::min<std::uint8_t>(urgent + 1, priority_least),
                          .reason = reason},
                         when(now.wall, now));
}

SteadyTime AlarmBook::State::blind_due(const PointWatch& p, Now now) const {
  const GatewayWatch& g = gateways.at(p.gateway);
  if (p.withdrawn || !g.seen || stands(ledger, p.blind, Condition::active)) return never;
  const SteadyTime due = p.usable + std::max(p.point.stale_after, times.blind_after);
  if (now.steady < due || now.steady - g.heard < gateway_mute_after) return due;
  // Not yet said whether it is the gateway: look again soon, and at last blame the point.
  const SteadyTime at_last = g.heard + times.gateway_silent_after + mute_recheck;
  return std::max(due, std::min(at_last, now.steady + mute_recheck));
}

void AlarmBook::State::schedule(PointWatch& p, Now now) {
  SteadyTime due = blind_due(p, now);
  for (const LimitWatch& w : p.limits) {
    due = std::min(due, silence_due(w.limit, w.memory, w.told, patience(p.point)));
    if (stands(ledger, w.occurrence, Condition::active)) due = std::min(due, w.told + patience(p.point));
  }
  if (p.withdrawn) due = never;
  // Most readings only move the deadline further away: the entry that is there will look again.
  if (due >= p.scheduled) return;
  p.scheduled = due;
  queue.push({due, p.id});
}

}  // namespace davy
