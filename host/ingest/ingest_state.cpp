#include <algorithm>
#include <string>
#include <utility>

#include "host/ingest/ingest.hpp"
#include "proto/base/log.hpp"
#include "proto/wire/hash.hpp"

namespace davy {
namespace {

// "2.5 s", "3 min", "5 h", "20 d": for a person.
std::string about(Duration d) {
  const double s = static_cast<double>(std::chrono::abs(d).count()) / 1000;
  struct Unit {
    double seconds;
    const char* name;
  };
  constexpr Unit units[] = {{86400, " d"}, {3600, " h"}, {60, " min"}};
  for (const Unit& unit : units) {
    if (s >= 2 * unit.seconds)
      return std::to_string(static_cast<std::int64_t>(s / unit.seconds + 0.5)) + unit.name;
  }
  const auto tenths = static_cast<std::int64_t>(s * 10 + 0.5);
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
}

}  // namespace

void Ingest::on_state(GatewayRecord& g, const LinkMessage& message, Now now) {
  if (message.payload.empty()) return;
  const auto state = decode_state(message.payload);
  if (!state) return distrust(&g, message, state.error().message, now);
  if (state->gateway != g.row.name) {
    return distrust(&g, message, "state: it says it is from gateway '" + state->gateway + "'", now);
  }
  GatewayStatus& shown = g.status;
  if (!state->version.empty()) shown.version = state->version;
  shown.clock = state->clock;
  if (state->online) greet(g, state->stream);
  if (message.retained) {
    // Old news: it may have been sent days ago.
    if (shown.presence == Presence::unknown) {
      shown.reason = state->online ? "not heard yet" : "not heard yet; was off line: " + state->reason;
    }
    return sink_.on_gateway(g.row.name, false);
  }
  if (state->online) return on_live_state(g, *state, now);
  shown.last_heard = now.wall;
  set_presence(g, Presence::offline, state->reason, now);
  sink_.on_gateway_seen(g.row.name, false);
  alarm_presence(g, "offline", "off line: " + (state->reason.empty() ? "no reason given" : state->reason));
}

// A retained state will do: if the gateway is gone after all, the word reaches nobody.
void Ingest::greet(GatewayRecord& g, const Uuid& uuid) {
  if (std::exchange(g.greeted, true)) return;
  const auto at = g.streams.find(uuid);
  sink_.on_gateway_found(g.row.name, uuid,
                         at == g.streams.end() ? std::nullopt : std::optional{at->second.id});
}

void Ingest::on_live_state(GatewayRecord& g, const GatewayState& state, Now now) {
  hear(g, now);
  g.status.spool_blocks = state.spool_blocks;
  g.status.spool_bytes = state.spool_bytes;
  judge_clock(g, state, now);
  adopt_told_birth(g, state.birth, now);
  const std::string box = to_text(state.stream) + " boot " + std::to_string(state.boot);
  if (g.state_twins.seen(box, now.steady)) {
    note(g, "twin",
         "two boxes use this name: stream " + box + " and stream " + g.state_twins.other() + " by turns", 2,
         now);
  }
  sink_.on_gateway(g.row.name, false);
}

void Ingest::judge_clock(GatewayRecord& g, const GatewayState& state, Now now) {
  g.clocks.heard(state.boot, state.steady, now);
  const Duration base = g.clocks.wall_minus_steady(state.boot).value_or(Duration{0});
  const Duration error = state.wall.time_since_epoch() - (state.steady.time_since_epoch() + base);
  g.status.clock_error = error;
  if (const auto row = g.clocks.take_row(g.row.id, now.wall)) {
    std::erase_if(staging_.batch.clocks,
                  [&](const ClockRow& r) { return r.gateway == row->gateway && r.boot == row->boot; });
    staging_.batch.clocks.push_back(*row);
  }
  const bool wrong = std::chrono::abs(error) > times_.clock_error;
  if (wrong == g.clock_alarmed) return;
  g.clock_alarmed = wrong;
  const std::string reason = "its clock is " + about(error) + (error > Duration{0} ? " ahead" : " behind");
  sink_.on_gateway_alarm(g.row.name, "clock", wrong, wrong ? reason : "its clock is right again", 3);
}

// Something that was sent just now.
void Ingest::hear(GatewayRecord& g, Now now) {
  g.heard = now.steady;
  g.status.last_heard = now.wall;
  if (g.status.presence == Presence::online) return;
  set_presence(g, Presence::online, "", now);
  sink_.on_gateway_seen(g.row.name, true);
  silence_due_ = std::min(silence_due_, now.steady + times_.silent_after);
  g.alarmed = false;
  sink_.on_gateway_alarm(g.row.name, "offline", false, "it is back", 2);
  sink_.on_gateway_alarm(g.row.name, "silent", false, "it is back", 2);
}

void Ingest::set_presence(GatewayRecord& g, Presence presence, const std::string& reason, Now now) {
  if (g.status.presence == presence && g.status.reason == reason) return;
  if (g.status.presence != presence) g.status.since = now.wall;
  g.status.presence = presence;
  g.status.reason = reason;
  sink_.on_gateway(g.row.name, true);
}

// One alarm for a gateway that cannot be seen, whatever was noticed first.
void Ingest::alarm_presence(GatewayRecord& g, const char* kind, const std::string& reason) {
  if (g.alarmed) return;
  g.alarmed = true;
  sink_.on_gateway_alarm(g.row.name, kind, true, reason, 2);
}

void Ingest::link_changed(bool up, Now now) {
  if (link_up_ == up) return;
  link_up_ = up;
  if (!up) {
    link_breaks_ = now.steady - link_since_ < link_stable_after ? link_breaks_ + 1 : 0;
    if (link_breaks_ == link_breaks_max) {
      sink_.on_gateway_alarm(
          host_alarm_name, "broker_unstable", true,
          "the connection to the broker breaks off again and again: another davy-host with "
          "the same broker.client_id, or a bad network",
          1);
    }
  }
  link_stable_due_ = up ? now.steady + link_stable_after : never;
  link_since_ = now.steady;
  silence_due_ = now.steady;  // look again
  if (!up) return;
  // Nobody could be heard meanwhile: they get their time once more.
  for (auto& [name, g] : gateways_) {
    g.heard = std::max(g.heard, now.steady);
    g.birth_told.reset();
    g.greeted = false;
  }
  blind_host_ = false;
  sink_.on_gateway_alarm(host_alarm_name, "broker", false, "the broker is back", 1);
}

// Also the one that stood when the host was stopped.
void Ingest::watch_link(Now now) {
  if (now.steady < link_stable_due_) return;
  link_stable_due_ = never;
  link_breaks_ = 0;
  sink_.on_gateway_alarm(host_alarm_name, "broker_unstable", false,
                         "the connection to the broker lasts again", 1);
}

// Runs when the first of them may be due, not for every message.
void Ingest::watch_silence(Now now) {
  if (now.steady < silence_due_) return;
  silence_due_ = never;
  if (!link_up_) return watch_own_silence(now);
  for (auto& [name, g] : gateways_) {
    const Presence presence = g.status.presence;
    if (presence == Presence::offline || (presence == Presence::silent && g.alarmed)) continue;
    const SteadyTime due = g.heard + times_.silent_after;
    if (now.steady < due) {
      silence_due_ = std::min(silence_due_, due);
      continue;
    }
    const std::string reason = "nothing heard for " + about(now.steady - g.heard);
    set_presence(g, Presence::silent, reason, now);
    sink_.on_gateway_seen(name, false);
    alarm_presence(g, "silent", "silent: " + reason);
    log::warn("gateway_silent", {{"gateway", name}});
  }
}

// Without a broker all gateways are unseen, and it is not they that are to blame: one alarm stands for all.
void Ingest::watch_own_silence(Now now) {
  if (blind_host_) return;
  const SteadyTime due = link_since_ + std::min(times_.silent_after, times_.blind_after);
  if (now.steady < due) {
    silence_due_ = due;
    return;
  }
  blind_host_ = true;
  const std::string reason = "the host has no connection to its broker";
  for (auto& [name, g] : gateways_) {
    if (g.status.presence != Presence::offline) set_presence(g, Presence::silent, reason, now);
    sink_.on_gateway_seen(name, false);
  }
  sink_.on_gateway_alarm(host_alarm_name, "broker", true, reason + ": no gateway can be seen", 1);
}

}  // namespace davy
