#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "drivers/simulated/simulated_bus.hpp"
#include "gateway/edge/edge.hpp"
#include "gateway/scan/register_scanner.hpp"
#include "proto/base/manual_clock.hpp"
#include "proto/link/fake_broker.hpp"
#include "proto/wire/gateway_config.hpp"
#include "tests/sim/lock_witness.hpp"
#include "tests/sim/recording_spool.hpp"
#include "tests/sim/sqlite_sim_disk.hpp"
#include "tests/sim/truth.hpp"

namespace davy::sim {

// The real gateway on simulated buses, disk, link and clock. Its wall clock is its own and may be wrong.
class SimGateway {
 public:
  SimGateway(std::string name, FakeBroker& broker, std::uint64_t seed, Duration length, Duration period);
  ~SimGateway();

  void start();       // does nothing when it runs; a disk that cannot be used leaves it off
  void power_loss();  // and it stays off until start()
  void step();
  SteadyTime next_due() const;
  void advance(Duration by) { clock_.advance(by); }

  const std::string& name() const { return name_; }
  bool running() const { return life_ != nullptr; }
  bool spool_empty() const;
  Now now() const { return read(clock_); }
  void set_wall(WallTime to) { clock_.set_wall(to); }
  bool clock_was_touched() const { return clock_touched_; }
  void touch_clock(WallTime to);

  SimDisk& disk() { return disk_; }
  SimulatedBus& bus() { return bus_; }
  static constexpr std::uint8_t units = 3;
  static constexpr std::uint8_t relay_unit = units + 1;
  // The relay answers as ever and does not switch.
  void stick_relay(bool yes);
  // Its unit does not answer, or does again.
  void break_unit(std::uint8_t unit, BusFault fault);
  void mend_unit(std::uint8_t unit);
  void break_bus(BusFault fault);
  void mend_bus();

  const std::vector<TruePoint>& truth() const { return truth_; }
  const SpoolRecord& record() const { return record_; }
  const LockWitness& witness() const { return witness_; }
  // Hazards of a point of which at least one good reading reached the spool for good.
  std::vector<Hazard> measured_hazards(std::size_t point) const;

 private:
  struct Life;  // from power on to power off

  void watch_power();

  const std::string name_;
  FakeBroker& broker_;
  std::mt19937_64 random_;
  SimDisk disk_;
  ManualClock clock_;
  GatewayConfig config_;
  SimulatedBus bus_;
  std::vector<TruePoint> truth_;
  SpoolRecord record_;
  LockWitness witness_;
  bool relay_stuck_ = false;
  bool relay_broken_ = false;
  bool bus_broken_ = false;
  std::unique_ptr<Life> life_;
  bool clock_touched_ = false;
};

}  // namespace davy::sim
