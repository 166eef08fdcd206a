#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "host/core/host_core.hpp"
#include "proto/base/manual_clock.hpp"
#include "proto/link/fake_broker.hpp"
#include "tests/sim/sqlite_sim_disk.hpp"

namespace davy::sim {

// The real host on a simulated disk and link. Remembers all it was told, as a page would.
class SimHost final : public HostListener {
 public:
  SimHost(FakeBroker& broker, std::uint64_t seed, Duration late_after);

  void step();
  SteadyTime next_due() const;
  void advance(Duration by) { clock_.advance(by); }
  Now now() const { return read(clock_); }

  bool running() const { return core_ != nullptr; }
  void start();
  void power_loss();  // and it stays off until start()
  // Power goes in the middle of the n-th disk write from now.
  SimDisk& disk() { return disk_; }

  // A person acknowledges the oldest alarm nobody has seen, with what their page knew of it.
  void acknowledge_one(std::mt19937_64& random);

  // What was told while the disk took what it was given. With a full disk alarms are told all the same, and
  // are not on record when the power goes then.
  const std::vector<JournalEntry>& told() const { return told_; }
  SqliteOptions database() const;

  void on_points(std::span<const HostPoint>) override {}
  void on_values(std::span<const LatestValue> changed) override;
  void on_gateway(const GatewayStatus&) override {}
  void on_alarm(const JournalEntry& entry) override;
  void on_standing(std::span<const Alarm> alarms) override;
  void on_health(const HostHealth&) override {}

 private:
  FakeBroker& broker_;
  SimDisk disk_;
  ManualClock clock_;
  HostConfig config_;
  std::unique_ptr<FakeLink> link_;
  std::unique_ptr<HostCore> core_;
  std::uint64_t lives_ = 0;
  std::vector<JournalEntry> told_;
  std::vector<JournalEntry> told_now_;  // in this step
  std::map<std::string, Alarm> page_;   // what an operator's page shows
};

}  // namespace davy::sim
