#include "gateway/scan/can_scanner.hpp"

#include <cmath>

#include "tests/gateway/scan/can_bench.hpp"

using namespace davy;
using namespace davy::test;
using namespace std::chrono_literals;

namespace {

// Two gas heads, nodes 16 and 17; points 0 and 1 are methane, 2 is carbon monoxide of the first.
const std::string two_heads = R"(bus {
  name: "can" can { interface: "can0" }
  device { name: "face" unit: 16 profile: "generic-gas-can"
    point { name: "T1" signal: "ch4" limit { side: HIGH level: ALARM at: 1.0 clear_at: 0.8 } } }
  device { name: "return" unit: 17 profile: "generic-gas-can"
    point { name: "T2" signal: "ch4" } point { name: "CO2" signal: "co" } }
})";

struct Gas {
  double ch4 = 0.5;
  std::uint16_t co = 3;
  std::uint8_t state = 0;
  std::uint8_t flags = 0;
};

CanFrame gas(std::uint8_t node, const Gas& g = {}) {
  const auto ch4 = static_cast<std::uint16_t>(std::lround(g.ch4 * 100));
  return classic_frame(tpdo_id(node, 1), ch4 & 0xFFU, ch4 >> 8U, g.co & 0xFFU, g.co >> 8U, 209, 0, g.state,
                       g.flags);
}
CanFrame heartbeat(std::uint8_t node, std::uint8_t state = 5) {
  return classic_frame(heartbeat_id(node), state);
}

// Both heads send every 500 ms, and their heartbeats every second, but those that have gone.
void live(CanBench& bench, Duration length, std::set<std::uint8_t> gone = {}, const Gas& g = {}) {
  const SteadyTime end = bench.clock.steady() + length;
  for (bool beats = true; bench.clock.steady() < end; beats = !beats) {
    for (const std::uint8_t node : {std::uint8_t{16}, std::uint8_t{17}}) {
      if (gone.contains(node)) continue;
      if (beats) bench.put(heartbeat(node));
      bench.put(gas(node, g));
    }
    bench.run_for(500ms);
  }
}

}  // namespace

TEST_CASE("can scanner: a value has the time of its frame") {
  CanBench bench{two_heads};
  bench.run_for(130ms);
  const WallTime sent = bench.clock.wall();
  bench.put(gas(16));
  REQUIRE(bench.of(0).size() == 1);  // the first is news
  CHECK(bench.of(0)[0].value == doctest::Approx(0.5));
  CHECK(bench.of(0)[0].quality == Quality{});
  CHECK(bench.of(0)[0].source_time == sent);
  CHECK(bench.of(1).empty());  // the other node's
}

TEST_CASE("can scanner: one sample a period, and no drift over a day") {
  CanBench bench{two_heads};
  live(bench, 24h);
  REQUIRE(bench.of(0).size() == 24 * 3600);
  for (std::size_t i = 2; i < bench.of(0).size(); ++i) {
    const Duration gap = bench.of(0)[i].source_time - bench.of(0)[i - 1].source_time;
    REQUIRE(gap == 1000ms);
  }
  CHECK(bench.events.empty());
  CHECK(bench.counts == BusCounts{});
}

TEST_CASE("can scanner: no new frame, no sample: an old value never gets a new time") {
  CanBench bench{two_heads};
  bench.put(heartbeat(16));
  bench.put(gas(16));
  bench.run_for(1400ms);  // silent from 1500 ms on
  CHECK(bench.of(0).size() == 1);
  CHECK(bench.batches >= 2);  // the surface's watchman hears all the same that the bus is looked after
}

TEST_CASE("can scanner: silence is bad_comm at the moment it counts, and then at every period") {
  CanBench bench{two_heads};
  live(bench, 10s);
  const std::size_t before = bench.of(0).size();
  live(bench, 10s, {16});
  const auto& samples = bench.of(0);
  std::vector<Sample> silent;
  for (std::size_t i = before; i < samples.size(); ++i) {
    if (samples[i].quality.validity == Validity::bad_comm) silent.push_back(samples[i]);
  }
  REQUIRE(silent.size() >= 8);
  CHECK(silent[0].source_time == bench.started_wall + 9500ms + 1501ms);
  CHECK(std::isnan(silent[0].value));
  CHECK(silent[2].source_time - silent[1].source_time == 1000ms);
  CHECK(bench.of(1).back().quality == Quality{});
  CHECK(bench.count(EventKind::bus_fault) == 1);
  CHECK(bench.events[0].text == "can/face: no frame 0x190 (Gas) for 1500 ms");
  CHECK(bench.counts.failed_requests == 1);

  live(bench, 3s);
  CHECK(bench.of(0).back().quality == Quality{});
  CHECK(bench.count(EventKind::bus_restored) == 1);
}

