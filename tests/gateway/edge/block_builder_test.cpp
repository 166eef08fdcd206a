#include "gateway/edge/block_builder.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "proto/base/manual_clock.hpp"
#include "proto/wire/limits.hpp"

using namespace davy;
using namespace std::chrono_literals;

namespace {

constexpr Quality good{};
constexpr Quality bad{.validity = Validity::bad_comm};
constexpr Quality in_alarm{.limit = LimitState::alarm};
constexpr Quality calibrating{.maintenance = Maintenance::calibrating};
constexpr Quality abnormal_feed{.feed = Feed::abnormal};

// A builder, its clock, and when each block was closed.
struct Bench {
  ManualClock clock;
  BlockBuilder builder{1000ms, 8};
  SteadyTime start = clock.steady();
  struct Closed {
    Duration at;
    ClosedBlock closed;
  };
  std::vector<Closed> blocks;

  void run_until(Duration at) {
    while (builder.next_due() <= start + at) {
      const SteadyTime due = std::max(builder.next_due(), clock.steady());
      clock.advance(due - clock.steady());
      step();
    }
    clock.advance(start + at - clock.steady());
  }
  void step() {
    builder.step(read(clock));
    collect();
  }
  void collect() {
    for (ClosedBlock out; builder.take(out);) blocks.push_back({clock.steady() - start, out});
  }
  void sample(std::uint32_t point, Quality quality, double value = 0.5) {
    builder.add(Sample{PointIndex{point}, value, quality, clock.wall()}, read(clock));
    step();
  }
};

}  // namespace

TEST_CASE("block: closed when it has been open for its time, counted from its first entry") {
  Bench bench;
  bench.run_until(400ms);
  CHECK(bench.builder.next_due() == never);  // nothing open, nothing due
  bench.sample(0, good);
  bench.run_until(1300ms);
  bench.sample(1, good);
  bench.run_until(5s);
  REQUIRE(bench.blocks.size() == 1);
  const auto& [at, closed] = bench.blocks[0];
  CHECK(at == 1400ms);
  CHECK(closed.block.samples.size() == 2);
  CHECK(closed.block.header.opened_steady == bench.start + 400ms);
  CHECK_FALSE(closed.block.header.urgent);
  CHECK_FALSE(closed.keep);
  CHECK(closed.newest - closed.block.header.opened_at == 900ms);
}

TEST_CASE("block: a changed quality closes it at once, a held one does not") {
  struct Row {
    const char* what;
    Quality before;
    Quality now;
    bool urgent;
  };
  constexpr Row rows[] = {
      {"stays good", good, good, false},
      {"limit crossed", good, in_alarm, true},
      {"limit left", in_alarm, good, true},
      {"stays in alarm", in_alarm, in_alarm, false},
      {"communication lost", good, bad, true},
      {"stays lost", bad, bad, false},
      {"communication back", bad, good, true},
      {"calibration begins", good, calibrating, true},
      {"feed abnormal", good, abnormal_feed, true},
  };
  for (const Row& r : rows) {
    CAPTURE(r.what);
    Bench bench;
    bench.sample(3, r.before);
    bench.run_until(2s);
    bench.blocks.clear();
    bench.sample(3, r.now);
    CHECK(bench.blocks.size() == (r.urgent ? 1 : 0));
    bench.run_until(4s);
    REQUIRE(bench.blocks.size() == 1);
    CHECK(bench.blocks[0].at == (r.urgent ? 2s : 3s));
    CHECK(bench.blocks[0].closed.keep == r.urgent);
    CHECK(bench.blocks[0].closed.block.header.urgent == r.urgent);
  }
}

TEST_CASE("block: a bad or alarmed first sample is urgent, a good one is not") {
  for (const Quality& q : {good, bad, in_alarm}) {
    Bench bench;
    bench.sample(0, q);
    CHECK(bench.blocks.size() == (q == good ? 0 : 1));
  }
}

TEST_CASE("block: events close it at once but for those about the past; all are kept") {
  struct Row {
    EventKind kind;
    Duration closed_at;
  };
  constexpr Row rows[] = {{EventKind::bus_fault, 0ms},     {EventKind::bus_restored, 0ms},
                          {EventKind::clock_stepped, 0ms}, {EventKind::started, 0ms},
                          {EventKind::input_lost, 0ms},    {EventKind::blocks_dropped, 1000ms}};
  for (const Row& r : rows) {
    CAPTURE(static_cast<int>(r.kind));
    Bench bench;
    bench.builder.add(Event{.kind = r.kind, .at = bench.clock.wall()}, read(bench.clock));
    bench.run_until(3s);
    REQUIRE(bench.blocks.size() == 1);
    CHECK(bench.blocks[0].at == r.closed_at);
    CHECK(bench.blocks[0].closed.keep);
  }
}

