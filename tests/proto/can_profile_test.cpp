#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>

#include "proto/wire/gateway_config.hpp"
#include "proto/wire/profile.hpp"
#include "tests/proto/config_rows.hpp"

using namespace davy;
using test::Row;

namespace {

const std::string whole = R"(name: "probe" maker: "M" model: "P" source: "s"
can {
  dbc: "bus.dbc"
  canopen { dbc_node: 16 heartbeat_ms: 500 }
  signal { name: "ch4" message: "Gas" signal: "Methane" period_ms: 200 periods: 5 quantity: "CH4" unit: "%CH4"
           range_low: 0 range_high: 4 raw_meaning { raw: -1 means: DISCONNECTED } text: "methane" }
  signal { name: "door" message: "Io" signal: "Door" state: true }
  status { message: "Gas" signal: "State" applies_to: "ch4" code { raw: 2 means: CALIBRATING }
           bit { number: 7 when: false means: SENSOR_FAULT } }
}
)";

Result<DeviceProfile> parse(const std::string& text) {
  return parse_profile(text, "profiles/probe.textproto");
}

constexpr const char* file = "etc/gateway.textproto";

const std::string bus_text = R"(mine: "m" gateway: "g"
bus {
  name: "can" period_ms: 500
  can { interface: "can0" bitrate: 50000 }
  device {
    name: "head" unit: 17 profile: "generic-gas-can"
    point { name: "T1" signal: "ch4" }
  }
  device {
    name: "machine" unit: 7 profile: "canopen-roadheader"
    point { name: "T2" signal: "ch4" } point { name: "FAN" signal: "fan" }
  }
}
)";

Result<GatewayConfig> parse_config(const std::string& text) {
  return parse_gateway_config(text, file, "drivers/profiles");
}

}  // namespace

TEST_CASE("can profile: what is written and what is left out") {
  const auto profile = parse(whole);
  REQUIRE_MESSAGE(profile, test::message_of(profile));
  REQUIRE(profile->can);
  CHECK(profile->can->dbc == "profiles/bus.dbc");
  CHECK(profile->can->where == "profiles/probe.textproto:3:3: can.dbc");
  CHECK(profile->can->addressing == CanAddressing::canopen_node);
  CHECK(profile->can->dbc_node == 16);
  CHECK(profile->can->heartbeat == Duration{500});
  REQUIRE(profile->signals.size() == 2);
  const SignalProfile& ch4 = profile->signals[0];
  REQUIRE(ch4.can);
  CHECK(ch4.can->source.message == "Gas");
  CHECK(ch4.can->source.signal == "Methane");
  CHECK(ch4.can->source.period == Duration{200});
  CHECK(ch4.can->source.periods == 5);
  CHECK(ch4.can->source.where == "profiles/probe.textproto:5:3: can.signal[0]");
  CHECK(ch4.range_high == 4);
  REQUIRE(ch4.raw_meanings.size() == 1);
  CHECK(ch4.raw_meanings[0].means == QualityFlag::disconnected);
  CHECK_FALSE(profile->signals[1].can->source.period);
  CHECK(profile->signals[1].can->source.periods == 3);
  CHECK(profile->signals[1].can->is_state);
  REQUIRE(profile->can->statuses.size() == 1);
  const CanStatusProfile& status = profile->can->statuses[0];
  CHECK(status.applies_to == std::vector<std::string>{"ch4"});
  CHECK(status.codes.at(0).means == QualityFlag::calibrating);
  CHECK(status.bits.at(0).number == 7);
  CHECK_FALSE(status.bits.at(0).when);
}

