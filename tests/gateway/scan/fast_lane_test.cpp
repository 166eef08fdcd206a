#include <algorithm>
#include <vector>

#include <doctest/doctest.h>

#include "gateway/scan/register_scanner.hpp"
#include "tests/gateway/scan/scripted_bus.hpp"

using namespace davy;
using namespace davy::test;
using namespace std::chrono_literals;

TEST_CASE("scanner: the input of a lock is read at the fast period while the others keep theirs") {
  Bus bus{std::vector<Script>(10, alive), {.lock_devices = {4}}};
  bus.run_for(60s);
  CHECK(bus.asked[4].size() == 240);
  for (const std::size_t d : {0U, 3U, 5U, 9U}) CHECK(bus.asked[d].size() == 60);
  Duration worst{};
  for (std::size_t i = 1; i < bus.asked[4].size(); ++i)
    worst = std::max(worst, bus.asked[4][i] - bus.asked[4][i - 1]);
  CHECK(worst <= 250ms + 20ms);  // one read of another that had begun
}

TEST_CASE("scanner: the input of a lock keeps its period while thirty others are dead") {
  std::vector<Script> scripts(31, dead);
  scripts[0] = alive;
  Bus bus{scripts, {.lock_devices = {0}}};
  bus.run_for(20s);
  bus.asked[0].clear();
  bus.run_for(300s);
  CHECK(bus.asked[0].size() == 1200);
  Duration worst{};
  for (std::size_t i = 1; i < bus.asked[0].size(); ++i)
    worst = std::max(worst, bus.asked[0][i] - bus.asked[0][i - 1]);
  CHECK(worst == 250ms);  // no probe is begun that would reach into it
  for (std::size_t d = 1; d < 31; ++d) CHECK(bus.asked[d].size() >= 25);  // and all are looked after
}

TEST_CASE("scanner: a read of the fast lane goes before the rest of a long round") {
  // Twenty points in twenty requests of 20 ms: a round takes 400 ms. Unit 2 is the input of a lock.
  Bus bus{{alive, alive}, {.points_a_device = 20, .lock_devices = {1}, .fast_period = 100ms}};
  bus.run_for(60s);
  std::vector<Duration> fast;
  for (const Sample& s : bus.samples[20]) fast.push_back(s.source_time - bus.started_wall);
  Duration worst{};
  for (std::size_t i = 1; i < fast.size(); ++i) worst = std::max(worst, fast[i] - fast[i - 1]);
  CHECK(worst <= 100ms + 2 * 20ms);
  CHECK(bus.scanner->counters(0).missed_rounds == 0);
}

TEST_CASE("scanner: what is near a limit is looked at more often until it is far again") {
  struct Row {
    double value;
    std::size_t reads;  // in ten seconds
  };
  constexpr Row rows[] = {{0.3, 10}, {0.79, 10}, {0.81, 40}, {1.2, 40}};
  for (const Row& r : rows) {
    CAPTURE(r.value);
    bool high = true;
    Bus bus{{[&](Duration) { return Answer{.value = high ? r.value : 0.3}; }}};
    bus.run_for(2s);
    bus.asked[0].clear();
    bus.run_for(10s);
    CHECK(bus.asked[0].size() == r.reads);
    high = false;
    bus.run_for(2s);
    bus.asked[0].clear();
    bus.run_for(10s);
    CHECK(bus.asked[0].size() == 10);
  }
}

TEST_CASE("scanner: points near a limit never take the whole bus") {
  // Forty devices at 20 ms: a fast round of all would need 800 of 250 ms.
  const Script near = [](Duration) { return Answer{.value = 0.9}; };
  Bus bus{std::vector<Script>(40, near)};
  bus.run_for(60s);
  for (std::size_t d = 0; d < 40; ++d) {
    CAPTURE(d);
    CHECK(bus.asked[d].size() >= 57);  // each keeps its own period
  }
}

TEST_CASE("scanner: a probe waits for a gap that it fits into") {
  // Eight living ones, 20 ms each, one after another: the gap behind them is 800 ms, a probe takes 300.
  std::vector<Script> scripts(10, alive);
  scripts[3] = scripts[4] = dead;
  Bus bus{scripts};
  bus.run_for(20s);
  for (auto& asked : bus.asked) asked.clear();
  bus.run_for(100s);
  for (const std::size_t d : {0U, 1U, 2U, 5U, 9U}) {
    CAPTURE(d);
    for (std::size_t i = 1; i < bus.asked[d].size(); ++i)
      CHECK(bus.asked[d][i] - bus.asked[d][i - 1] <= 1050ms);
  }
}

TEST_CASE("scanner: a device that answers quickly is not waited for as long as the configuration allows") {
  std::vector<Script> scripts(3, alive);
  scripts[1] = dead_between(60s, 600s);
  Bus bus{scripts};
  bus.run_for(59s);
  CHECK(bus.bus.requests.back().reply_timeout == 69ms);  // twice 19.5 ms and 30
  CHECK(bus.bus.requests.back().late_within == 300ms);
}
