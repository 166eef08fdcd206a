#include "gateway/scan/register_scanner.hpp"

#include <algorithm>
#include <vector>

#include <doctest/doctest.h>

#include "tests/gateway/scan/scripted_bus.hpp"

using namespace davy;
using namespace davy::test;
using namespace std::chrono_literals;

TEST_CASE("scanner: the period is kept exactly over a day") {
  Bus bus{{alive, alive, alive, alive}};
  bus.run_for(24h);
  for (std::size_t d = 0; d < 4; ++d) {
    CAPTURE(d);
    const auto& asked = bus.asked[d];
    REQUIRE(asked.size() == 24 * 3600);
    CHECK(asked.front() == d * 22ms);  // one after another, with a little air
    CHECK(asked.back() - asked.front() == (24 * 3600 - 1) * 1000ms);
    CHECK(bus.scanner->counters(d).missed_rounds == 0);
  }
}

TEST_CASE("scanner: a sample has the wall time of its own reply") {
  Bus bus{{[](Duration) { return Answer{.takes = 35ms}; }}};
  bus.run_for(3s);
  REQUIRE(bus.samples[0].size() == 3);
  CHECK(bus.samples[0][2].source_time == bus.started_wall + 2035ms);
}

TEST_CASE("scanner: a bus that cannot keep up skips rounds evenly and counts them") {
  const Script slow = [](Duration) { return Answer{.takes = 500ms}; };  // four of them need 2 s
  Bus bus{{slow, slow, slow, slow}};
  bus.run_for(100s);
  for (std::size_t d = 0; d < 4; ++d) {
    CAPTURE(d);
    CHECK(bus.asked[d].size() == doctest::Approx(50).epsilon(0.05));
    CHECK(bus.scanner->counters(d).missed_rounds == doctest::Approx(50).epsilon(0.05));
  }
  CHECK(bus.last.counts.missed_rounds == doctest::Approx(200).epsilon(0.05));
  // Never bunched: nobody is asked again before a period is over, give or take one read of another.
  for (std::size_t i = 1; i < bus.asked[0].size(); ++i) CHECK(bus.asked[0][i] - bus.asked[0][i - 1] >= 500ms);
}

TEST_CASE("scanner: two dead devices of ten cost the others little") {
  std::vector<Script> scripts(10, alive);
  scripts[3] = scripts[4] = dead;
  Bus bus{scripts};
  bus.run_for(10s);  // detected within a few rounds
  for (auto& asked : bus.asked) asked.clear();
  bus.run_for(100s);
  for (const std::size_t d : {0U, 1U, 2U, 5U, 6U, 7U, 8U, 9U}) {
    CAPTURE(d);
    CHECK(bus.asked[d].size() == 100);
    CHECK(bus.scanner->counters(d).missed_rounds == 0);
    Duration worst_gap{};
    for (std::size_t i = 1; i < bus.asked[d].size(); ++i) {
      worst_gap = std::max(worst_gap, bus.asked[d][i] - bus.asked[d][i - 1]);
    }
    CHECK(worst_gap <= 1400ms);  // one probe's time-out, now and then
  }
  CHECK(bus.asked[3].size() >= 20);
  CHECK(bus.asked[3].size() <= 26);
}

TEST_CASE("scanner: the points of a dead device say so at every period, with a fresh time") {
  Bus bus{{alive, dead}};
  bus.run_for(60s);
  const auto& samples = bus.samples[1];
  CHECK(samples.size() == 60);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    CHECK(samples[i].quality.validity == Validity::bad_comm);
    if (i > 0) CHECK(samples[i].source_time - samples[i - 1].source_time <= 1400ms);
  }
}

TEST_CASE("scanner: a device that comes back is read within 5 s") {
  struct Row {
    Duration period;
    Duration gone_for;
  };
  constexpr Row rows[] = {{1000ms, 3s}, {1000ms, 11s}, {1000ms, 100s}, {1000ms, 1h},
                          {10s, 1h},    {60s, 1h},     {200ms, 77s}};
  for (const Row& r : rows) {
    CAPTURE(r.period.count());
    CAPTURE(r.gone_for.count());
    const Duration from = 3 * r.period;
    const Duration back = from + 2 * r.period + r.gone_for;
    std::vector<Script> scripts(5, alive);
    scripts[2] = dead_between(from, back);
    Bus bus{scripts, {.period = r.period}};
    bus.run_for(back + 5s);
    CHECK(bus.samples[2].back().quality.validity == Validity::good);
    CHECK(bus.count(EventKind::bus_fault) == 1);
    CHECK(bus.count(EventKind::bus_restored) == 1);
  }
}

