#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "proto/base/clock.hpp"
#include "proto/link/fake_broker.hpp"
#include "proto/model/block.hpp"
#include "tests/sim/sim_gateway.hpp"
#include "tests/sim/sim_host.hpp"

namespace davy::sim {

// How much of a life a seed lives: most look closely at minutes, some at days.
struct WorldPlan {
  Duration length;       // with faults
  Duration period;       // of every point
  Duration fault_every;  // on average
};

// A mine in one process: the real gateways and the real host on simulated buses, disks, link and clocks.
// Everything that happens follows from the seed.
class World {
 public:
  explicit World(std::uint64_t seed);

  // Lives the plan, faults and all; then heals everything and lets it settle. False: it did not settle in
  // time.
  bool live();
  // What is wrong with the result, one sentence each; empty when every promise was kept. Call after live().
  std::vector<std::string> broken_promises();
  // Of everything the host has on record.
  Hash fingerprint();
  // What happened, for whoever replays a seed.
  void set_verbose(bool verbose) { verbose_ = verbose; }
  const WorldPlan& plan() const { return plan_; }

 private:
  void run_until(SteadyTime end, bool faulty);
  void tick(SteadyTime to);
  void one_fault();
  void link_fault();
  void gateway_fault(SimGateway& gateway);
  void host_fault();
  void heal();
  bool settled() const;
  void say(const std::string& what);
  std::uint64_t random(std::uint64_t below) { return random_() % below; }
  Duration random_span(Duration max);
  // What a right clock shows at a true time.
  static WallTime true_wall(SteadyTime t) { return ManualClock{}.wall() + (t - ManualClock{}.steady()); }

  void check_history(std::vector<std::string>& broken);
  void check_gaps(std::vector<std::string>& broken);
  void check_alarms(std::vector<std::string>& broken);

  const std::uint64_t seed_;
  std::mt19937_64 random_;
  WorldPlan plan_;
  SteadyTime now_;
  FakeBroker broker_;
  SimHost host_;
  std::vector<std::unique_ptr<SimGateway>> gateways_;
  // Spells end by themselves: when, and what to undo.
  struct Spell {
    SteadyTime ends;
    std::function<void()> undo;
  };
  std::vector<Spell> spells_;
  bool verbose_ = false;
};

}  // namespace davy::sim
