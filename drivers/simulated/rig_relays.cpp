#include "drivers/simulated/rig_relays.hpp"

#include <algorithm>

namespace davy::rig {

void RigRelays::add(const RelaySettings& relay) { relays_[relay.name] = {&relay, {{-never, relay.on}}}; }

void RigRelays::set(const std::string& name, bool on, double t) {
  Relay& relay = relays_.at(name);
  if (relay.changes.back().second == on) return;
  relay.changes.emplace_back(t, on);
  news_.push_back(on ? relay.settings->text_on : relay.settings->text_off);
}

bool RigRelays::is_on(const std::string& name, double t) const {
  bool on = false;
  for (const auto& [from, state] : relays_.at(name).changes) {
    if (from <= t) on = state;
  }
  return on;
}

double RigRelays::first_off(const std::string& name, double from) const {
  if (!is_on(name, from)) return from;
  for (const auto& [at, on] : relays_.at(name).changes) {
    if (at > from && !on) return at;
  }
  return never;
}

}  // namespace davy::rig
