#include "host/core/gateway_news.hpp"

#include <algorithm>

namespace davy {

void GatewayNews::changed(const std::string& gateway, bool at_once) {
  News& news = gateways_[gateway];
  news.changed = true;
  if (at_once) news.due = SteadyTime::min();
}

void GatewayNews::take(const Alarm& alarm) {
  if (alarm.source != AlarmSource::blind) return;
  News& news = gateways_[alarm.gateway];
  const bool blind = alarm.state != AlarmState::normal && alarm.condition == Condition::active;
  const bool moved =
      blind ? news.blind.insert(alarm.occurrence).second : news.blind.erase(alarm.occurrence) > 0;
  if (moved) changed(alarm.gateway, false);
}

std::vector<std::string> GatewayNews::take_due(SteadyTime now) {
  std::vector<std::string> out;
  for (auto& [name, news] : gateways_) {
    if (!news.changed || now < news.due) continue;
    news.changed = false;
    news.due = now + distance;
    out.push_back(name);
  }
  return out;
}

SteadyTime GatewayNews::next_due() const {
  SteadyTime due = never;
  for (const auto& [name, news] : gateways_) {
    if (news.changed) due = std::min(due, news.due);
  }
  return due;
}

std::size_t GatewayNews::blind_points(const std::string& gateway) const {
  const auto at = gateways_.find(gateway);
  return at == gateways_.end() ? 0 : at->second.blind.size();
}

}  // namespace davy