TEST_CASE("scanner: one lost reply is a bad sample but no fault") {
  Bus bus{{dead_between(5s, 5500ms)}};
  bus.run_for(10s);
  CHECK(bus.samples[0][5].quality.validity == Validity::bad_comm);
  CHECK(bus.samples[0][6].quality.validity == Validity::good);
  CHECK(bus.events.empty());
  CHECK(bus.last.counts.failed_requests == 1);
  CHECK(bus.scanner->counters(0).failed[static_cast<std::size_t>(BusFault::timeout)] == 1);
}

TEST_CASE("scanner: a fault is told once however long it lasts") {
  Bus bus{{alive, dead}};
  bus.run_for(1h);
  REQUIRE(bus.events.size() == 1);
  CHECK(bus.events[0].kind == EventKind::bus_fault);
  CHECK(bus.events[0].text == "rs485-1/d1: no reply");
}

TEST_CASE("scanner: a lost port is one fault of the bus, and all devices are asked at once when it is back") {
  const Script unplugged = [](Duration t) {
    return t >= 10s && t < 60s ? Answer{.fault = BusFault::port_lost, .takes = 0ms} : alive(t);
  };
  Bus bus{std::vector<Script>(8, unplugged)};
  bus.run_for(59s);
  REQUIRE(bus.events.size() == 1);
  CHECK(bus.events[0].text == "rs485-1: no reply");
  bus.run_for(30s);
  REQUIRE(bus.events.size() == 2);
  CHECK(bus.events[1].kind == EventKind::bus_restored);
  const WallTime back = bus.events[1].at;
  CHECK(back - bus.started_wall <= 65s);
  for (std::uint32_t d = 0; d < 8; ++d) {
    const auto first_good = std::ranges::find_if(bus.samples[d], [&](const Sample& s) {
      return s.source_time >= back && s.quality.validity == Validity::good;
    });
    REQUIRE(first_good != bus.samples[d].end());
    CHECK(first_good->source_time - back <= 10 * 20ms);
  }
}

TEST_CASE("scanner: a device that stays silent behind a port that came back is told by its own name") {
  const auto unplugged = [](Duration t) { return t >= 10s && t < 30s; };
  const Script good = [=](Duration t) {
    return unplugged(t) ? Answer{.fault = BusFault::port_lost} : alive(t);
  };
  const Script died = [=](Duration t) {
    return unplugged(t) ? Answer{.fault = BusFault::port_lost} : t < 10s ? alive(t) : dead(t);
  };
  Bus bus{{good, died}};
  bus.run_for(60s);
  REQUIRE(bus.events.size() == 3);
  CHECK(bus.events[1].kind == EventKind::bus_restored);
  CHECK(bus.events[2].kind == EventKind::bus_fault);
  CHECK(bus.events[2].text == "rs485-1/d1: no reply");
}

TEST_CASE("scanner: limits are judged with hysteresis and survive a silent spell") {
  const Script script = [](Duration t) {
    if (t >= 2s && t < 3s) return Answer{.value = 1.2};
    if (t >= 3s && t < 20s) return dead(t);
    return Answer{.value = t < 22s ? 0.9 : 0.5};
  };
  Bus bus{{script}, {.fast_period = 1000ms}};
  bus.run_for(30s);
  const auto& samples = bus.samples[0];
  CHECK(samples[1].quality.limit == LimitState::none);
  CHECK(samples[2].quality.limit == LimitState::alarm);
  CHECK(samples[10].quality.validity == Validity::bad_comm);
  CHECK(samples[10].quality.limit == LimitState::alarm);
  const auto cleared = std::find_if(samples.begin() + 3, samples.end(),
                                    [](const Sample& s) { return s.quality.limit == LimitState::none; });
  REQUIRE(cleared != samples.end());
  CHECK(cleared->value == 0.5);
}

TEST_CASE("scanner: what a full inbox refused is counted and reported when it takes again") {
  Bus bus{{alive, alive}, {.inbox_size = 3}};
  bus.run_for(10s, false);  // nobody drains: 3 of 20 batches fit
  bus.collect();
  CHECK(bus.samples[0].size() + bus.samples[1].size() == 3);
  bus.run_for(5s);
  REQUIRE(bus.count(EventKind::input_lost) == 1);
  CHECK(bus.events[0].first == 17);
  CHECK(bus.samples[0].size() + bus.samples[1].size() == 13);
}

TEST_CASE("scanner: a fault that happened while the inbox was full is told later") {
  Bus bus{{dead_between(2s, 100s)}, {.inbox_size = 1}};
  bus.run_for(20s, false);
  bus.collect();
  CHECK(bus.events.empty());
  bus.run_for(2s);
  CHECK(bus.count(EventKind::bus_fault) == 1);
}
