#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "gateway/interlock/interlock.hpp"

// A heading with all its locks: T1 at the face, T2 in the return, T3 in the series intake, a fan with its
// duct, one cutter with a feed sensor, a fan lock and a sounder. Everything a test says happens at its own
// time.
namespace davy::test {

// Positions of the points, outputs and locks.
enum P : std::size_t { T1, T2, T3, fan, duct, feed, point_count };
enum O : std::size_t { cutter, fan_lock, sounder, output_count };
enum L : std::size_t { row_a, row_b, row_c, row_d, row_e, row_f, row_g, lock_count };

InterlockSettings heading();
std::vector<Point> heading_points();

class LockScene {
 public:
  explicit LockScene(InterlockSettings made = heading());

  // A reading that arrives now.
  void read(std::size_t point, double value, Quality quality = {});
  // All points good and harmless: no gas, the fan runs, the duct has air, the load is fed as commanded.
  void read_all_good();
  // One step, after what outputs and feed do by themselves. The outputs follow unless `stuck`.
  const InterlockStep& step();
  // Steps with everything good once a second, until all has settled.
  void settle();
  // Time passes in steps of a second; `every` is called before each.
  template <typename Every>
  void run(Duration span, Every every) {
    const SteadyTime end = now.steady + span;
    while (now.steady < end) {
      pass(std::min(Duration{1000}, end - now.steady));
      every();
      step();
    }
  }
  void pass(Duration span);
  void restart();  // with what locked_fans() said

  bool tripped(std::size_t lock) const { return interlock->tripped(lock); }
  bool acting(std::size_t output) const { return last.outputs[output].acting; }
  std::size_t count(EventKind kind) const;
  const Event& only(EventKind kind) const;  // of all events since forget()
  void forget() { events.clear(); }

  InterlockSettings settings;
  std::vector<Point> points = heading_points();
  std::vector<InputReading> readings = std::vector<InputReading>(point_count);
  std::vector<OutputReport> reports = std::vector<OutputReport>(output_count);
  std::map<std::size_t, bool> stuck;  // output -> the state it reads back for ever
  bool feed_follows = true;           // read_all_good() reads the feed as the cutter's command wants it
  bool reports_come = true;
  Now now{SteadyTime{Duration{1'000'000}}, WallTime{Duration{1'700'000'000'000}}};
  std::unique_ptr<Interlock> interlock;
  InterlockStep last;
  std::vector<Event> events;
};

}  // namespace davy::test
