#include "host/ingest/boot_clocks.hpp"

#include <random>

#include <doctest/doctest.h>

using namespace davy;

namespace {

constexpr WallTime noon{Duration{1'800'000'000'000}};
constexpr SteadyTime host_start{Duration{5'000'000}};
constexpr Duration ms(std::int64_t n) { return Duration{n}; }

Now at(Duration after) { return {host_start + after, noon + after}; }
// The steady clock of a gateway that was started `before` the host's zero of these tests.
SteadyTime gateway_at(Duration after, Duration before) { return SteadyTime{after + before}; }

}  // namespace

TEST_CASE("boot clocks: the quickest message of a window tells the time, slow ones do not spoil it") {
  BootClocks clocks;
  std::mt19937 random{5};
  const Duration before{777'000};
  for (int i = 0; i < 60; ++i) {
    const Duration sent{i * 5000};
    const Duration delay{i % 7 == 0 ? 3 : 3 + static_cast<std::int64_t>(random() % 4000)};
    clocks.heard(1, gateway_at(sent, before), at(sent + delay));
    const Duration truth = noon.time_since_epoch() - before;
    REQUIRE(*clocks.wall_minus_steady(1) >= truth);
    if (i >= 7) REQUIRE(*clocks.wall_minus_steady(1) <= truth + ms(3));
  }
  CHECK_FALSE(clocks.wall_minus_steady(2));
}

TEST_CASE("boot clocks: a drifting oscillator is followed") {
  BootClocks clocks;
  for (int i = 0; i < 2000; ++i) {
    const Duration sent{i * 5000};
    const Duration slow = sent - sent / 10'000;  // loses 100 ppm: the quickest message is ever the newest
    clocks.heard(1, gateway_at(slow, ms(0)), at(sent + ms(2)));
  }
  const Duration last{1999 * 5000};
  const Duration truth = (noon + last).time_since_epoch() - (last - last / 10'000);
  CHECK(std::chrono::abs(*clocks.wall_minus_steady(1) - truth) < ms(20));
}

TEST_CASE("boot clocks: each boot has its own, kept over a restart of the host") {
  BootClocks clocks;
  clocks.heard(1, gateway_at(ms(0), ms(1000)), at(ms(0)));
  const auto row = clocks.take_row(GatewayId{3}, noon);
  REQUIRE(row);
  CHECK_FALSE(clocks.take_row(GatewayId{3}, noon));
  clocks.heard(2, gateway_at(ms(0), ms(500'000)), at(ms(60'000)));
  CHECK(*clocks.wall_minus_steady(1) != *clocks.wall_minus_steady(2));
  BootClocks again;
  again.restore(*row);
  CHECK(again.wall_minus_steady(1) == clocks.wall_minus_steady(1));
  for (std::uint64_t boot = 10; boot < 100; ++boot)
    clocks.heard(boot, gateway_at(ms(0), ms(0)), at(ms(60'000)));
  CHECK_FALSE(clocks.wall_minus_steady(1));  // bounded: the oldest are forgotten
  CHECK(clocks.wall_minus_steady(99));
}

TEST_CASE("judge time: whose clock counts") {
  constexpr Duration limit{2000};
  constexpr Duration base{noon.time_since_epoch() -
                          Duration{100'000}};  // true time at gateway steady 100 000 is noon
  constexpr SteadyTime opened_steady{Duration{100'000}};
  struct Row {
    const char* what;
    WallTime opened;
    ClockQuality clock;
    bool estimate;
    Duration error;
    ClockMark mark;
  };
  const WallTime in_1970 = wall_from_ms(90'000);
  const Row rows[] = {
      {"right", noon, ClockQuality::synced, true, ms(0), ClockMark::ok},
      {"off by less than the limit keeps its time", noon + ms(1999), ClockQuality::free, true, ms(0),
       ClockMark::ok},
      {"off by more is corrected, ahead", noon + ms(2001), ClockQuality::free, true, ms(2001),
       ClockMark::corrected},
      {"and behind", noon - ms(5000), ClockQuality::synced, true, ms(-5000), ClockMark::corrected},
      {"1970 with an estimate", in_1970, ClockQuality::unset, true, in_1970 - noon, ClockMark::corrected},
      {"right by chance", noon, ClockQuality::unset, true, ms(0), ClockMark::ok},
      {"1970 without one", in_1970, ClockQuality::unset, false, ms(0), ClockMark::unknown},
      {"nothing is known of it", noon, ClockQuality::unknown, false, ms(0), ClockMark::unknown},
      {"trusted by its gateway", noon - ms(9000), ClockQuality::free, false, ms(0), ClockMark::ok},
      {"nothing comes from the future", noon + ms(7000), ClockQuality::free, false, ms(7000),
       ClockMark::corrected},
      {"not even unknown", noon + ms(7000), ClockQuality::unset, false, ms(7000), ClockMark::unknown},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    BlockHeader header;
    header.opened_at = row.opened;
    header.opened_steady = opened_steady;
    header.clock = row.clock;
    const auto time =
        judge_time(header, row.opened, row.estimate ? std::optional{base} : std::nullopt, limit, noon);
    CHECK(time.error == row.error);
    CHECK(time.mark == row.mark);
  }
}
