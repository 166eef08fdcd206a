#include "host/alarm/alarm_ledger.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace davy {
namespace {

constexpr std::size_t over_max = 1024;

bool older(const Alarm& a, const Alarm& b) {
  return std::pair{a.raised, a.occurrence} < std::pair{b.raised, b.occurrence};
}

bool beyond_peak(const Alarm& alarm, double value) {
  if (std::isnan(alarm.peak)) return true;
  return alarm.side == Side::high ? value > alarm.peak : value < alarm.peak;
}

}  // namespace

void AlarmLedger::restore(std::vector<Alarm> standing, std::uint64_t last_seq) {
  for (Alarm& alarm : standing) {
    // A limit or point that nobody defines after the restart is gone. Gateways are never defined, only spoken
    // of.
    const bool orphan = alarm.source != AlarmSource::gateway;
    std::string occurrence = alarm.occurrence;
    standing_.insert_or_assign(std::move(occurrence), Standing{std::move(alarm), orphan});
  }
  last_seq_ = last_seq;
}

const Alarm* AlarmLedger::find(std::string_view occurrence) const {
  const auto at = standing_.find(occurrence);
  return at == standing_.end() ? nullptr : &at->second.alarm;
}

std::vector<Alarm> AlarmLedger::standing() const {
  std::vector<Alarm> all;
  all.reserve(standing_.size());
  for (const auto& [occurrence, entry] : standing_) all.push_back(entry.alarm);
  std::sort(all.begin(), all.end(), older);
  return all;
}

std::string AlarmLedger::raise(Alarm alarm, When when) {
  alarm.occurrence = unique(std::move(alarm.occurrence));
  alarm.state = next_state(AlarmState::normal, AlarmEvent::condition_on);
  alarm.condition = Condition::active;
  alarm.raised = when.at;
  const std::string occurrence = alarm.occurrence;
  auto& entry = standing_.insert_or_assign(occurrence, Standing{std::move(alarm), false}).first->second;
  write(Transition::raised, entry.alarm, when, {}, {}, false);
  return occurrence;
}

void AlarmLedger::active(std::string_view occurrence, When when, const std::string& comment) {
  const auto at = standing_.find(occurrence);
  if (at == standing_.end() || at->second.alarm.condition == Condition::active) return;
  Alarm& alarm = at->second.alarm;
  alarm.condition = Condition::active;
  const AlarmState before = std::exchange(alarm.state, next_state(alarm.state, AlarmEvent::condition_on));
  if (before == AlarmState::rtn_unacknowledged) {
    alarm.cleared.reset();
    return write(Transition::reraised, alarm, when, {}, comment, false);
  }
  write(Transition::note, alarm, when, {}, comment, false);  // seen again after it was unknown
}

void AlarmLedger::clear(std::string_view occurrence, When when, const std::string& comment) {
  const auto at = standing_.find(occurrence);
  if (at == standing_.end() || at->second.alarm.condition == Condition::clear) return;
  Alarm& alarm = at->second.alarm;
  alarm.condition = Condition::clear;
  alarm.cleared = when.at;
  alarm.state = next_state(alarm.state, AlarmEvent::condition_off);
  write(Transition::cleared, alarm, when, {}, comment, false);
  end_if_normal(at);
}

void AlarmLedger::unknown(std::string_view occurrence, When when, const std::string& comment) {
  const auto at = standing_.find(occurrence);
  if (at == standing_.end() || at->second.alarm.condition != Condition::active) return;
  at->second.alarm.condition = Condition::unknown;
  write(Transition::unknown, at->second.alarm, when, {}, comment, false);
}

void AlarmLedger::orphan(std::string_view occurrence, When when, const std::string& comment) {
  const auto at = standing_.find(occurrence);
  if (at == standing_.end() || at->second.orphan) return;
  at->second.orphan = true;
  Alarm& alarm = at->second.alarm;
  if (alarm.condition == Condition::clear) return;  // waits for its acknowledgement anyway
  alarm.condition = Condition::unknown;
  // Whoever acknowledged it did not know that it would go this way.
  alarm.state = next_state(AlarmState::normal, AlarmEvent::condition_on);
  alarm.acked.reset();
  alarm.acked_by.clear();
  alarm.comment.clear();
  write(Transition::note, alarm, when, {}, comment, false);
}

