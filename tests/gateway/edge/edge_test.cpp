#include "gateway/edge/edge.hpp"

#include <algorithm>
#include <set>

#include <doctest/doctest.h>

#include "proto/wire/hash.hpp"
#include "tests/gateway/edge/edge_bench.hpp"

using namespace davy;
using namespace davy::test;
using namespace std::chrono_literals;

namespace {

std::size_t samples_of(const std::vector<Block>& blocks, std::uint32_t point) {
  std::size_t count = 0;
  for (const Block& block : blocks) {
    count += static_cast<std::size_t>(std::ranges::count(block.samples, PointIndex{point}, &Sample::point));
  }
  return count;
}

Event only(const std::vector<Event>& events, EventKind kind) {
  std::vector<Event> found;
  std::ranges::copy_if(events, std::back_inserter(found), [&](const Event& e) { return e.kind == kind; });
  REQUIRE(found.size() == 1);
  return found[0];
}

}  // namespace

TEST_CASE("edge: readings become blocks of one unbroken chain, in the spool and at the broker") {
  EdgeBench bench;
  bench.run_for(60s);
  const auto blocks = bench.stored();
  CHECK(blocks.size() >= 40);
  CHECK(blocks.size() <= 70);
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    CHECK(to_number(blocks[i].header.seq) == i + 1);
    CHECK(blocks[i].header.boot == 1);
    CHECK(blocks[i].header.stream == bench_stream);
  }
  CHECK(samples_of(blocks, 0) >= 58);
  CHECK(samples_of(blocks, 1) >= 58);
  CHECK(only(bench.stored_events(), EventKind::started).text == "1.2.3");
  CHECK(bench.published(TopicKind::birth) == 1);
  CHECK(bench.published(TopicKind::block) >= 20);  // as far as the window goes: nobody acks here
  CHECK(bench.edge->first_round_done());
}

TEST_CASE("edge: a limit crossed is in the spool at once") {
  EdgeBench bench;
  bench.run_for(10s);
  bench.set(1, 1.2);
  bench.run_for(1001ms);
  const auto blocks = bench.stored();
  const auto urgent = std::ranges::find_if(blocks, [](const Block& b) {
    return std::ranges::any_of(b.samples,
                               [](const Sample& s) { return s.quality.limit == LimitState::alarm; });
  });
  REQUIRE(urgent != blocks.end());
  CHECK(urgent->header.urgent);
}

TEST_CASE("edge: its own points are sampled every 10 s") {
  EdgeBench bench;
  bench.bus.remove(2);
  bench.run_for(61s);
  const auto blocks = bench.stored();
  std::vector<double> link;
  double errors = 0;
  for (const Block& block : blocks) {
    for (const Sample& s : block.samples) {
      if (s.point == PointIndex{2}) link.push_back(s.value);
      if (s.point == PointIndex{6}) errors = s.value;
    }
  }
  CHECK(link.size() == 7);
  CHECK(link.front() == 0);  // at the start the link is not up yet
  CHECK(link.back() == 1);
  CHECK(errors >= 10);
}

TEST_CASE("edge: started again it goes on in the same stream with another boot number") {
  EdgeBench bench;
  bench.run_for(10s);
  const auto before = bench.memory.state();
  bench.power_cut();
  bench.start();
  bench.run_for(10s);
  CHECK(bench.memory.state().stream == before.stream);
  const auto blocks = bench.stored();
  std::set<std::uint64_t> boots;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    CHECK(to_number(blocks[i].header.seq) == i + 1);
    boots.insert(blocks[i].header.boot);
  }
  CHECK(boots == std::set<std::uint64_t>{1, 2});
  CHECK(bench.count(EventKind::started) == 2);
  CHECK(bench.count(EventKind::config_changed) == 0);
}

TEST_CASE("edge: a changed configuration is on record, also one that was there before") {
  EdgeBench bench;
  bench.run_for(5s);
  const auto change = [&](double limit) {
    bench.stop("update");
    bench.config.points[0].limits[0].at = limit;
    bench.start();
    bench.run_for(5s);
  };
  change(0.8);
  CHECK(only(bench.stored_events(), EventKind::config_changed).text == to_hex(bench.memory.state().birth));
  change(1.0);
  CHECK(bench.count(EventKind::config_changed) == 2);
  const auto blocks = bench.stored();
  CHECK(blocks.front().header.birth == blocks.back().header.birth);
}

TEST_CASE("edge: a replaced spool is on record") {
  EdgeBench bench;
  bench.power_cut();
  bench.memory = MemorySpool{Uuid{9}};
  bench.replaced = "stream 0402 was damaged";
  bench.start();
  bench.run_for(2s);
  CHECK(only(bench.stored_events(), EventKind::spool_replaced).text == "stream 0402 was damaged");
}

