#include "tests/sim/world.hpp"

#include <algorithm>
#include <cstdio>
#include <functional>
#include <utility>

namespace davy::sim {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t gateway_count = 2;
constexpr Duration tick_max = 1000ms;
constexpr Duration settle_max = 30min;

WorldPlan plan_of(std::uint64_t seed) {
  // One seed in eight lives half a day with a reading a minute, the others minutes with a reading a second.
  if (seed % 8 == 0) return {12h, 60s, 20min};
  return {4min, 1s, 8s};
}

}  // namespace

World::World(std::uint64_t seed)
    : seed_{seed},
      random_{seed},
      plan_{plan_of(seed)},
      now_{ManualClock{}.steady()},
      broker_{seed},
      host_{broker_, seed, 60s} {
  for (std::size_t i = 0; i < gateway_count; ++i) {
    gateways_.push_back(std::make_unique<SimGateway>("gw" + std::to_string(i + 1), broker_, seed * 100 + i,
                                                     plan_.length, plan_.period));
  }
}

bool World::live() {
  host_.start();
  for (auto& gateway : gateways_) gateway->start();
  run_until(now_ + plan_.length, true);
  heal();
  const SteadyTime end = now_ + settle_max;
  // One reading round after everything is well again, then until nothing is on its way any more.
  run_until(now_ + 2 * plan_.period + 10s, false);
  while (now_ < end && !settled()) run_until(now_ + 5s, false);
  const bool done = settled();
  for (auto& gateway : gateways_) gateway->power_loss();
  return done;
}

void World::run_until(SteadyTime end, bool faulty) {
  SteadyTime next_fault = now_ + random_span(2 * plan_.fault_every);
  while (now_ < end) {
    SteadyTime next =
        std::min({end, now_ + std::max(tick_max, plan_.period / 4), broker_.next_due(), host_.next_due()});
    for (const auto& gateway : gateways_) next = std::min(next, gateway->next_due());
    if (faulty) next = std::min(next, next_fault);
    for (const Spell& spell : spells_) next = std::min(next, spell.ends);
    tick(std::max(next, now_ + 1ms));
    if (faulty && now_ >= next_fault) {
      one_fault();
      next_fault = now_ + random_span(2 * plan_.fault_every);
    }
  }
}

void World::tick(SteadyTime to) {
  const Duration by = to - now_;
  now_ = to;
  host_.advance(by);
  for (auto& gateway : gateways_) gateway->advance(by);
  for (std::size_t i = 0; i < spells_.size();) {
    if (spells_[i].ends > now_) {
      ++i;
      continue;
    }
    const auto undo = std::move(spells_[i].undo);
    spells_.erase(spells_.begin() + static_cast<std::ptrdiff_t>(i));
    undo();
  }
  broker_.step(now_);
  for (auto& gateway : gateways_) gateway->step();
  broker_.step(now_);
  host_.step();
  broker_.step(now_);
}

Duration World::random_span(Duration max) {
  return Duration{static_cast<std::int64_t>(random(static_cast<std::uint64_t>(max.count())) + 1)};
}

void World::say(const std::string& what) {
  if (verbose_) std::printf("%10.3f s  %s\n", static_cast<double>(to_ms(now_)) / 1000.0, what.c_str());
}

void World::one_fault() {
  switch (random(8)) {
    case 0:
    case 1:
    case 2: return link_fault();
    case 3:
    case 4:
    case 5: return gateway_fault(*gateways_[random(gateways_.size())]);
    case 6: return host_fault();
    default: return host_.acknowledge_one(random_);
  }
}

