#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "gateway/spool/sqlite_spool.hpp"
#include "proto/base/system_clock.hpp"
#include "proto/wire/block_codec.hpp"

// Runs in the virtual machine that boot_test.py starts: the real davy-gateway reads a gas head on can0,
// played by can-utils on can1, and what it made of it is read from its spool.
using namespace davy;

namespace {

const SystemClock wall_clock;
constexpr Duration period{500};
constexpr const char* config_text = R"(mine: "m" gateway: "g"
spool { path: "/tmp/spool.db" }
bus {
  name: "machine" can { interface: "can0" bitrate: 500000 } period_ms: 500
  device { name: "head" unit: 18 profile: "generic-gas-can"
    point { name: "M1" signal: "ch4" limit { side: HIGH level: ALARM at: 1 } }
    point { name: "M2" signal: "co" } }
}
)";

void run(const std::string& command) {
  INFO(command);
  REQUIRE(std::system(command.c_str()) == 0);
}

std::string text_of(const std::string& file) {
  std::ostringstream out;
  out << std::ifstream{file}.rdbuf();
  return out.str();
}

void pause(Duration length) { run("busybox usleep " + std::to_string(length.count() * 1000)); }

// As the head sends: its gases and its heartbeat, for so long.
void send(const std::string& gases, Duration length) {
  for (const SteadyTime end = wall_clock.steady() + length; wall_clock.steady() < end;) {
    run("cansend can1 712#05 && cansend can1 192#" + gases);
    pause(Duration{100});
  }
}

class Gateway {
 public:
  Gateway() {
    std::ofstream{"/tmp/gateway.textproto"} << config_text;
    run(program + " --check > /tmp/check");
    run(program + " > /tmp/log 2>&1 & echo $! > /tmp/pid");
  }
  void await(const std::string& word) {
    for (int i = 0; i < 300 && text_of("/tmp/log").find(word) == std::string::npos; ++i) pause(Duration{100});
    INFO(text_of("/tmp/log"));
    REQUIRE(text_of("/tmp/log").find(word) != std::string::npos);
  }
  void stop() {
    run("kill $(cat /tmp/pid)");
    for (int i = 0; i < 100 && std::system("kill -0 $(cat /tmp/pid) 2>/dev/null") == 0; ++i)
      pause(Duration{100});
  }

 private:
  const std::string program = "davy-gateway --config /tmp/gateway.textproto --profiles /profiles";
};

struct Stored {
  std::vector<Sample> samples;  // of the first point
  std::vector<Sample> others;   // of the second
  std::vector<Event> events;
};

Stored read_spool() {
  auto opened = SqliteSpool::open({.path = "/tmp/spool.db", .gateway = "g"}, wall_clock.wall());
  REQUIRE(opened.has_value());
  const auto blocks = opened->spool->read({1, UINT32_MAX}, 100'000);
  REQUIRE(blocks.has_value());
  Stored out;
  BlockDecoder decoder;
  for (const StoredBlock& stored : *blocks) {
    const auto block = decoder.decode(stored.envelope);
    REQUIRE(block.has_value());
    for (const Sample& sample : block->samples) {
      if (sample.point == PointIndex{0}) out.samples.push_back(sample);
      if (sample.point == PointIndex{1}) out.others.push_back(sample);
    }
    out.events.insert(out.events.end(), block->events.begin(), block->events.end());
  }
  return out;
}

}  // namespace

TEST_CASE("guest: davy-gateway reads a sensor on CAN, tells a lost interface and comes back by itself") {
  Gateway gateway;
  CHECK(text_of("/tmp/check").find("bus machine: CAN can0, 500000 bit/s") != std::string::npos);
  CHECK(text_of("/tmp/check").find("0x192") != std::string::npos);
  gateway.await("ready");
  const WallTime begin = wall_clock.wall();
  send("32000300D1000000", Duration{3000});  // 0.50 %CH4, 3 ppm
  send("82000300D1000000", Duration{300});   // 1.30 %CH4
  const WallTime before_down = wall_clock.wall();
  run("/bin/ip link set can0 down");
  const WallTime down = wall_clock.wall();
  pause(Duration{2500});
  const WallTime before_up = wall_clock.wall();
  run("/bin/ip link set can0 up");
  send("4B000900D1000000", Duration{5000});  // 0.75 %CH4, 9 ppm
  gateway.await("bus_back");
  gateway.stop();
  INFO(text_of("/tmp/log"));

  const Stored stored = read_spool();
  std::size_t ordinary = 0;
  std::size_t alarms = 0;
  std::size_t lost = 0;
  std::size_t again = 0;
  WallTime first_lost = WallTime::max();
  for (const Sample& s : stored.samples) {
    const bool good = s.quality.validity == Validity::good;
    if (s.source_time < begin) continue;
    if (s.source_time < before_down) {
      CHECK(good);
      if (s.value == doctest::Approx(0.5)) ++ordinary;
      if (s.value == doctest::Approx(1.3) && s.quality.limit == LimitState::alarm) ++alarms;
    } else if (s.source_time < before_up && !good) {
      CHECK(s.quality.validity == Validity::bad_comm);
      first_lost = std::min(first_lost, s.source_time);
      ++lost;
    } else if (s.source_time >= before_up && good) {
      CHECK(s.value == doctest::Approx(0.75));
      ++again;
    }
  }
  CHECK(ordinary >= 4);
  CHECK(alarms >= 1);  // at once, not at the period
  CHECK(first_lost <= down + 2 * period);
  CHECK(lost >= 3);
  CHECK(again >= 4);
  REQUIRE_FALSE(stored.others.empty());
  CHECK(stored.others.back().value == 9);
  const auto has = [&](EventKind kind, const std::string& words) {
    return std::ranges::any_of(stored.events, [&](const Event& e) {
      return e.kind == kind && e.text.find(words) != std::string::npos;
    });
  };
  CHECK(has(EventKind::bus_fault, "CAN interface can0 is down"));
  CHECK(has(EventKind::bus_restored, "machine: the bus works again"));
}
