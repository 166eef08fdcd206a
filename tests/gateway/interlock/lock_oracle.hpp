#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tests/gateway/interlock/lock_scene.hpp"

// What the heading of lock_scene.hpp has to do, worked out from the clauses of AQ 6201 (docs/interlock.md)
// and not from the code: plain numbers, one lock after the other, nothing shared with gateway/interlock but
// readings and times.
namespace davy::test {

class LockOracle {
 public:
  LockOracle(SteadyTime now, bool fan_was_locked);

  struct World {
    std::span<const InputReading> readings;
    std::span<const OutputReport> reports;
    SteadyTime now;
  };
  void step(const World& world);

  // May the key be used now, as of the last step? And then it is.
  bool key_fits(SteadyTime now) const;
  void turn_key(SteadyTime now);

  std::array<bool, lock_count> tripped{};
  bool fan_remembered() const { return tripped[row_f] || key_until_.has_value(); }
  bool key_open() const { return key_until_.has_value(); }
  bool cutter_faulty() const { return faulty_[cutter]; }

 private:
  enum class Word : std::uint8_t { fine, bad, band, nobody_knows };
  struct Told {
    Word word = Word::nobody_knows;
    bool trustworthy = true;  // the sensor was measuring when it said so
    bool clean = false;       // good, fresh, nobody at work
  };
  Told gas(const World& world, std::size_t point, double trip, double release) const;
  Told contact(const World& world, std::size_t point) const;
  static bool broken(const Told& t) { return t.word == Word::nobody_knows || !t.trustworthy; }
  void lock(std::size_t which, bool trips, bool fault, bool all_fine, SteadyTime now);
  void watch_outputs(const World& world);
  void watch_key(const Told& t1, const Told& t2, const Told& fan_state, bool fan_free, SteadyTime now);

  std::array<SteadyTime, lock_count> fault_over_{};  // when the lock's last fault was last seen
  std::array<bool, lock_count> fault_now_{};
  std::array<bool, output_count> wanted_{};
  std::array<SteadyTime, output_count> wanted_since_{};
  std::array<SteadyTime, output_count> wrong_since_{};
  std::array<bool, output_count> wrong_{};
  std::array<bool, output_count> faulty_{};
  std::optional<SteadyTime> key_until_;
  std::optional<bool> fed_;  // by the feed sensor; none when nobody knows
  SteadyTime feed_read_at_;
  bool first_ = true;
};

}  // namespace davy::test
