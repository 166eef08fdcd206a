#include "host/api/mirror.hpp"

#include <algorithm>
#include <cmath>

namespace davy {
namespace {

constexpr std::size_t over_max = 1024;

}  // namespace

void Mirror::on_standing(std::span<const Alarm> alarms) {
  for (const Alarm& alarm : alarms) {
    seq_ = std::max(seq_, alarm.seq);
    stand(alarm);
  }
}

void Mirror::stand(const Alarm& alarm) {
  alarms_.insert_or_assign(alarm.occurrence, alarm);
  if (alarm.source == AlarmSource::limit) limit_alarms_[alarm.point].insert(alarm.occurrence);
}

void Mirror::end(const Alarm& alarm) {
  alarms_.erase(alarm.occurrence);
  if (const auto at = limit_alarms_.find(alarm.point); at != limit_alarms_.end()) {
    at->second.erase(alarm.occurrence);
    if (at->second.empty()) limit_alarms_.erase(at);
  }
  over_.push_back(alarm);
  if (over_.size() > over_max) over_.pop_front();
}

void Mirror::on_alarm(const JournalEntry& entry) {
  seq_ = std::max(seq_, entry.seq);
  if (entry.late) return;  // about the past: nothing that stands
  if (entry.alarm.state == AlarmState::normal) return end(entry.alarm);
  stand(entry.alarm);
}

void Mirror::on_value(const LatestValue& value) {
  values_.insert_or_assign(value.point, value);
  if (value.late || !has_value(value.quality.validity) || std::isnan(value.value)) return;
  const auto at = limit_alarms_.find(value.point);
  if (at == limit_alarms_.end()) return;
  for (const std::string& occurrence : at->second) {
    Alarm& alarm = alarms_.at(occurrence);
    alarm.value = value.value;
    const bool more = alarm.side == Side::high ? value.value > alarm.peak : value.value < alarm.peak;
    if (more || std::isnan(alarm.peak)) alarm.peak = value.value;
  }
}

const HostPoint* Mirror::point(HostPointId id) const {
  const auto at = points_.find(id);
  return at == points_.end() ? nullptr : &at->second;
}

const Alarm* Mirror::alarm(std::string_view occurrence) const {
  if (const auto at = alarms_.find(occurrence); at != alarms_.end()) return &at->second;
  const auto at = std::find_if(over_.rbegin(), over_.rend(),
                               [&](const Alarm& alarm) { return alarm.occurrence == occurrence; });
  return at == over_.rend() ? nullptr : &*at;
}

Duration Mirror::age(const LatestValue& value, SteadyTime now) {
  return std::max(Duration{0}, now - value.received) + value.age_at_receipt;
}

bool Mirror::is_stale(const LatestValue& value, SteadyTime now) const {
  const HostPoint* of = point(value.point);
  return of == nullptr || age(value, now) > of->point.stale_after;
}

}  // namespace davy
