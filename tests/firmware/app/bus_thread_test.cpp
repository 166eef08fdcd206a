#include "firmware/app/bus_thread.hpp"

#include <latch>
#include <vector>

#include <doctest/doctest.h>

#include "proto/base/system_clock.hpp"

using namespace davy;
using namespace std::chrono_literals;

namespace {

// Answers at once and counts down; blocks in its first read until it is let go, if told to.
class CountingDriver final : public SensorDriver {
 public:
  CountingDriver(std::latch& reads, std::latch* gate) : reads_{reads}, gate_{gate} {}
  DeviceReport read(std::span<Reading> out) override {
    for (Reading& reading : out) reading = {1.0, {}};
    if (left_ > 0) {
      left_ -= 1;
      reads_.count_down();
    }
    if (gate_ != nullptr) gate_->wait();
    return {.requests = 1};
  }

 private:
  std::latch& reads_;
  std::latch* gate_;
  std::ptrdiff_t left_ = 3;
};

struct Bench {
  explicit Bench(std::ptrdiff_t reads_wanted, std::latch* gate = nullptr) : reads{reads_wanted} {
    settings.devices.push_back({.name = "d", .period = 1ms, .points = {{.index = 0}}});
    std::vector<std::unique_ptr<SensorDriver>> drivers;
    drivers.push_back(std::make_unique<CountingDriver>(reads, gate));
    thread = std::make_unique<BusThread>(
        std::make_unique<BusScanner>(0U, settings, points, std::move(drivers), clock, inbox, clock.steady()),
        nullptr, clock, [this] { finished.count_down(); });
  }

  SystemClock clock;
  BatchInbox inbox{10'000};
  BusSettings settings{.name = "a-bus-with-a-long-name"};
  std::vector<Point> points{1};
  std::latch reads;
  std::latch finished{1};
  std::unique_ptr<BusThread> thread;
};

}  // namespace

TEST_CASE("bus thread: scans until it is told to stop, and says that it has ended") {
  Bench bench{3};
  bench.reads.wait();
  CHECK_FALSE(bench.thread->is_finished());
  bench.thread->request_stop();
  bench.finished.wait();
  CHECK(bench.thread->is_finished());
  CHECK(bench.thread->scanner().counters(0).reads >= 3);
}

TEST_CASE("bus thread: a stop waits for the read that is under way, not for the next round") {
  std::latch gate{1};
  Bench bench{1, &gate};
  bench.reads.wait();
  bench.thread->request_stop();
  CHECK_FALSE(bench.thread->is_finished());
  gate.count_down();
  bench.finished.wait();
  CHECK(bench.thread->scanner().counters(0).reads == 1);
}

TEST_CASE("bus thread: a bus without devices sleeps and stops") {
  SystemClock clock;
  BatchInbox inbox{10};
  const BusSettings settings{.name = "empty"};
  const std::vector<Point> points;
  std::latch finished{1};
  BusThread thread{
      std::make_unique<BusScanner>(0U, settings, points, std::vector<std::unique_ptr<SensorDriver>>{}, clock,
                                   inbox, clock.steady()),
      nullptr, clock, [&] { finished.count_down(); }};
  thread.request_stop();
  finished.wait();
}
