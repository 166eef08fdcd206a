#include "firmware/app/bus_thread.hpp"

#include <latch>

#include <doctest/doctest.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "proto/base/system_clock.hpp"

using namespace davy;
using namespace std::chrono_literals;

namespace {

// Due every millisecond and counts down; blocks in its first step until it is let go, if told to.
class CountingScanner final : public Scanner {
 public:
  CountingScanner(std::latch& steps, std::latch* gate) : steps_{steps}, gate_{gate} {}
  SteadyTime step(Now now) override {
    if (left_ > 0) {
      left_ -= 1;
      steps_.count_down();
    }
    if (gate_ != nullptr) gate_->wait();
    return now.steady + 1ms;
  }
  const std::string& bus_name() const override { return name_; }
  void log_counters() const override {}

 private:
  const std::string name_ = "b";
  std::latch& steps_;
  std::latch* gate_;
  std::ptrdiff_t left_ = 3;
};

// Never due by itself; woken by its socket.
class SocketScanner final : public Scanner {
 public:
  SocketScanner(SocketWatch& watch, std::latch& woken)
      : watch_{watch}, woken_{woken}, socket_{::eventfd(0, EFD_NONBLOCK)} {
    watch_.watch(socket_, false);
  }
  ~SocketScanner() override {
    watch_.forget(socket_);
    ::close(socket_);
  }
  void make_readable() const {
    const std::uint64_t once = 1;
    REQUIRE(::write(socket_, &once, sizeof once) == sizeof once);
  }
  SteadyTime step(Now) override {
    std::uint64_t times = 0;
    if (::read(socket_, &times, sizeof times) == sizeof times) woken_.count_down();
    return never;
  }
  const std::string& bus_name() const override { return name_; }
  void log_counters() const override {}

 private:
  const std::string name_ = "s";
  SocketWatch& watch_;
  std::latch& woken_;
  const int socket_;
};

struct Bench {
  SystemClock clock;
  std::latch finished{1};
  BusThread thread{"a-bus-with-a-long-name", clock, [this] { finished.count_down(); }};
};

}  // namespace

TEST_CASE("bus thread: steps its scanner until it is told to stop, and says that it has ended") {
  std::latch steps{3};
  Bench bench;
  bench.thread.add(std::make_unique<CountingScanner>(steps, nullptr), {});
  bench.thread.start();
  steps.wait();
  CHECK_FALSE(bench.thread.is_finished());
  bench.thread.request_stop();
  bench.finished.wait();
  CHECK(bench.thread.is_finished());
}

TEST_CASE("bus thread: a stop waits for the read that is under way, not for the next round") {
  std::latch steps{1};
  std::latch gate{1};
  Bench bench;
  bench.thread.add(std::make_unique<CountingScanner>(steps, &gate), {});
  bench.thread.start();
  steps.wait();
  bench.thread.request_stop();
  CHECK_FALSE(bench.thread.is_finished());
  gate.count_down();
  bench.finished.wait();
}

TEST_CASE("bus thread: many scanners share one, each woken by its own socket") {
  std::latch woken[3] = {std::latch{1}, std::latch{1}, std::latch{1}};
  std::vector<SocketScanner*> scanners;
  Bench bench;
  for (auto& latch : woken) {
    auto scanner = std::make_unique<SocketScanner>(bench.thread.next_watch(), latch);
    scanners.push_back(scanner.get());
    bench.thread.add(std::move(scanner), {});
  }
  bench.thread.start();
  for (std::size_t i = 0; i < 3; ++i) {
    scanners[i]->make_readable();
    woken[i].wait();
    if (i + 1 < 3) CHECK_FALSE(woken[i + 1].try_wait());
  }
  bench.thread.request_stop();
  bench.finished.wait();
}

TEST_CASE("bus thread: without scanners it sleeps and stops") {
  Bench bench;
  bench.thread.start();
  bench.thread.request_stop();
  bench.finished.wait();
}
