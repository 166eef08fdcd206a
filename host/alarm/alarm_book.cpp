#include "host/alarm/alarm_book.hpp"

#include <algorithm>
#include <utility>

#include "host/alarm/alarm_book_state.hpp"
#include "host/alarm/alarm_text.hpp"

namespace davy {
namespace {

constexpr std::size_t comment_size_max = 2000;

// The limits of a point in the order they are judged: most urgent first, so that it is announced first.
std::vector<LimitWatch> watches(const Point& point, SteadyTime now) {
  std::vector<Limit> limits = point.limits;
  std::stable_sort(limits.begin(), limits.end(), [](const Limit& a, const Limit& b) {
    return std::pair{a.priority, b.level} < std::pair{b.priority, a.level};
  });
  std::vector<LimitWatch> out;
  std::map<std::string, int> same;
  for (Limit& limit : limits) {
    std::string what = "limit " + to_string(limit.side) + " " + std::string{to_string(limit.level)};
    what += " " + std::to_string(same[what]++);
    out.push_back({.limit = std::move(limit), .what = std::move(what), .told = now});
  }
  return out;
}

std::string change_comment(const Point& point, const Limit& before, const Limit& after) {
  return "the limit was changed from " + value_text(point, before.at) + ", clear " +
         value_text(point, before.clear_at) + ", priority " + std::to_string(before.priority) + " to " +
         value_text(point, after.at) + ", clear " + value_text(point, after.clear_at) + ", priority " +
         std::to_string(after.priority);
}

// The limit a restored alarm belongs to: the very same one, else one of the same side and level.
LimitWatch* limit_of(const Alarm& alarm, std::vector<LimitWatch>& limits, const AlarmLedger& ledger) {
  LimitWatch* alike = nullptr;
  for (LimitWatch& w : limits) {
    if (w.limit.side != alarm.side || w.limit.level != alarm.level || ledger.find(w.occurrence)) continue;
    if (w.limit.at == alarm.at) return &w;
    if (!alike) alike = &w;
  }
  return alike;
}

}  // namespace

AlarmBook::AlarmBook(AlarmBookTimes times) : state_{std::make_unique<State>()} { state_->times = times; }
AlarmBook::~AlarmBook() = default;

void AlarmBook::restore(std::vector<Alarm> standing, std::uint64_t last_seq,
                        std::map<std::string, WallTime> since) {
  state_->restored_since = std::move(since);
  for (const Alarm& alarm : standing) {
    if (alarm.source == AlarmSource::gateway) {
      state_->gateway(alarm.gateway, {}).alarms[alarm.kind] = alarm.occurrence;
    } else {
      state_->restored.emplace(alarm.point, alarm.occurrence);
    }
  }
  state_->ledger.restore(std::move(standing), last_seq);
}

GatewayWatch& AlarmBook::State::gateway(const std::string& name, Now now) {
  return gateways.try_emplace(name, GatewayWatch{.heard = now.steady}).first->second;
}

void AlarmBook::define(HostPointId id, const std::string& gateway, const Point& point, Now now) {
  const auto [at, fresh] = state_->points.try_emplace(id);
  PointWatch& p = at->second;
  if (!fresh && !p.withdrawn && p.gateway == gateway && p.point == point) return;
  GatewayWatch& g = state_->gateway(gateway, now);
  g.heard = std::max(g.heard, g.points.empty() ? now.steady : g.heard);
  if (!fresh && p.gateway != gateway) state_->gateway(p.gateway, now).points.erase(id);
  g.points.insert(id);
  p.gateway = gateway;
  if (fresh) {
    p.id = id;
    p.limits = watches(point, now.steady);
    p.usable = now.steady;
    p.point = point;
    state_->take_up_restored(p, now);
  } else {
    state_->redefine(p, point, now);
  }
  state_->schedule(p, now);
}

void AlarmBook::State::take_up_restored(PointWatch& p, Now now) {
  const auto [first, last] = restored.equal_range(p.id);
  for (auto one = first; one != last; ++one) {
    const Alarm* alarm = ledger.find(one->second);
    if (alarm == nullptr) continue;
    if (alarm->source == AlarmSource::blind) {
      p.blind = one->second;
      ledger.adopt(one->second);
      continue;
    }
    LimitWatch* w = limit_of(*alarm, p.limits, ledger);
    if (w == nullptr) continue;  // the limit is gone: the alarm waits for its acknowledgement
    w->occurrence = one->second;
    w->memory.active = alarm->state != AlarmState::rtn_unacknowledged;
    if (const auto since = restored_since.find(one->second); since != restored_since.end()) {
      w->since = since->second;
      if (!w->memory.active && alarm->cleared) end_span(*w, *alarm->cleared);
    }
    ledger.adopt(one->second);
    if (w->limit.at == alarm->at) continue;
    Limit before = w->limit;
    before.at = alarm->at;
    before.priority = alarm->priority;
    ledger.redefine(one->second, w->limit, {now.wall, now.wall}, change_comment(p.point, before, w->limit));
  }
  restored.erase(first, last);
}

// Each new limit takes over what its predecessor of the same side and level remembers; nothing is cleared by
// it.
void AlarmBook::State::redefine(PointWatch& p, const Point& point, Now now) {
  std::vector<LimitWatch> before = std::exchange(p.limits, watches(point, now.steady));
  p.point = point;
  if (std::exchange(p.withdrawn, false)) {
    p.usable = now.steady;
    ledger.adopt(p.blind);
  }
  for (LimitWatch& w : p.limits) {
    const auto old =
        std::find_if(before.begin(), before.end(), [&](const LimitWatch& o) { return o.what == w.what; });
    if (old == before.end()) continue;
    const Limit limit = w.limit;
    const Limit old_limit = old->limit;
    w = std::move(*old);
    before.erase(old);
    w.limit = limit;
    ledger.adopt(w.occurrence);
    if (limit.at == old_limit.at && limit.clear_at == old_limit.clear_at &&
        limit.priority == old_limit.priority)
      continue;
    ledger.redefine(w.occurrence, limit, {now.wall, now.wall}, change_comment(point, old_limit, limit));
  }
  for (const LimitWatch& gone : before) {
    ledger.orphan(gone.occurrence, {now.wall, now.wall}, "the limit was withdrawn while its alarm stood");
  }
}

void AlarmBook::withdraw(HostPointId id, Now now) {
  const auto at = state_->points.find(id);
  if (at == state_->points.end() || at->second.withdrawn) return;
  state_->let_go(at->second, now, "the point was withdrawn while its alarm stood");
}

void AlarmBook::State::let_go(PointWatch& p, Now now, const std::string& why) {
  p.withdrawn = true;
  for (LimitWatch& w : p.limits) ledger.orphan(w.occurrence, {now.wall, now.wall}, why);
  ledger.orphan(p.blind, {now.wall, now.wall}, why);
  schedule(p, now);
}

namespace {
// Within what a date can be (year 1970 to 9999): whatever a gateway sends, differences of times do not
// overflow.
PointReading with_sane_time(PointReading reading) {
  reading.at = std::clamp(reading.at, wall_from_ms(0), wall_from_ms(253'402'300'799'999));
  return reading;
}
}  // namespace

void AlarmBook::on_live(const PointReading& reading, Now now) {
  const auto at = state_->points.find(reading.point);
  if (at != state_->points.end() && !at->second.withdrawn)
    state_->judge_live(at->second, with_sane_time(reading), now);
}

void AlarmBook::on_historic(const PointReading& reading, Now now) {
  const auto at = state_->points.find(reading.point);
  if (at != state_->points.end()) state_->judge_late(at->second, with_sane_time(reading), now);
}

void AlarmBook::gateway_alarm(const std::string& gateway, const std::string& kind, bool active,
                              const std::string& reason, std::uint8_t priority, Now now) {
  std::string& occurrence = state_->gateway(gateway, now).alarms[kind];
  AlarmLedger& ledger = state_->ledger;
  const AlarmLedger::When when{now.wall, now.wall};
  if (!active) return ledger.clear(occurrence, when, reason);
  if (ledger.find(occurrence) != nullptr) return ledger.active(occurrence, when, reason);
  constexpr std::uint8_t alarm_priority_least = 2;
  occurrence =
      ledger.raise({.occurrence = occurrence_id(gateway, "", "gateway " + kind, now.wall),
                    .source = AlarmSource::gateway,
                    .kind = kind,
                    .name = gateway,
                    .gateway = gateway,
                    .level = priority <= alarm_priority_least ? LimitState::alarm : LimitState::warning,
                    .priority = priority,
                    .reason = reason},
                   when);
}

void AlarmBook::gateway_seen(const std::string& gateway, bool seen, Now now) {
  GatewayWatch& g = state_->gateway(gateway, now);
  if (g.seen == seen) return;
  g.seen = seen;
  g.heard = now.steady;
  for (const HostPointId id : g.points) {
    PointWatch& p = state_->points.at(id);
    if (seen) {
      p.usable = std::max(p.usable, now.steady);
    } else {
      const std::string why = "gateway " + gateway + " cannot be seen";
      for (const LimitWatch& w : p.limits) state_->ledger.unknown(w.occurrence, {now.wall, now.wall}, why);
      state_->ledger.unknown(p.blind, {now.wall, now.wall}, why);
    }
    state_->schedule(p, now);
  }
}

Result<Alarm> AlarmBook::acknowledge(std::string_view occurrence, std::uint64_t seq, const std::string& user,
                                     const std::string& comment, Now now) {
  if (comment.size() > comment_size_max) {
    return fail(Errc::bad_data, "comment: longer than " + std::to_string(comment_size_max) + " bytes");
  }
  return state_->ledger.acknowledge(occurrence, seq, user, comment, now.wall);
}

void AlarmBook::step(Now now) {
  auto& queue = state_->queue;
  while (!queue.empty() && queue.top().first <= now.steady) {
    const auto [due, id] = queue.top();
    queue.pop();
    PointWatch& p = state_->points.at(id);
    if (p.scheduled != due) continue;
    p.scheduled = never;
    state_->judge_time(p, now);
    state_->schedule(p, now);
  }
}

SteadyTime AlarmBook::next_due() const {
  auto& queue = state_->queue;
  while (!queue.empty() && state_->points.at(queue.top().second).scheduled != queue.top().first) queue.pop();
  return queue.empty() ? never : queue.top().first;
}

std::vector<Alarm> AlarmBook::standing() const { return state_->ledger.standing(); }
const Alarm* AlarmBook::find(std::string_view occurrence) const { return state_->ledger.find(occurrence); }
std::vector<JournalEntry> AlarmBook::take_changes() { return state_->ledger.take_changes(); }
std::vector<Alarm> AlarmBook::take_peaks() { return state_->ledger.take_peaks(); }

}  // namespace davy
