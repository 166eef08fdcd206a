#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "drivers/can/fake_can_bus.hpp"
#include "gateway/scan/can_scanner.hpp"
#include "proto/base/manual_clock.hpp"
#include "proto/wire/gateway_config.hpp"

// A CAN bus of a configuration file, in time that a test moves.
namespace davy::test {

class CanBench {
 public:
  explicit CanBench(const std::string& text, const std::string& profiles = "drivers/profiles",
                    const std::set<std::uint32_t>& lock_inputs = {}, std::size_t inbox_size = 100'000)
      : config{parse(text, profiles)},
        plans{plan(config)},
        sink{inbox_size},
        started{clock.steady()},
        started_wall{clock.wall()},
        scanner{config.buses[0], plans[0], lock_inputs, bus, desk(), started} {}

  // At this time a frame is there, and the thread is woken.
  void put(const CanFrame& frame) {
    bus.put(frame, read(clock));
    step();
  }
  void set(CanCondition condition) {
    bus.set(condition);
    step();
  }
  // As the bus thread does it: step, then wait until it is due.
  void run_for(Duration length) {
    const SteadyTime end = clock.steady() + length;
    for (;;) {
      step();
      const SteadyTime next = std::min(due, end);
      if (next > clock.steady()) clock.advance(next - clock.steady());
      if (clock.steady() >= end) return;
    }
  }
  Duration since_start() const { return clock.steady() - started; }

  const std::vector<Sample>& of(std::uint32_t point) { return samples[point]; }
  std::size_t count(EventKind kind) const {
    return static_cast<std::size_t>(std::ranges::count(events, kind, &Event::kind));
  }

 private:
  static GatewayConfig parse(const std::string& text, const std::string& profiles) {
    auto parsed = parse_gateway_config("mine: 'm' gateway: 'g' " + text, "gateway.textproto", profiles);
    if (!parsed) FAIL(parsed.error().message);
    return *std::move(parsed);
  }
  static CanPlans plan(const GatewayConfig& config) {
    auto planned = plan_can_buses(config);
    if (!planned) FAIL(planned.error().message);
    return *std::move(planned);
  }
  BatchDesk desk() {
    BatchDesk out{0U, config.buses[0], config.points, clock, sink};
    out.set_tap(tap);
    return out;
  }
  void step() {
    due = scanner.step(read(clock));
    std::vector<BusBatch> drained;
    sink.drain(drained);
    for (const BusBatch& batch : drained) {
      batches += 1;
      for (const Sample& s : batch.samples) samples[static_cast<std::uint32_t>(s.point)].push_back(s);
      events.insert(events.end(), batch.events.begin(), batch.events.end());
      counts = batch.counts;
    }
  }
  struct Tap final : SampleTap {
    void on_samples(std::span<const Sample> news, SteadyTime at) override {
      for (const Sample& s : news) heard.emplace_back(s, at);
    }
    std::vector<std::pair<Sample, SteadyTime>> heard;
  };

 public:
  ManualClock clock;
  GatewayConfig config;
  CanPlans plans;
  BatchInbox sink;
  FakeCanBus bus;
  Tap tap;
  SteadyTime started;
  WallTime started_wall;
  CanScanner scanner;
  SteadyTime due;
  std::map<std::uint32_t, std::vector<Sample>> samples;
  std::vector<Event> events;
  BusCounts counts;
  std::size_t batches = 0;
};

}  // namespace davy::test
