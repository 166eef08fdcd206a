#include "gateway/edge/clock_watch.hpp"

#include <doctest/doctest.h>

#include "proto/base/manual_clock.hpp"

using namespace davy;
using namespace std::chrono_literals;

TEST_CASE("clock: a step is what moved between two looks, beyond one second") {
  struct Row {
    Duration set_by;
    bool told;
  };
  constexpr Row rows[] = {{0ms, false},   {900ms, false},  {-900ms, false}, {1000ms, false},
                          {1001ms, true}, {-1001ms, true}, {1800s, true},   {-87600h, true}};
  for (const Row& r : rows) {
    CAPTURE(r.set_by.count());
    ManualClock clock;
    ClockWatch watch{read(clock)};
    clock.advance(250ms);
    clock.set_wall(clock.wall() + r.set_by);
    const auto moved = watch.moved(read(clock));
    CHECK(moved.has_value() == r.told);
    if (moved) CHECK(*moved == r.set_by);
    clock.advance(10s);
    CHECK_FALSE(watch.moved(read(clock)));  // once
  }
}

TEST_CASE("clock: slewing is no step, however far it leads") {
  ManualClock clock;
  ClockWatch watch{read(clock)};
  for (int i = 0; i < 36'000; ++i) {
    clock.advance(100ms);
    clock.set_wall(clock.wall() + 1ms);
    CHECK_FALSE(watch.moved(read(clock)));
  }
}

TEST_CASE("clock: its quality") {
  CHECK(clock_quality(wall_from_ms(0), false) == ClockQuality::unset);
  CHECK(clock_quality(wall_from_ms(0), true) == ClockQuality::unset);  // whatever the kernel thinks
  CHECK(clock_quality(davy_exists_since, false) == ClockQuality::free);
  CHECK(clock_quality(davy_exists_since, true) == ClockQuality::synced);
}
