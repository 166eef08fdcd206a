#include <algorithm>

#include "gateway/scan/register_scanner.hpp"

// Who is read next, how long it is waited for, and when the scanner is needed again.
namespace davy {
namespace {

// A probe fits into a gap when its time-out does, with the time for asking.
constexpr Duration asking{20};

}  // namespace

// The one that has waited longest.
RegisterScanner::Choice RegisterScanner::due_in(Lane lane, SteadyTime now) {
  Choice chosen{.lane = lane};
  SteadyTime earliest = never;
  for (Device& device : devices_) {
    Rounds& rounds = device.lanes[lane];
    if (rounds.running || !rounds.round) continue;
    SteadyTime rank = rounds.grid.due();
    if (!device.breaker.dead()) {
      if (rank > now) continue;
    } else {
      if (lane == fast || device.breaker.probe_due() > now) continue;
      if (probe_time(device, now) == Duration{0}) continue;
      rank = device.breaker.probe_due() + probe_patience;
    }
    if (rank >= earliest) continue;
    earliest = rank;
    chosen.device = &device;
  }
  return chosen;
}

Duration RegisterScanner::reply_timeout(const Device& device) const {
  const Duration configured = device.settings->reply_timeout;
  const ReplyTimes& times = device.times;
  if (device.breaker.dead()) {
    if (device.breaker.probe_is_patient()) return configured;
    return times.is_known() ? times.usual_timeout(configured) : std::min(configured, short_probe);
  }
  // Where locks wait for their inputs a device gets what it was used to need, also after a silence.
  return has_lock_inputs_ ? times.usual_timeout(configured) : times.timeout(configured);
}

Duration RegisterScanner::probe_time(const Device& device, SteadyTime now) const {
  const Duration wanted = reply_timeout(device);
  const SteadyTime due = next_living_due();
  if (due == never || due >= now + wanted + asking) return wanted;
  if (has_lock_inputs_) return due >= now + reply_timeout_min + asking ? due - now - asking : Duration{0};
  const bool pushy = now >= device.breaker.probe_due() + probe_patience && now >= pushy_probe_from_;
  return pushy ? wanted : Duration{0};
}

SteadyTime RegisterScanner::next_living_due() const {
  SteadyTime due = never;
  for (const Device& device : devices_) {
    if (device.breaker.dead()) continue;
    for (const Rounds& rounds : device.lanes) {
      if (rounds.round) due = std::min(due, rounds.running ? SteadyTime::min() : rounds.grid.due());
    }
  }
  return due;
}

// What waits for room on the channel is due when a reply has come, not before.
SteadyTime RegisterScanner::next_due(SteadyTime now) const {
  const bool room = channel_.room() > 0;
  SteadyTime due = never;
  for (const Device& device : devices_) {
    const Rounds& all = device.lanes[all_points];
    if (device.breaker.dead() && !all.running) {
      due = std::min({due, all.grid.due(), room ? next_probe(device, now) : never});
      continue;
    }
    for (const Rounds& rounds : device.lanes) {
      if (!room || !rounds.round) continue;
      if (!rounds.running) due = std::min(due, rounds.grid.due());
      if (rounds.pending) due = now;
    }
  }
  return due;
}

// One that waits for a gap is looked at again whenever a living device has been read.
SteadyTime RegisterScanner::next_probe(const Device& device, SteadyTime now) const {
  const SteadyTime due = device.breaker.probe_due();
  if (due > now) return due;
  if (probe_time(device, now) > Duration{0}) return now;
  return has_lock_inputs_ ? never : std::max(due + probe_patience, pushy_probe_from_);
}

}  // namespace davy