TEST_CASE("can scanner: a sensor that never spoke is told when it had its time") {
  CanBench bench{two_heads};
  bench.run_for(1500ms);
  CHECK(bench.of(0).empty());
  bench.run_for(2s);
  REQUIRE_FALSE(bench.of(0).empty());
  CHECK(bench.of(0)[0].quality.validity == Validity::bad_comm);
}

TEST_CASE("can scanner: what changes the quality is told at once, what does not waits for the period") {
  struct Row {
    Gas gas;
    Quality quality;
  };
  const Row rows[] = {{{.ch4 = 1.2}, {.limit = LimitState::alarm}},
                      {{.ch4 = 9}, {.validity = Validity::over_range, .limit = LimitState::alarm}},
                      {{.state = 2}, {.maintenance = Maintenance::calibrating}},
                      {{.state = 3}, {.validity = Validity::sensor_fault}},
                      {{.state = 4}, {.validity = Validity::disconnected}},
                      {{.flags = 1}, {.validity = Validity::over_range, .limit = LimitState::alarm}},
                      {{.flags = 2}, {.maintenance = Maintenance::low_supply}}};
  for (const Row& row : rows) {
    CAPTURE(row.gas.ch4);
    CAPTURE(row.gas.state);
    CanBench bench{two_heads};
    live(bench, 2s);
    bench.run_for(110ms);
    const std::size_t before = bench.of(0).size();
    bench.put(gas(16, {.ch4 = 0.6}));
    CHECK(bench.of(0).size() == before);
    bench.put(gas(16, row.gas));
    REQUIRE(bench.of(0).size() == before + 1);
    CHECK(bench.of(0).back().quality == row.quality);
    CHECK(bench.of(0).back().source_time == bench.clock.wall());
  }
}

TEST_CASE("can scanner: every frame of a lock's input goes to the tap at once") {
  CanBench bench{two_heads, "drivers/profiles", {0}};
  bench.put(heartbeat(16));
  for (int i = 0; i < 50; ++i) {
    bench.put(gas(16));
    REQUIRE(bench.tap.heard.size() == static_cast<std::size_t>(i + 1));
    CHECK(bench.tap.heard.back().second == bench.clock.steady());
    CHECK(bench.tap.heard.back().first.source_time == bench.clock.wall());
    bench.run_for(20ms);
  }
}

TEST_CASE("can scanner: several frames of a lock's input that waited are each heard") {
  CanBench bench{two_heads, "drivers/profiles", {0}};
  for (int i = 0; i < 200; ++i) bench.bus.put(gas(16, {.ch4 = i / 100.0}), read(bench.clock));
  bench.run_for(1ms);
  CHECK(bench.tap.heard.size() == 200);
  CHECK(bench.tap.heard.back().first.value == doctest::Approx(1.99));
}

TEST_CASE(
    "can scanner: bus-off and a lost interface are bad_comm at once, one fault, and over by themselves") {
  for (const CanCondition condition : {CanCondition::bus_off, CanCondition::port_lost}) {
    CAPTURE(to_string(condition));
    CanBench bench{two_heads};
    live(bench, 5s);
    bench.run_for(300ms);
    bench.set(condition);
    for (const std::uint32_t point : {0U, 1U, 2U}) {
      CHECK(bench.of(point).back().quality.validity == Validity::bad_comm);
      CHECK(bench.of(point).back().source_time == bench.clock.wall());
    }
    const std::size_t before = bench.of(0).size();
    bench.run_for(60s);
    CHECK(bench.of(0).size() == before + 60);
    REQUIRE(bench.events.size() == 1);  // the bus, not each device on it
    CHECK(bench.events[0].kind == EventKind::bus_fault);
    bench.set(CanCondition::active);
    bench.put(heartbeat(16));
    bench.put(gas(16));
    CHECK(bench.of(0).back().quality == Quality{});
    live(bench, 5s);
    CHECK(bench.count(EventKind::bus_restored) == 1);
    CHECK(bench.of(1).back().quality == Quality{});
  }
}

TEST_CASE("can scanner: a bus that goes off and on many times a second is one fault") {
  CanBench bench{two_heads};
  live(bench, 2s);
  for (int i = 0; i < 100; ++i) {
    bench.set(CanCondition::bus_off);
    bench.run_for(30ms);
    bench.set(CanCondition::active);
    bench.run_for(70ms);
  }
  CHECK(bench.events.size() == 1);
  bench.run_for(2s);
  CHECK(bench.count(EventKind::bus_restored) == 1);
}

TEST_CASE("can scanner: error passive is told, and what is heard stays good") {
  CanBench bench{two_heads};
  live(bench, 2s);
  bench.set(CanCondition::passive);
  live(bench, 5s);
  CHECK(bench.of(0).back().quality == Quality{});
  REQUIRE(bench.events.size() == 1);
  CHECK(bench.events[0].text.starts_with("can: error passive"));
  bench.set(CanCondition::active);
  live(bench, 3s);
  CHECK(bench.events.back().text == "can: the bus works again");
}

