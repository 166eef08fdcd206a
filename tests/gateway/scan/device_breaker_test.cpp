#include "gateway/scan/device_breaker.hpp"

#include <vector>

#include <doctest/doctest.h>

#include "gateway/scan/reply_times.hpp"
#include "gateway/scan/scan_grid.hpp"

using namespace davy;
using namespace std::chrono_literals;

namespace {
const SteadyTime t0 = steady_from_ms(1'000'000);
}

TEST_CASE("grid: served late or not, the next round is on the grid") {
  struct Row {
    Duration served_at;
    Duration next;
    std::uint64_t missed;
  };
  constexpr Row rows[] = {
      {0ms, 1000ms, 0}, {999ms, 1000ms, 0}, {1000ms, 2000ms, 1}, {5500ms, 6000ms, 5}, {9000ms, 10'000ms, 9}};
  for (const Row& r : rows) {
    CAPTURE(r.served_at.count());
    ScanGrid grid{t0, 1000ms};
    grid.take(t0 + r.served_at);
    CHECK(grid.due() == t0 + r.next);
    CHECK(grid.missed() == r.missed);
  }
}

TEST_CASE("breaker: two silences in a row, and probes that grow rarer, until an answer") {
  DeviceBreaker breaker;
  breaker.on_silence(t0);
  CHECK(breaker.silent());
  CHECK_FALSE(breaker.dead());
  breaker.on_answer();
  breaker.on_silence(t0);
  CHECK_FALSE(breaker.dead());
  breaker.on_silence(t0);
  CHECK(breaker.dead());
  SteadyTime at = t0;
  for (const Duration wait : {1000ms, 2000ms, 4000ms, 4000ms, 4000ms}) {
    CHECK(breaker.probe_due() == at + wait);
    at += wait;
    breaker.on_silence(at);
  }
  breaker.on_answer();
  CHECK_FALSE(breaker.dead());
  CHECK(breaker.probe_due() == never);
}

TEST_CASE("breaker: every other probe is given all the time it may have") {
  DeviceBreaker breaker;
  for (int i = 0; i < 2; ++i) breaker.on_silence(t0);
  std::vector<bool> patient;
  for (int i = 0; i < 4; ++i) {
    patient.push_back(breaker.probe_is_patient());
    breaker.on_silence(t0);
  }
  CHECK(patient == std::vector<bool>{false, true, false, true});
}

TEST_CASE("reply times: the time-out is learnt within bounds and forgotten with a silence") {
  struct Row {
    std::chrono::microseconds turnaround;
    Duration learnt;
  };
  constexpr Row rows[] = {{400us, 50ms}, {10ms, 50ms}, {20ms, 70ms}, {100ms, 230ms}, {200ms, 300ms}};
  for (const Row& r : rows) {
    CAPTURE(r.turnaround.count());
    ReplyTimes times;
    CHECK(times.timeout(300ms) == 300ms);
    for (std::uint32_t i = 0; i < replies_to_learn; ++i) times.add(r.turnaround);
    CHECK(times.timeout(300ms) == r.learnt);
    times.on_silence();
    CHECK(times.timeout(300ms) == 300ms);
    CHECK(times.usual_timeout(300ms) == r.learnt);
    CHECK(times.timeout(20ms) == 20ms);  // never above what is configured
  }
}

TEST_CASE("reply times: one slow reply counts for a while and not for ever") {
  ReplyTimes times;
  times.add(100ms);
  for (int i = 0; i < 100; ++i) times.add(5ms);
  CHECK(times.timeout(300ms) == 230ms);
  for (int i = 0; i < 100; ++i) times.add(5ms);
  CHECK(times.timeout(300ms) == 50ms);
  CHECK(times.typical() < 6ms);
  CHECK(times.histogram()[3] == 200);  // 4 to 8 ms
  CHECK(times.histogram()[7] == 1);
}