void World::link_fault() {
  const SteadyTime ends = now_ + random_span(3 * plan_.fault_every);
  switch (random(7)) {
    case 0: say("broker restarts"); return broker_.cut_all();
    case 1:
      say("broker restarts and forgets what was retained");
      broker_.forget_retained();
      return broker_.cut_all();
    case 2:
      say("broker cannot be reached");
      broker_.cut_all("no route to host");
      broker_.set_reachable(false);
      return spells_.push_back({ends, [this] { broker_.set_reachable(true); }});
    case 3:
      say("one gateway's link goes silent");
      return broker_.silence(gateways_[random(gateways_.size())]->name());
    case 4: say("the host's link goes silent"); return broker_.silence("davy-host-sim");
    case 5:
      say("messages are doubled, delayed and overtake each other");
      broker_.faults = {.drop = 0, .duplicate = 0.2, .delay_min = 0ms, .delay_max = 3s};
      return spells_.push_back({ends, [this] { broker_.faults = {}; }});
    default:
      say("the broker loses messages it has accepted");
      broker_.faults = {.drop = 0.2, .duplicate = 0.05, .delay_min = 0ms, .delay_max = 200ms};
      return spells_.push_back({ends, [this] { broker_.faults = {}; }});
  }
}

void World::gateway_fault(SimGateway& gateway) {
  const SteadyTime ends = now_ + random_span(2 * plan_.fault_every);
  SimGateway* const g = &gateway;
  switch (random(7)) {
    case 0:
      say(g->name() + " loses power");
      g->power_loss();
      return spells_.push_back({ends, [g] { g->start(); }});
    case 1:
      say(g->name() + " loses power while writing");
      g->disk().power_loss_at(1 + random(12));
      return spells_.push_back({ends, [g] {
                                  g->power_loss();
                                  g->start();
                                }});
    case 2:
      say(g->name() + "'s disk is full");
      g->disk().set_full(true);
      return spells_.push_back({ends, [g] { g->disk().set_full(false); }});
    case 3: {
      const bool to_1970 = random(3) == 0;
      const auto steps = static_cast<std::int64_t>(random(7'200'000)) - 3'600'000;
      say(g->name() + (to_1970 ? "'s clock is back in 1970" : "'s clock steps"));
      return g->touch_clock(to_1970 ? wall_from_ms(steps + 3'600'000) : g->now().wall + Duration{steps});
    }
    case 4: {
      const auto unit = static_cast<std::uint8_t>(1 + random(SimGateway::relay_unit));
      const BusFault faults[] = {BusFault::timeout, BusFault::crc, BusFault::wrong_unit,
                                 BusFault::short_frame, BusFault::exception};
      const BusFault fault = faults[random(5)];
      say(g->name() + " unit " + std::to_string(unit) + ": " + to_string(fault));
      g->break_unit(unit, fault);
      return spells_.push_back({ends, [g, unit] { g->mend_unit(unit); }});
    }
    case 5:
      say(g->name() + ": its relay sticks");
      g->stick_relay(true);
      return spells_.push_back({ends, [g] { g->stick_relay(false); }});
    default:
      say(g->name() + ": the bus's port vanishes");
      g->break_bus(BusFault::port_lost);
      return spells_.push_back({ends, [g] { g->mend_bus(); }});
  }
}

void World::host_fault() {
  const SteadyTime ends = now_ + random_span(plan_.fault_every);
  switch (random(3)) {
    case 0:
      say("the host loses power");
      host_.power_loss();
      return spells_.push_back({ends, [this] { host_.start(); }});
    case 1:
      say("the host loses power while writing");
      host_.disk().power_loss_at(1 + random(30));
      return spells_.push_back({ends, [this] {
                                  host_.power_loss();
                                  host_.start();
                                }});
    default:
      say("the host's disk is full");
      host_.disk().set_full(true);
      return spells_.push_back({ends, [this] { host_.disk().set_full(false); }});
  }
}

void World::heal() {
  say("everything is well again");
  for (Spell& spell : std::exchange(spells_, {})) spell.undo();
  broker_.faults = {};
  broker_.set_reachable(true);
  host_.start();
  for (auto& gateway : gateways_) gateway->start();
}

bool World::settled() const {
  return host_.running() &&
         std::ranges::all_of(gateways_, [](const auto& g) { return g->running() && g->spool_empty(); });
}

}  // namespace davy::sim
