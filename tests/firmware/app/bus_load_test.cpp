#include "firmware/app/bus_load.hpp"

#include <doctest/doctest.h>

#include "firmware/app/check_report.hpp"

using namespace davy;
using namespace std::chrono_literals;

namespace {

// One device model with a value in each of ten registers in a row, and one far away.
DeviceProfile profile() {
  DeviceProfile out{.name = "model"};
  for (std::uint16_t i = 0; i < 10; ++i) {
    out.signals.push_back({.name = "s" + std::to_string(i),
                           .table = RegisterTable::holding,
                           .address = i,
                           .encoding = Encoding::u16});
  }
  out.signals.push_back(
      {.name = "far", .table = RegisterTable::holding, .address = 500, .encoding = Encoding::u16});
  return out;
}

GatewayConfig config(decltype(BusSettings::endpoint) endpoint, std::uint32_t devices, std::uint32_t signals,
                     Duration period) {
  GatewayConfig out{.mine = "M1", .gateway = "G-12", .profiles = {profile()}};
  BusSettings bus{.name = "b", .endpoint = std::move(endpoint)};
  for (std::uint32_t d = 0; d < devices; ++d) {
    DeviceSettings device{.name = "d" + std::to_string(d), .period = period};
    for (std::uint32_t s = 0; s < signals; ++s) device.points.push_back({.index = 0, .signal = s});
    bus.devices.push_back(device);
  }
  out.buses.push_back(bus);
  return out;
}

}  // namespace

TEST_CASE("load: ten registers at 9600 baud take 45.8 ms of the line, and 5 for the device to think") {
  // 8 and 25 characters of 11 bits and two silences: the table of the physical limits.
  const auto c = config(RtuSettings{"/dev/ttyS1", {.baud = 9600, .parity = Parity::even}}, 1, 10, 1s);
  const BusLoad load = estimate_load(c, c.buses[0]);
  CHECK(load.devices[0].requests == 1);
  CHECK(load.devices[0].busy.count() == doctest::Approx(50'833).epsilon(0.001));
  CHECK(*load.share == doctest::Approx(0.0508).epsilon(0.01));
}

TEST_CASE("load: requests are counted as they are planned") {
  const auto c = config(TcpSettings{"10.0.0.7", 502}, 5, 11, 500ms);
  const BusLoad load = estimate_load(c, c.buses[0]);
  CHECK(load.devices[4].requests == 2);
  CHECK(load.requests_per_s == doctest::Approx(20));
  CHECK_FALSE(load.share.has_value());  // a network has no baud rate
}

TEST_CASE("check: says when the line cannot carry what is asked of it") {
  struct Row {
    std::uint32_t devices;
    const char* told;
  };
  constexpr Row rows[] = {
      {5, "busy 25 %"}, {19, "little time is left"}, {30, "more than the line can carry"}};
  for (const Row& r : rows) {
    CAPTURE(r.devices);
    const auto c =
        config(RtuSettings{"/dev/ttyS1", {.baud = 9600, .parity = Parity::even}}, r.devices, 10, 1s);
    const std::string report = check_report(c, {}, "gateway.textproto");
    CHECK(report.find(r.told) != std::string::npos);
    CHECK(report.find("warning") == (r.devices == 5 ? std::string::npos : report.find("warning")));
  }
}

TEST_CASE("check: the report names everything that was configured") {
  auto c = config(RtuSettings{"/dev/ttyS1", {.baud = 19200}}, 2, 3, 1s);
  c.buses[0].devices[0].name = "甲烷-1";
  c.spool = {.path = "/var/lib/davy/spool.db", .bytes_max = 512ULL << 20U, .days_max = 30};
  const std::string report = check_report(c, {}, "gateway.textproto");
  for (const char* part : {"gateway.textproto: good", "mine M1, gateway G-12", "RTU /dev/ttyS1, 19200 8N1",
                           "2 devices, 6 points, 2 requests a round", "甲烷-1", "model", "1000 ms",
                           "/var/lib/davy/spool.db, at most 512 MiB and 30 days", "uplink: none"}) {
    CAPTURE(part);
    CHECK(report.find(part) != std::string::npos);
  }
  c.uplink = UplinkSettings{.host = "10.0.0.5", .port = 1883};
  CHECK(check_report(c, {}, "f").find("10.0.0.5:1883, plain TCP: for benches only") != std::string::npos);
}
