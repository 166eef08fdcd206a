#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "host/core/host_view.hpp"

namespace davy {

// What the core last told: the state of the mine as every page sees it. Lives on the io thread.
class Mirror {
 public:
  void on_standing(std::span<const Alarm> alarms);
  void on_health(const HostHealth& health) { health_ = health; }
  void on_point(const HostPoint& point) { points_.insert_or_assign(point.id, point); }
  // Also carries the newest value into the standing alarms of its point.
  void on_value(const LatestValue& value);
  void on_gateway(const GatewayStatus& status) { gateways_.insert_or_assign(status.name, status); }
  void on_alarm(const JournalEntry& entry);

  const std::map<HostPointId, HostPoint>& points() const { return points_; }
  const std::map<HostPointId, LatestValue>& values() const { return values_; }
  const std::map<std::string, GatewayStatus>& gateways() const { return gateways_; }
  const std::map<std::string, Alarm, std::less<>>& alarms() const { return alarms_; }  // those not normal
  const HostHealth& health() const { return health_; }
  std::uint64_t seq() const { return seq_; }  // the journal's, as far as it was told

  const HostPoint* point(HostPointId id) const;
  // Standing, or over not long ago.
  const Alarm* alarm(std::string_view occurrence) const;

  bool is_stale(const LatestValue& value, SteadyTime now) const;
  static Duration age(const LatestValue& value, SteadyTime now);

 private:
  void stand(const Alarm& alarm);
  void end(const Alarm& alarm);

  std::map<HostPointId, HostPoint> points_;
  std::map<HostPointId, LatestValue> values_;
  std::map<std::string, GatewayStatus> gateways_;
  std::map<std::string, Alarm, std::less<>> alarms_;
  std::map<HostPointId, std::set<std::string>> limit_alarms_;  // occurrences of standing limit alarms
  std::deque<Alarm> over_;
  HostHealth health_;
  std::uint64_t seq_ = 0;
};

}  // namespace davy
