#pragma once

#include <optional>
#include <string>
#include <vector>

#include "proto/base/clock.hpp"
#include "tests/sim/truth.hpp"

namespace davy::sim {

// What the world knows of one gateway's power at one moment.
struct PowerNow {
  bool alive = false;          // the gateway runs
  bool on = false;             // the relay feeds, whoever asks it
  bool cuts = true;            // what the locks want
  bool output_faulty = false;  // what the locks say of the relay
  bool relay_well = true;      // it can be reached and switches
};

// Watches the power of one gateway against the true air and against what its sensors were heard to say; knows
// nothing of how locks work. Complains in words:
//   - gas, or a sensor that says nothing, for longer than one poll and 2 s, and the locks do not cut; or they
//     do, the relay is well, and there is power; or it is not well, and nobody says so
//   - power comes (back) without every input read below the release value not long ago, or before settling
class LockWitness {
 public:
  struct Times {
    Duration poll;
    Duration stale_after;
    Duration settle;
    Duration read_back_within;
  };
  LockWitness(std::string name, Times times, std::size_t inputs);

  void on_reading(std::size_t input, double value, SteadyTime now);  // a good one got through
  void on_start(SteadyTime now);
  void look(const std::vector<TruePoint>& truth, const PowerNow& power, SteadyTime now);

  const std::vector<std::string>& complaints() const { return complaints_; }
  // So that a seed that tests nothing shows.
  int cuts_seen() const { return cuts_seen_; }
  int feeds_seen() const { return feeds_seen_; }

 private:
  struct Input {
    std::optional<SteadyTime> gas_since;
    std::optional<SteadyTime> read_at;
    double read = 0;
  };
  void check_cut(const std::vector<TruePoint>& truth, const PowerNow& power, SteadyTime now);
  void check_feed(SteadyTime now);
  void complain(const std::string& what, SteadyTime now);

  const std::string name_;
  const Times times_;
  std::vector<Input> inputs_;
  SteadyTime alive_since_;
  std::optional<SteadyTime> disobeyed_since_;  // the locks cut and there is power
  std::optional<SteadyTime> well_since_;       // the relay
  bool was_on_ = false;
  std::vector<std::string> complaints_;
  int cuts_seen_ = 0;
  int feeds_seen_ = 0;
};

}  // namespace davy::sim
