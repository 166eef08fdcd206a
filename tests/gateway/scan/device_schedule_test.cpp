#include "gateway/scan/device_schedule.hpp"

#include <vector>

#include <doctest/doctest.h>

using namespace davy;
using namespace std::chrono_literals;

namespace {
const SteadyTime start = steady_from_ms(10'000);
}

TEST_CASE("schedule: rounds stay on their grid however late they are served") {
  struct Row {
    Duration served_after_start;
    Duration next_after_start;
    std::uint64_t missed;
  };
  constexpr Row rows[] = {
      {0ms, 1000ms, 0},    {1000ms, 2000ms, 0}, {2999ms, 3000ms, 0},
      {3001ms, 4000ms, 0}, {7500ms, 8000ms, 3},  // rounds 5000, 6000 and 7000 are gone: skipped, not bunched
      {8000ms, 9000ms, 3},
  };
  DeviceSchedule schedule{start, 1000ms};
  for (const Row& r : rows) {
    CAPTURE(r.served_after_start.count());
    schedule.take_round(start + r.served_after_start);
    CHECK(schedule.next_due() == start + r.next_after_start);
    CHECK(schedule.missed_rounds() == r.missed);
  }
}

TEST_CASE("schedule: probes of a dead device back off and never stop") {
  DeviceSchedule schedule{start, 1000ms};
  schedule.on_silence(start);
  CHECK_FALSE(schedule.dead());  // one lost reply is not a dead device
  schedule.on_silence(start + 1s);
  CHECK(schedule.dead());

  SteadyTime asked = start + 1s;
  for (const Duration wait : {1000ms, 2000ms, 4000ms, 4500ms, 4500ms}) {
    CHECK(schedule.read_due() - asked == wait);
    asked = schedule.read_due();
    schedule.on_silence(asked);
  }

  schedule.on_answer();
  CHECK_FALSE(schedule.dead());
  schedule.on_silence(asked);  // and counts from the beginning
  CHECK_FALSE(schedule.dead());
  schedule.on_silence(asked);
  CHECK(schedule.read_due() == asked + 1s);
}

TEST_CASE("schedule: a dead device keeps its rounds") {
  DeviceSchedule schedule{start, 1000ms};
  schedule.take_round(start);
  schedule.on_silence(start);
  schedule.take_round(start + 1s);
  schedule.on_silence(start + 1s);
  schedule.on_silence(start + 2s);  // the next probe is at 4 s
  CHECK(schedule.next_due() == start + 2s);
  CHECK(schedule.round_due(start + 2s));
  schedule.take_round(start + 2s);
  CHECK(schedule.next_due() == start + 3s);
}