TEST_CASE("can profile: each mistake is told at its place") {
  const Row rows[] = {
      {"dbc: \"bus.dbc\"", "", {":2:1: can.dbc: is missing"}},
      {"dbc: \"bus.dbc\"", "dbc: \"\"", {":3:3: can.dbc: is empty; name the DBC file"}},
      {"dbc_node: 16", "dbc_node: 128", {":4:13: can.canopen.dbc_node: is 128; it must be 1 to 127"}},
      {"heartbeat_ms: 500", "heartbeat_ms: 0", {":4:26: can.canopen.heartbeat_ms: is 0"}},
      {"dbc: \"bus.dbc\"", "dbc: \"b\" j1939 {}", {":3:12: can.j1939: a device speaks CANopen or J1939"}},
      {"name: \"ch4\"", "name: \"a b\"", {":5:12: can.signal[0].name: must be 1 to 64 letters"}, 2},
      {"name: \"door\"", "name: \"ch4\"", {":7:12: can.signal[1].name: \"ch4\" is already the name"}},
      {"message: \"Gas\" signal: \"Methane\"",
       "message: \"\" signal: \"Methane\"",
       {":5:24: can.signal[0].message: is empty"}},
      {"signal: \"Methane\"", "", {":5:3: can.signal[0].signal: is missing"}},
      {"period_ms: 200", "period_ms: 0", {":5:57: can.signal[0].period_ms: is 0"}},
      {"periods: 5", "periods: 0", {":5:72: can.signal[0].periods: is 0"}},
      {"range_low: 0", "range_low: 4", {":6:12: can.signal[0].range_low: is 4, not below range_high 4"}},
      {"raw_meaning {",
       "raw_meaning { raw: -1 means: FORCED } raw_meaning {",
       {"can.signal[0].raw_meaning[1].raw: -1 stands here twice"}},
      {"applies_to: \"ch4\"",
       "applies_to: \"ch5\"",
       {":8:43: can.status[0].applies_to[0]: \"ch5\" is no signal of this profile; did you mean \"ch4\"?"}},
      {"number: 7", "number: 64", {":9:18: can.status[0].bit[0].number: is 64; it must be 0 to 63"}},
      {"can {", "modbus {} can {", {":2:11: can: a device on CAN has neither modbus nor tag_reader"}},
  };
  for (const Row& row : rows) test::check_row(row, whole, parse);
}

TEST_CASE("can config: a bus with CAN devices is read") {
  const auto config = parse_config(bus_text);
  REQUIRE_MESSAGE(config, test::message_of(config));
  const auto& can = std::get<CanSettings>(config->buses[0].endpoint);
  CHECK(can.interface == "can0");
  CHECK(can.bitrate == 50000);
  CHECK(config->buses[0].devices[0].unit == 17);
  CHECK(config->points[0].kind == PointKind::analogue);
  CHECK(config->points[0].unit == "%CH4");
  CHECK(config->points[0].range_high == 4);
  CHECK(config->points[2].kind == PointKind::state);
  CHECK(config->points[2].range_high == 1);
  // What the profile says to come every second is not expected every half.
  CHECK(config->points[0].period == Duration{500});
  CHECK(config->points[1].period == Duration{1000});
  CHECK(config->points[1].stale_after == Duration{3000});
}

TEST_CASE("can config: each mistake is told at its place") {
  const Row rows[] = {
      {"  can {",
       "  tcp { host: 'h' } can {",
       {":4:21: bus[0].can: a bus has exactly one of rtu, tcp, can and lines"}},
      {"interface: \"can0\"", "", {":4:3: bus[0].can.interface: is missing"}},
      {"interface: \"can0\"",
       "interface: \"can 0\"",
       {":4:9: bus[0].can.interface: must have 1 to 15 characters"}},
      {"bitrate: 50000", "bitrate: 2000000", {":4:27: bus[0].can.bitrate: is 2000000"}},
      {"unit: 17", "", {":5:3: bus[0].device[0].unit: is missing; give the node's number"}},
      {"unit: 17", "unit: 128", {":6:18: bus[0].device[0].unit: is 128; it must be 1 to 127"}},
      {"unit: 17", "unit: 7", {":10:21: bus[0].device[1].unit: 7 is that of device \"head\""}},
      {"profile: \"generic-gas-can\"",
       "profile: \"generic-ch4-u16\"",
       {":6:27: bus[0].device[0].profile: \"generic-ch4-u16\" is no device on CAN"}},
      {"signal: \"ch4\"", "signal: \"ch5\"", {"has no signal \"ch5\"; did you mean \"ch4\"?"}},
      {"can { interface: \"can0\" bitrate: 50000 }",
       "rtu { device: '/dev/ttyS1' }",
       {":6:27: bus[0].device[0].profile: \"generic-gas-can\" is a device on CAN; it needs a bus with can",
        ":10:29: bus[0].device[1].profile: "},
       2},
      {"bus {",
       "bus { name: 'x' can { interface: 'can0' } device { name: 'y' unit: 1 profile: "
       "'generic-gas-can' point { name: 'z' signal: 'co' } } }\nbus {",
       {":5:9: bus[1].can.interface: \"can0\" is used already in line 2"}},
      {"bus {",
       "interlock { area { name: 'A' } output { name: 'C' area: 'A' kind: CUTTER modbus { bus: 'can' unit: 1 "
       "coil: 1 } } lock { name: 'L' row: METHANE_FACE area: 'A' methane { point: 'T1' } } }\nbus {",
       {"interlock.output[0].modbus.bus: \"can\" is no Modbus bus; take one with rtu or tcp"}},
  };
  for (const Row& row : rows) test::check_row(row, bus_text, parse_config);
}