void AlarmLedger::adopt(std::string_view occurrence) {
  const auto at = standing_.find(occurrence);
  if (at != standing_.end()) at->second.orphan = false;
}

void AlarmLedger::redefine(std::string_view occurrence, const Limit& limit, When when,
                           const std::string& comment) {
  const auto at = standing_.find(occurrence);
  if (at == standing_.end()) return;
  at->second.alarm.at = limit.at;
  at->second.alarm.priority = limit.priority;
  write(Transition::note, at->second.alarm, when, {}, comment, false);
}

Result<Alarm> AlarmLedger::acknowledge(std::string_view occurrence, std::uint64_t seq,
                                       const std::string& user, const std::string& comment, WallTime now) {
  if (user.empty()) return fail(Errc::bad_data, "acknowledge: a user is needed");
  const auto at = standing_.find(occurrence);
  if (at == standing_.end()) {
    if (is_over(occurrence))
      return fail(Errc::conflict, "alarm " + std::string{occurrence} + " is over already");
    return fail(Errc::not_found, "no alarm " + std::string{occurrence});
  }
  Alarm& alarm = at->second.alarm;
  if (alarm.state == AlarmState::acknowledged) {
    return fail(Errc::conflict, "alarm of " + alarm.name + " is acknowledged already by " + alarm.acked_by);
  }
  if (alarm.seq != seq) {
    return fail(Errc::conflict, "alarm of " + alarm.name + " has changed since: its last transition is " +
                                    std::to_string(alarm.seq) + ", not " + std::to_string(seq));
  }
  alarm.state = at->second.orphan ? AlarmState::normal : next_state(alarm.state, AlarmEvent::operator_ack);
  alarm.acked = now;
  alarm.acked_by = user;
  alarm.comment = comment;
  write(Transition::acknowledged, alarm, {now, now}, user, comment, false);
  Alarm after = alarm;
  end_if_normal(at);
  return after;
}

void AlarmLedger::measure(std::string_view occurrence, double value, bool newest) {
  const auto at = standing_.find(occurrence);
  if (at == standing_.end() || std::isnan(value)) return;
  if (newest) at->second.alarm.value = value;
  if (!beyond_peak(at->second.alarm, value)) return;
  at->second.alarm.peak = value;
  peaks_.insert(at->first);
}

void AlarmLedger::late(Transition kind, Alarm& alarm, When when) { write(kind, alarm, when, {}, {}, true); }

std::vector<JournalEntry> AlarmLedger::take_changes() { return std::exchange(changes_, {}); }

std::vector<Alarm> AlarmLedger::take_peaks() {
  std::vector<Alarm> grown;
  for (const std::string& occurrence : std::exchange(peaks_, {})) {
    if (const Alarm* alarm = find(occurrence)) grown.push_back(*alarm);
  }
  return grown;
}

void AlarmLedger::write(Transition kind, Alarm& alarm, When when, const std::string& user,
                        const std::string& comment, bool late) {
  alarm.seq = ++last_seq_;
  changes_.push_back({.seq = alarm.seq,
                      .at = when.at,
                      .recorded = when.recorded,
                      .kind = kind,
                      .late = late,
                      .user = user,
                      .comment = comment,
                      .alarm = alarm});
}

bool AlarmLedger::end_if_normal(Map::iterator at) {
  if (at->second.alarm.state != AlarmState::normal) return false;
  over_.push_back(at->first);
  if (over_.size() > over_max) over_.pop_front();
  peaks_.erase(at->first);
  standing_.erase(at);
  return true;
}

std::string AlarmLedger::unique(std::string occurrence) const {
  if (!find(occurrence) && !is_over(occurrence)) return occurrence;
  for (int n = 2;; ++n) {
    std::string other = occurrence + "-" + std::to_string(n);
    if (!find(other) && !is_over(other)) return other;
  }
}

bool AlarmLedger::is_over(std::string_view occurrence) const {
  return std::find(over_.begin(), over_.end(), occurrence) != over_.end();
}

}  // namespace davy