TEST_CASE("edge: a stop stores what was collected and says good-bye") {
  EdgeBench bench;
  bench.run_for(10s + 400ms);
  bench.stop("signal");
  CHECK(bench.edge->is_stopped());
  const auto blocks = bench.stored();
  REQUIRE(!blocks.back().events.empty());
  CHECK(only(bench.stored_events(), EventKind::stopped).text == "signal");
  CHECK(bench.edge->next_due() >= bench.clock.steady());
  const auto* state = bench.broker.retained(topic("M1", "G-12", TopicKind::state));
  REQUIRE(state != nullptr);
  const auto decoded = decode_state(*state);
  REQUIRE(decoded.has_value());
  CHECK_FALSE(decoded->online);
  CHECK(decoded->reason == "signal");
}

TEST_CASE("edge: a stepped clock closes the block and is told, forward and back") {
  for (const Duration by : {Duration{3600s}, Duration{-90s}}) {
    CAPTURE(by.count());
    EdgeBench bench;
    bench.run_for(10s + 300ms);
    const WallTime before = bench.clock.wall();
    bench.clock.set_wall(before + by);
    bench.run_for(5s);
    const Event told = only(bench.stored_events(), EventKind::clock_stepped);
    CHECK(static_cast<std::int64_t>(told.first) == by.count());
    for (const Block& block : bench.stored()) {
      // No block has samples from both sides, but for those whose reply came before the step and were taken
      // after.
      if (block.samples.empty()) continue;
      const auto [low, high] = std::ranges::minmax(block.samples, {}, &Sample::source_time);
      CHECK(high.source_time - low.source_time < 80s);
    }
  }
}

TEST_CASE("edge: the clock's quality is in every block") {
  struct Row {
    WallTime wall;
    bool disciplined;
    ClockQuality expected;
  };
  const Row rows[] = {{wall_from_ms(5000), false, ClockQuality::unset},
                      {davy_exists_since + 24h, false, ClockQuality::free},
                      {davy_exists_since + 24h, true, ClockQuality::synced}};
  for (const Row& r : rows) {
    EdgeBench bench;
    bench.run_for(1s);
    bench.clock.set_wall(r.wall);
    bench.edge->set_clock_disciplined(r.disciplined);
    bench.run_for(5s);
    CHECK(bench.stored().back().header.clock == r.expected);
  }
}

TEST_CASE("edge: a disk that fails and comes back loses what memory could not hold, and says so") {
  EdgeBench bench;
  bench.run_for(10s);
  const auto before = bench.memory.state().next_seq;
  bench.memory.fail_with(Error{Errc::full, "disk full"});
  bench.run_for(30s);  // fits into memory
  CHECK(bench.memory.state().next_seq == before);
  bench.memory.fail_with(std::nullopt);
  bench.run_for(5s);
  CHECK(bench.count(EventKind::input_lost) == 0);
  CHECK(samples_of(bench.stored(), 0) >= 43);

  bench.memory.fail_with(Error{Errc::full, "disk full"});
  bench.run_for(600s);
  bench.memory.fail_with(std::nullopt);
  bench.run_for(5s);
  const Event lost = only(bench.stored_events(), EventKind::input_lost);
  const std::size_t stored = samples_of(bench.stored(), 0) + samples_of(bench.stored(), 1);
  const std::size_t asked = bench.bus.requests().size();
  CHECK(lost.first + stored >= asked - 4);  // all but the block that is open
  CHECK(lost.text.find("disk full") != std::string::npos);
}

TEST_CASE("edge: what a full spool dropped is told once, also over a restart") {
  EdgeBench bench;
  bench.power_cut();
  bench.memory = MemorySpool{bench_stream, 20};
  bench.start();
  bench.run_for(65s);
  const auto told = bench.stored_events();
  CHECK(std::ranges::count(told, EventKind::blocks_dropped, &Event::kind) >= 1);
  bench.power_cut();
  bench.start();
  bench.run_for(3s);
  CHECK(bench.memory.undelivered_records()->empty());
}

TEST_CASE("edge: a bus from which nothing comes is found, a dead device or link is not taken for it") {
  EdgeBench bench;
  bench.bus.fail_all(BusFault::port_lost);
  bench.broker.set_reachable(false);
  bench.run_for(300s);
  CHECK(bench.edge->stuck_bus(bench.clock.steady()) == nullptr);
  bench.scanner.reset();  // its thread hangs
  bench.run_for(30s);
  CHECK(bench.edge->stuck_bus(bench.clock.steady()) == nullptr);
  bench.run_for(5s);
  const BusSettings* stuck = bench.edge->stuck_bus(bench.clock.steady());
  REQUIRE(stuck != nullptr);
  CHECK(stuck->name == "rs485-1");
}

TEST_CASE("edge: after an hour of outage the host has every block and the spool is empty") {
  EdgeBench bench;
  bench.host_takes = true;
  bench.run_for(10s);
  bench.broker.set_reachable(false);
  bench.broker.cut_all();
  bench.run_for(1h);
  CHECK(samples_of(bench.stored(), 0) >= 3590);
  bench.broker.set_reachable(true);
  bench.run_for(180s);
  bench.stop("done");
  bench.ack_everything();
  CHECK(bench.at_host.ranges() == std::vector<Range>{{1, bench.memory.state().next_seq - 1}});
  CHECK(bench.memory.state().blocks <= 2);  // the good-bye ends the conversation: nobody hears the last ack
}