TEST_CASE("can scanner: a node without heartbeat, or not operational, is not believed whatever it sends") {
  struct Row {
    std::uint8_t state;
    bool believed;
  };
  for (const Row& row : {Row{0x05, true}, Row{0x7F, false}, Row{0x04, false}, Row{0x00, false}}) {
    CAPTURE(int{row.state});
    CanBench bench{two_heads};
    live(bench, 2s);
    bench.put(heartbeat(16, row.state));
    CHECK((bench.of(0).back().quality.validity == Validity::good) == row.believed);
    bench.put(gas(16));
    CHECK((bench.of(0).back().quality.validity == Validity::good) == row.believed);
  }
  CanBench bench{two_heads};
  live(bench, 2s);
  for (int i = 0; i < 10; ++i) {
    bench.put(gas(16));
    bench.put(gas(17));
    if (i % 2 == 0) bench.put(heartbeat(17));
    bench.run_for(500ms);
  }
  CHECK(bench.of(0).back().quality.validity == Validity::bad_comm);
  CHECK(bench.events[0].text == "can/face: node 16 sends no heartbeat");
}

TEST_CASE("can scanner: a node that tells an emergency is faulty until it tells the end of it") {
  CanBench bench{two_heads};
  live(bench, 2s);
  bench.put(classic_frame(emergency_id(16), 0x10, 0x31, 0x05, 0, 0, 0, 0, 0));
  CHECK(bench.of(0).back().quality.validity == Validity::sensor_fault);
  live(bench, 3s);
  CHECK(bench.of(0).back().quality.validity == Validity::sensor_fault);
  CHECK(bench.of(1).back().quality == Quality{});
  bench.put(classic_frame(emergency_id(16), 0, 0, 0, 0, 0, 0, 0, 0));
  // The value at hand is one of the time of the fault.
  CHECK(bench.of(0).back().quality.validity == Validity::sensor_fault);
  bench.put(gas(16));
  CHECK(bench.of(0).back().quality == Quality{});
  REQUIRE(bench.events.size() == 2);
  CHECK(bench.events[0].text.find("supply voltage") != std::string::npos);
}

TEST_CASE("can scanner: with ids fixed and signals multiplexed each signal has its own silence") {
  // The message Service shows Serial on page 0 and Supply on page 1; the status is of another message.
  const std::string text = R"(bus {
    name: "can" can { interface: "can0" } period_ms: 500
    device { name: "d" profile: "multiplexed"
      point { name: "supply" signal: "supply" } point { name: "serial" signal: "serial" } }
  })";
  CanBench bench{text, "tests/golden/can/profiles"};
  const CanId service{.number = 0x18FEEFFE, .extended = true};
  const auto page = [&](std::uint8_t number) {
    // 24.0 as a float on page 1, the number 0x41C00000 on page 0
    bench.put(classic_frame(service, number, 0, 0, 0xC0, 0x41, 0, 0, 0));
  };
  const auto state = [&](std::uint8_t raw) {
    bench.put(classic_frame({.number = 647}, 0, 0, 0, raw << 6U, 0, 0, 0, 0));
  };
  state(0);
  page(1);
  REQUIRE(bench.of(0).size() == 1);
  CHECK(bench.of(0)[0].value == 24);
  CHECK(bench.of(1).empty());
  page(0);
  REQUIRE(bench.of(1).size() == 1);
  for (int i = 0; i < 10; ++i) {
    bench.run_for(500ms);
    state(0);
    page(0);
  }
  CHECK(bench.of(1).back().quality == Quality{});
  CHECK(bench.of(0).back().quality.validity == Validity::bad_comm);
  CHECK(bench.events.empty());  // one page is missing, not the device

  // A status in a frame of its own: worse at once, better with the next value.
  state(3);
  CHECK(bench.of(1).back().quality.validity == Validity::sensor_fault);
  state(0);
  CHECK(bench.of(1).back().quality.validity == Validity::sensor_fault);
  page(0);
  CHECK(bench.of(1).back().quality == Quality{});
  // And without it nothing can be believed.
  for (int i = 0; i < 4; ++i) {
    bench.run_for(500ms);
    page(0);
  }
  CHECK(bench.of(1).back().quality.validity == Validity::bad_comm);
}

TEST_CASE("can scanner: a frame that waited too long in the kernel is no value any more") {
  CanBench bench{two_heads, "drivers/profiles", {0}};
  bench.put(heartbeat(16));
  const Now then = read(bench.clock);
  bench.clock.advance(2s);
  bench.bus.put(gas(16), then);
  bench.run_for(1ms);
  REQUIRE_FALSE(bench.of(0).empty());
  CHECK(bench.of(0).back().quality.validity == Validity::bad_comm);
  CHECK(bench.of(0).back().source_time >= then.wall + 2s);
}