TEST_CASE("block: an SOS closes it at once") {
  for (const bool sos : {false, true}) {
    Bench bench;
    bench.builder.add(Sighting{.tag = 7, .source_time = bench.clock.wall(), .sos = sos}, read(bench.clock));
    bench.step();
    CHECK(bench.blocks.size() == (sos ? 1 : 0));
  }
}

TEST_CASE("block: never more than 512 entries") {
  Bench bench;
  for (std::size_t i = 0; i < 2 * block_entries_max + 10; ++i) {
    bench.builder.add(Sample{PointIndex{0}, 0.5, good, bench.clock.wall()}, read(bench.clock));
  }
  bench.collect();
  REQUIRE(bench.blocks.size() == 2);
  for (const auto& b : bench.blocks) CHECK(b.closed.block.entries() == block_entries_max);
  bench.run_until(2s);
  REQUIRE(bench.blocks.size() == 3);
  CHECK(bench.blocks[2].closed.block.entries() == 10);
}

TEST_CASE("block: a flood of long events stays far below what an envelope may hold") {
  Bench bench;
  for (int i = 0; i < 500; ++i) {
    bench.builder.add(Event{.kind = EventKind::blocks_dropped, .text = std::string(4000, 'x')},
                      read(bench.clock));
  }
  bench.run_until(2s);
  CHECK(bench.blocks.size() > 2);
  for (const auto& b : bench.blocks) {
    std::size_t bytes = 0;
    for (const Event& e : b.closed.block.events) {
      CHECK(e.text.size() == event_text_size_max);
      bytes += e.text.size();
    }
    CHECK(bytes <= BlockBuilder::text_bytes_max + event_text_size_max);
  }
}

TEST_CASE("block: a chattering sensor makes at most 20 blocks a second and loses nothing") {
  Bench bench;
  for (int ms = 0; ms < 10'000; ms += 2) {
    bench.run_until(Duration{ms});
    bench.sample(0, ms % 4 == 0 ? in_alarm : good);
  }
  bench.run_until(12s);
  std::size_t samples = 0;
  for (const auto& b : bench.blocks) samples += b.closed.block.samples.size();
  CHECK(samples == 5000);
  CHECK(bench.blocks.size() <= 201);
  CHECK(bench.blocks.size() >= 199);
  for (std::size_t i = 1; i < bench.blocks.size(); ++i) {
    CHECK(bench.blocks[i].at - bench.blocks[i - 1].at >= BlockBuilder::urgent_gap);
  }
}

TEST_CASE("block: a lone urgent sample never waits for the flood's distance") {
  Bench bench;
  bench.sample(0, in_alarm);
  bench.run_until(60ms);
  bench.sample(1, in_alarm);
  REQUIRE(bench.blocks.size() == 2);
  CHECK(bench.blocks[1].at == 60ms);
  bench.run_until(70ms);
  bench.sample(2, in_alarm);  // 10 ms after: rides in a block of 50 ms
  CHECK(bench.blocks.size() == 2);
  bench.run_until(1s);
  REQUIRE(bench.blocks.size() == 3);
  CHECK(bench.blocks[2].at == 110ms);
}

TEST_CASE("block: reused memory carries nothing over") {
  Bench bench;
  bench.sample(0, in_alarm);
  bench.builder.recycle(bench.blocks[0].closed);
  bench.run_until(100ms);
  bench.builder.add(Event{.kind = EventKind::bus_fault, .at = bench.clock.wall(), .text = "b"},
                    read(bench.clock));
  bench.step();
  bench.run_until(200ms);
  bench.sample(1, good);
  bench.run_until(3s);
  REQUIRE(bench.blocks.size() == 3);
  CHECK(bench.blocks[1].closed.block.entries() == 1);
  const ClosedBlock& last = bench.blocks[2].closed;
  CHECK(last.block.entries() == 1);
  CHECK_FALSE(last.keep);
  CHECK_FALSE(last.block.header.urgent);
}

TEST_CASE("block: carries the clock's quality as it was when it was opened") {
  Bench bench;
  bench.builder.set_clock(ClockQuality::free);
  bench.sample(0, good);
  bench.builder.set_clock(ClockQuality::synced);
  bench.run_until(1500ms);
  bench.sample(0, good);
  bench.run_until(3s);
  REQUIRE(bench.blocks.size() == 2);
  CHECK(bench.blocks[0].closed.block.header.clock == ClockQuality::free);
  CHECK(bench.blocks[1].closed.block.header.clock == ClockQuality::synced);
}
