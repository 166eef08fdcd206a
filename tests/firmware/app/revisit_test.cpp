#include "firmware/app/revisit.hpp"

#include <doctest/doctest.h>

#include "firmware/app/check_report.hpp"
#include "firmware/app/lock_deadlines.hpp"

using namespace davy;
using namespace std::chrono_literals;

namespace {

// Heads of ten registers on a line of 9600 baud, 50.8 ms a round each; the first one's first point is the
// input of a lock, and the cutter hangs on the same bus.
struct Options {
  std::uint32_t devices = 5;
  Duration period{1000};
  Duration reply_timeout{300};
  Duration fast_period{250};
  bool locks = true;
};

GatewayConfig config_with(const Options& options) {
  GatewayConfig out{.mine = "M1", .gateway = "G-12"};
  DeviceProfile profile{.name = "model"};
  for (std::uint16_t i = 0; i < 10; ++i) {
    profile.signals.push_back({.name = "s" + std::to_string(i),
                               .table = RegisterTable::holding,
                               .address = i,
                               .encoding = Encoding::u16});
  }
  out.profiles = {profile};
  BusSettings bus{.name = "b",
                  .endpoint = RtuSettings{"/dev/ttyS1", {.baud = 9600, .parity = Parity::even}},
                  .fast_period = options.fast_period};
  for (std::uint32_t d = 0; d < options.devices; ++d) {
    DeviceSettings device{.name = "d" + std::to_string(d),
                          .unit = static_cast<std::uint8_t>(d + 1),
                          .period = options.period,
                          .reply_timeout = options.reply_timeout};
    for (std::uint32_t s = 0; s < 10; ++s) {
      device.points.push_back({.index = static_cast<std::uint32_t>(out.points.size()), .signal = s});
      out.points.push_back({.name = "P" + std::to_string(out.points.size())});
    }
    bus.devices.push_back(device);
  }
  out.buses.push_back(bus);
  if (!options.locks) return out;
  InterlockSettings locks;
  locks.areas.push_back({.name = "heading"});
  locks.outputs.push_back({.name = "cutter", .port = ModbusOutputSettings{.bus = 0, .unit = 99}});
  locks.locks.push_back({.name = "face", .inputs = {{.point = 0}}, .outputs = {0}});
  out.interlock = locks;
  return out;
}

}  // namespace

TEST_CASE("revisit: a point waits for its period, one lost reply, and everybody who may be due as well") {
  // 50.8 ms a round; the longest exchange is one of them without its answer: 45.8 + 300.
  const auto revisits = worst_revisits(config_with({.locks = false}), 0, 0);
  REQUIRE(revisits.size() == 5);
  REQUIRE(revisits[2].all_points);
  const auto expected = 1000.0 + 5 * 50.83 + 45.83 + 300 - 9;
  CHECK(static_cast<double>(revisits[2].all_points->count()) == doctest::Approx(expected).epsilon(0.02));
  CHECK_FALSE(revisits[2].has_lock_inputs);
}

TEST_CASE("revisit: deaths of others cost a point two time-outs each, and the input of a lock nothing") {
  const GatewayConfig config = config_with({});
  const auto usual = worst_revisits(config, 0, 0);
  const auto dying = worst_revisits(config, 0, 2);
  REQUIRE(usual[3].all_points);
  REQUIRE(dying[3].all_points);
  CHECK(*dying[3].all_points - *usual[3].all_points >= 4 * 300ms);
  CHECK(usual[0].has_lock_inputs);
  REQUIRE(usual[0].lock_inputs);
  CHECK(*usual[0].lock_inputs == *dying[0].lock_inputs);
  CHECK(*usual[0].lock_inputs < 250ms + 350ms + 40ms);
}

TEST_CASE("revisit: a bus that has too little time has no bound, and says so") {
  const GatewayConfig config = config_with({.devices = 25, .locks = false});
  CHECK_FALSE(worst_revisits(config, 0, 0)[0].all_points);
  CHECK(check_report(config, CanPlans(1), "gateway.textproto").find("no bound") != std::string::npos);
}

TEST_CASE("lock deadlines: a lock that may act too late is refused, with its name and what to do") {
  struct Row {
    Options options;
    bool in_time;
  };
  const Row rows[] = {
      {{}, true},
      {{.devices = 15}, true},  // other devices do not slow a lock
      {{.reply_timeout = 700ms}, true},
      {{.reply_timeout = 1200ms}, false},  // lost once while reading and once before the command
      {{.fast_period = 5000ms}, true},     // the device's own period of 1 s is shorter
      {{.period = 10s, .fast_period = 5000ms}, false},
      {{.reply_timeout = 1200ms, .locks = false}, true},
  };
  for (const Row& r : rows) {
    CAPTURE(r.options.reply_timeout.count());
    CAPTURE(r.options.period.count());
    const Status status = check_lock_deadlines(config_with(r.options), "gateway.textproto");
    CHECK(status.has_value() == r.in_time);
    if (status) continue;
    CHECK(
        status.error().message.starts_with("gateway.textproto: interlock: lock \"face\" may act on output "
                                           "\"cutter\" only after "));
    CHECK(status.error().message.find("2.0 s are allowed") != std::string::npos);
  }
}

TEST_CASE("check: the times of points and locks are printed") {
  const std::string report = check_report(config_with({}), CanPlans(1), "gateway.textproto");
  CAPTURE(report);
  CHECK(report.find("unread at worst") != std::string::npos);
  CHECK(report.find("locks, from gas at an input to the command, at worst:") != std::string::npos);
  CHECK(report.find("allowed 2000 ms") != std::string::npos);
}
