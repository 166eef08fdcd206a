#include "proto/wire/gateway_config.hpp"

#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>

#include "tests/proto/config_rows.hpp"

using namespace davy;
using test::Row;

namespace {

constexpr const char* profiles = "tests/golden/wire/profiles";
constexpr const char* file = "etc/gateway.textproto";

constexpr const char* whole =
    R"(mine: "mine-1"
gateway: "gw-1"
uplink {
  host: "broker.mine"
  tls { ca: "ca.pem" certificate: "/etc/davy/gw.crt" key: "keys/gw.key" }
}
bus {
  name: "face"
  rtu { device: "/dev/ttyS1" baud: 4800 parity: EVEN }
  device {
    name: "head-1"
    unit: 1
    profile: "methane-head"
    point {
      name: "T0"
      signal: "ch4"
      limit { side: HIGH level: ALARM at: 1 priority: 1 }
      limit { side: HIGH level: CUT at: 1.5 clear_at: 1 off_delay_ms: 60000 basis: "AQ 1029" }
    }
    point { name: "T0-temp" signal: "temperature" title: "温度" stale_after_ms: 60000 }
  }
}
bus {
  name: "shaft"
  period_ms: 2000
  tcp { host: "10.0.0.7" }
  device {
    name: "head-2"
    unit: 0
    profile: "methane-head"
    period_ms: 500
    reply_timeout_ms: 100
    point { name: "door" signal: "door" text_on: "open"
      limit { side: HIGH level: WARNING at: 1 clear_at: 0 on_delay_ms: 5000 }
    }
    point { name: "supply" signal: "supply" range_low: 9 range_high: 24 unit: "V" quantity: "battery" }
  }
}
)";

// The device of the second bus, as it stands in the text.
std::string whole_device() {
  const std::string text = whole;
  const auto from = text.rfind("  device {");
  return text.substr(from, text.rfind("}\n}") + 1 - from);
}

Result<GatewayConfig> parse(const std::string& text) { return parse_gateway_config(text, file, profiles); }

std::string many_points(int count) {
  std::string out = "mine: 'm' gateway: 'g' bus { name: 'b' tcp { host: 'h' } ";
  for (int i = 0; i < count; ++i) {
    const std::string n = std::to_string(i);
    out += "device { name: 'd" + n + "' unit: " + std::to_string(i % 256) +
           " profile: 'methane-head' point { name: 'p" + n + "' signal: 'ch4' } }";
    if (i % 256 == 255) out += "} bus { name: 'b" + n + "' tcp { host: 'h' } ";
  }
  return out + "}";
}

}  // namespace

TEST_CASE("gateway config: what is written and what is left out") {
  const auto config = parse(whole);
  REQUIRE_MESSAGE(config, test::message_of(config));
  CHECK(config->mine == "mine-1");
  CHECK(config->gateway == "gw-1");
  CHECK(config->spool.path == "/var/lib/davy/spool.db");
  CHECK(config->spool.bytes_max == 512ULL * 1024 * 1024);
  CHECK(config->spool.days_max == 30);
  CHECK(config->block_close_after == Duration{1000});
  REQUIRE(config->uplink);
  CHECK(config->uplink->port == 8883);
  REQUIRE(config->uplink->tls);
  CHECK(config->uplink->tls->ca == "etc/ca.pem");
  CHECK(config->uplink->tls->certificate == "/etc/davy/gw.crt");
  CHECK(config->uplink->tls->key == "etc/keys/gw.key");
  CHECK(config->uplink->window_blocks == 32);
  CHECK(config->uplink->ack_wait == Duration{30000});

  REQUIRE(config->profiles.size() == 1);
  REQUIRE(config->buses.size() == 2);
  const auto& rtu = std::get<RtuSettings>(config->buses[0].endpoint);
  CHECK(rtu.device == "/dev/ttyS1");
  CHECK(rtu.serial == SerialSettings{4800, Parity::even, 1});
  const auto& tcp = std::get<TcpSettings>(config->buses[1].endpoint);
  CHECK(tcp.host == "10.0.0.7");
  CHECK(tcp.port == 502);

  const auto& head = config->buses[0].devices.at(0);
  CHECK(head.unit == 1);
  CHECK(head.period == Duration{1000});
  CHECK(head.reply_timeout == Duration{250});  // the profile's
  REQUIRE(head.points.size() == 2);
  CHECK(head.points[1].index == 1);
  CHECK(head.points[1].signal == 1);
  const auto& door = config->buses[1].devices.at(0);
  CHECK(door.unit == 0);
  CHECK(door.period == Duration{500});
  CHECK(door.reply_timeout == Duration{100});
  CHECK(door.points.at(0).index == 2);
  CHECK(door.points.at(0).signal == 4);
}

TEST_CASE("gateway config: a point takes from its signal what it does not say itself") {
  const auto config = parse(whole);
  REQUIRE(config);
  REQUIRE(config->points.size() == 4);
  const Limit alarm{.side = Side::high, .level = LimitState::alarm, .at = 1, .clear_at = 1, .priority = 1};
  const Limit cut{.side = Side::high,
                  .level = LimitState::cut,
                  .at = 1.5,
                  .clear_at = 1,
                  .off_delay = Duration{60000},
                  .basis = "AQ 1029"};
  CHECK(config->points[0] == Point{.name = "T0",
                                   .title = "T0",
                                   .quantity = "CH4",
                                   .unit = "%CH4",
                                   .kind = PointKind::analogue,
                                   .range_low = 0,
                                   .range_high = 4,
                                   .period = Duration{1000},
                                   .stale_after = Duration{3000},
                                   .limits = {alarm, cut},
                                   .device = "face/head-1"});
  const Point& temperature = config->points[1];
  CHECK(temperature.title == "温度");
  CHECK(temperature.stale_after == Duration{60000});
  CHECK(temperature.range_low == doctest::Approx(-3276.8));  // all that the encoding can carry
  CHECK(temperature.range_high == doctest::Approx(3276.7));
  const Point& door = config->points[2];
  CHECK(door.kind == PointKind::state);
  CHECK(door.range_high == 1);
  CHECK(door.stale_after == Duration{1500});
  CHECK(door.text_on == "open");
  CHECK(config->points[3].quantity == "battery");
  CHECK(config->points[3].range_low == 9);
}

TEST_CASE("gateway config: each mistake is told with its line, column and field") {
  const Row rows[] = {
      {"mine: \"mine-1\"",
       "mine: \"mine/1\"",
       {"etc/gateway.textproto:1:1: mine: is \"mine/1\"; it is part of every topic"}},
      {"gateway: \"gw-1\"", "gateway: \"\"", {":2:1: gateway: is \"\""}},
      {"mine: \"mine-1\"", "", {":1:1: mine: is missing"}},
      {"  period_ms: 2000",
       "  perod_ms: 2000",
       {":25:3: perod_ms: there is no such field here; did you mean \"period_ms\"?"}},
      {"  host: \"broker.mine\"",
       "  host: \"mqtt://broker\"",
       {":4:3: uplink.host: is \"mqtt://broker\"; give only"}},
      {"  host: \"broker.mine\"", "", {":3:1: uplink.host: is missing"}},
      {"  host: \"broker.mine\"",
       "  host: \"b\" port: 0",
       {":4:13: uplink.port: is 0; it must be 1 to 65535"}},
      {"  host: \"broker.mine\"", "  host: \"b\" port: 70000", {":4:13: uplink.port: is 70000"}},
      {"  host: \"broker.mine\"", "  host: \"b\" port: -1", {":4:19: "}},
      {"  host: \"broker.mine\"",
       "  host: \"b\" window_blocks: 0",
       {":4:13: uplink.window_blocks: is 0; it must be 1 to 1000"}},
      {"  host: \"broker.mine\"", "  host: \"b\" keep_alive_s: 1", {":4:13: uplink.keep_alive_s: is 1"}},
      {"  host: \"broker.mine\"", "  host: \"b\" ack_wait_ms: 1", {":4:13: uplink.ack_wait_ms: is 1"}},
      {"  tls { ca: \"ca.pem\" certificate: \"/etc/davy/gw.crt\" key: \"keys/gw.key\" }",
       "",
       {":3:1: uplink.tls: is missing: give ca, certificate and key"}},
      {" key: \"keys/gw.key\"", "", {":5:3: uplink.tls.key: is missing"}},
      {"\"ca.pem\"", "\"\"", {":5:9: uplink.tls.ca: is empty"}},
      {"uplink {",
       "spool { path: \"\" max_mib: 0 max_days: 9999 } uplink {",
       {":3:9: spool.path: is empty", ":3:18: spool.max_mib: is 0", ":3:29: spool.max_days: is 9999"},
       3},
      {"uplink {",
       "block { close_after_ms: 49 } uplink {",
       {":3:9: block.close_after_ms: is 49; it must be 50 to 60000"}},
      {"name: \"face\"", "name: \"shaft\"", {":24:3: bus[1].name: \"shaft\" is taken already in line 8"}},
      {"name: \"face\"", "name: \"fa/ce\"", {":8:3: bus[0].name: is \"fa/ce\"; 1 to 64 bytes"}},
      {"name: \"face\"", "name: \"fa ce\"", {":8:3: bus[0].name: is \"fa ce\""}},
      {"name: \"face\"", "name: \"\"", {":8:3: bus[0].name: is \"\""}},
      {"name: \"face\"", "name: \"a\\nb\"", {":8:3: bus[0].name: is not UTF-8, has control characters"}},
      {"name: \"face\"", "name: \"\\xff\"", {":8:3: bus[0].name: is not UTF-8"}},
      {"name: \"face\"", "", {":7:1: bus[0].name: is missing"}},
      {"  rtu {",
       "  tcp { host: \"h\" } rtu {",
       {":9:3: bus[0].tcp: a bus has exactly one of rtu, tcp, can and lines"}},
      {"  tcp { host: \"10.0.0.7\" }",
       "",
       {":23:1: bus[1].rtu: a bus has exactly one of rtu, tcp, can and lines"}},
      {"  tcp { host: \"10.0.0.7\" }",
       "  rtu { device: \"/dev/../dev/ttyS1\" }",
       {":26:9: bus[1].rtu.device: \"/dev/../dev/ttyS1\" is used already in line 9"},
       2},
      {"\"10.0.0.7\"", "\"10.0.0.7\" port: 65536", {":26:26: bus[1].tcp.port: is 65536"}},
      {"\"/dev/ttyS1\"", "\"\"", {":9:9: bus[0].rtu.device: is empty"}},
      {"baud: 4800", "baud: 299", {":9:30: bus[0].rtu.baud: is 299; it must be 300 to 1000000"}},
      {"baud: 4800", "baud: 1000001", {":9:30: bus[0].rtu.baud: is 1000001"}},
      {"baud: 4800", "stop_bits: 3", {":9:30: bus[0].rtu.stop_bits: is 3; it must be 1 to 2"}},
      {"parity: EVEN", "parity: SOME", {":9:49: ", "\"SOME\""}},
      {"period_ms: 2000", "period_ms: 19", {":25:3: bus[1].period_ms: is 19; it must be 20 to 3600000"}},
      {"period_ms: 500", "period_ms: 3600001", {":31:5: bus[1].device[0].period_ms: is 3600001"}},
      {"reply_timeout_ms: 100", "reply_timeout_ms: 9", {":32:5: bus[1].device[0].reply_timeout_ms: is 9"}},
      {"unit: 1", "unit: 0", {":12:5: bus[0].device[0].unit: is 0; it must be 1 to 247"}},
      {"unit: 1", "unit: 248", {":12:5: bus[0].device[0].unit: is 248"}},
      {"unit: 1", "", {":10:3: bus[0].device[0].unit: is missing"}},
      {"unit: 0", "unit: 256", {":29:5: bus[1].device[0].unit: is 256; it must be 0 to 255"}},
      {"\"head-2\"", "\"head-1\"", {":28:5: bus[1].device[0].name: \"head-1\" is taken already in line 11"}},
      {"name: \"door\"",
       "name: \"T0\"",
       {":33:13: bus[1].device[0].point[0].name: \"T0\" is taken already in line 15"}},
      {"profile: \"methane-head\"",
       "profile: \"methan-head\"",
       {":13:5: bus[0].device[0].profile: there is no profile \"methan-head\"; did you mean "
        "\"methane-head\"?; "
        "there are: broken, methane-head"}},
      {"profile: \"methane-head\"",
       "profile: \"../profiles/methane-head\"",
       {":13:5: bus[0].device[0].profile: there is no"}},
      {"profile: \"methane-head\"",
       "profile: \"broken\"",
       {"tests/golden/wire/profiles/broken.textproto:6:45: modbus.signal[0].encoding: must be BIT"}},
      {"gateway: \"gw-1\"",
       "gateway: \"gw-1\" profiles: \"nowhere\"",
       {":13:5: ", "the folder \"etc/nowhere\" holds none"},
       2},
      {"signal: \"ch4\"",
       "signal: \"ch5\"",
       {":16:7: bus[0].device[0].point[0].signal: profile \"methane-head\" has no signal \"ch5\"; did you "
        "mean \"ch4\"?"}},
      {"signal: \"temperature\"",
       "signal: \"ch4\"",
       {":20:29: bus[0].device[0].point[1].signal: overlapping points: \"ch4\" of this device is already "
        "\"T0\""}},
      {"stale_after_ms: 60000",
       "stale_after_ms: 999",
       {":20:67: bus[0].device[0].point[1].stale_after_ms: is 999; below the period"}},
      {"clear_at: 1 off",
       "clear_at: 1.6 off",
       {":18:45: bus[0].device[0].point[0].limit[1].clear_at: is 1.6; a HIGH limit clears at or below 1.5"}},
      {"side: HIGH level: WARNING at: 1 clear_at: 0",
       "side: LOW level: WARNING at: 1 clear_at: 0",
       {"limit[0].clear_at: is 0; a LOW limit clears at or above 1"}},
      {"at: 1 priority: 1",
       "at: 4.1 priority: 1",
       {":17:39: ", "limit[0].at: is 4.1, outside the measuring range 0 to 4 %CH4"}},
      {"at: 1 priority: 1", "at: nan priority: 1", {":17:39: ", "limit[0].at: is not a number"}},
      {"at: 1 priority: 1", "at: -inf priority: 1", {":17:39: ", "limit[0].at: is not a number"}},
      {"at: 1 priority: 1",
       "at: 1 clear_at: -1",
       {":17:45: ", "limit[0].clear_at: is -1, outside the measuring range"}},
      {"at: 1 priority: 1", "at: 1 priority: 5", {":17:45: ", "limit[0].priority: is 5; it must be 1 to 4"}},
      {"at: 1 priority: 1",
       "at: 1 on_delay_ms: 1000",
       {":17:45: ", "limit[0].on_delay_ms: must be 0: a limit on gas"}},
      {"level: ALARM",
       "level: CUT",
       {":18:26: ", "limit[1].level: this point has another limit of the same side and level"}},
      {"level: ALARM at: 1", "level: ALARM", {":17:7: ", "limit[0].at: is missing"}},
      {"range_low: 9 range_high: 24",
       "range_low: 24 range_high: 9",
       {":36:45: ", "range_low: leaves no measuring range: 24 is not below 9"}},
      {"range_low: 9 range_high: 24",
       "range_high: 9",
       {":36:5: ", "range_low: is missing: neither the profile nor"}},
      {whole_device(), "", {":23:1: bus[1].device: is missing"}},
      {"point { name: \"door\"", "point { ", {":33:5: bus[1].device[0].point[0].name: is missing"}},
      {"gateway: \"gw-1\"",
       "gateway: \"gw-1\" gateway: \"gw-2\"",
       {":2:", "\"gateway\" is specified multiple times"}},
      {"gateway: \"gw-1\"", "gateway: gw-1", {":2:10: "}},
  };
  for (const Row& row : rows)
    test::check_row(row, whole, [](const std::string& text) { return parse(text); });
}

TEST_CASE("gateway config: all problems are told at once, in the order of the file") {
  std::string text = whole;
  test::replace(text, "mine-1", "mine 1");
  test::replace(text, "baud: 4800", "baud: 1 bauds: 2");
  test::replace(text, "unit: 1", "unit: 300");
  const auto config = parse(text);
  REQUIRE_FALSE(config);
  CHECK(config.error().code == Errc::bad_config);
  const auto lines = test::lines_of(config.error().message);
  REQUIRE(lines.size() == 4);
  CHECK(lines[0].starts_with("etc/gateway.textproto:1:1: mine: "));
  CHECK(lines[1].starts_with("etc/gateway.textproto:9:30: bus[0].rtu.baud: "));
  CHECK(lines[2].starts_with("etc/gateway.textproto:9:38: bauds: there is no such field here"));
  CHECK(lines[3].starts_with("etc/gateway.textproto:12:5: bus[0].device[0].unit: "));
}

TEST_CASE("gateway config: without a bus there is nothing to read") {
  const auto config = parse("mine: 'm' gateway: 'g'");
  REQUIRE_FALSE(config);
  CHECK(config.error().message ==
        "etc/gateway.textproto:1:1: bus: is missing: without one there is nothing to read");
}

TEST_CASE("gateway config: units of one bus and the number of points are bounded") {
  std::string text = whole;
  test::replace(
      text, "  device {\n    name: \"head-2\"",
      "  device { name: \"x\" unit: 0 profile: \"methane-head\" point { name: \"x\" signal: \"ch4\" } }\n"
      "  device {\n    name: \"head-2\"");
  auto config = parse(text);
  REQUIRE_FALSE(config);
  CHECK(config.error().message ==
        "etc/gateway.textproto:30:5: bus[1].device[1].unit: 0 is that of device \"x\" on the same bus");

  config = parse(many_points(32'769));
  REQUIRE_FALSE(config);
  CHECK(config.error().message ==
        "etc/gateway.textproto:1:1: bus: has 32769 points in all; a gateway carries 32768");
}

TEST_CASE("gateway config: talking in the clear takes a loopback address and a port, both written down") {
  struct Case {
    const char* uplink;
    bool good;
  };
  const Case cases[] = {{"host: '127.0.0.1' port: 1883", true}, {"host: 'localhost' port: 1883", true},
                        {"host: '::1' port: 1883", true},       {"host: '127.0.0.1'", false},
                        {"host: '10.0.0.1' port: 1883", false}, {"host: 'broker' port: 1883", false}};
  for (const Case& c : cases) {
    CAPTURE(c.uplink);
    const auto config = parse(std::string{"mine: 'm' gateway: 'g' uplink { "} + c.uplink +
                              " } bus { name: 'b' tcp { host: 'h' } device { name: 'd' unit: 1 profile: "
                              "'methane-head' point { name: 'p' signal: 'ch4' } } }");
    CHECK(config.has_value() == c.good);
    if (!config) CHECK(config.error().message.find("uplink.tls: is missing") != std::string::npos);
  }
}

TEST_CASE("gateway config: a file that is not there, a folder and one that is too long are told") {
  CHECK(load_gateway_config("nowhere/gateway.textproto", profiles).error().message ==
        "nowhere/gateway.textproto: there is no such file; check the path");
  CHECK(load_gateway_config("tests", profiles).error().message == "tests: is a folder, not a file");
  const auto config = parse(std::string(5 * 1024 * 1024, ' '));
  REQUIRE_FALSE(config);
  CHECK(config.error().message == "etc/gateway.textproto:1:1: longer than 4194304 bytes");
}

TEST_CASE("gateway config: a file is read from disk, also one that an editor for Windows has written") {
  const auto path = std::filesystem::temp_directory_path() / "davy_gateway_config_test.textproto";
  std::string text = std::string{"\xEF\xBB\xBF"} + whole;
  for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos; at += 2) text.insert(at, "\r");
  std::ofstream{path, std::ios::binary} << text;
  const auto config = load_gateway_config(path.string(), profiles);
  std::filesystem::remove(path);
  REQUIRE_MESSAGE(config, test::message_of(config));
  CHECK(config->points.size() == 4);
}

TEST_CASE("gateway config: thousands of mistakes do not take thousands of lines") {
  std::string text = "mine: 'm' gateway: 'g'\n";
  for (int i = 0; i < 3000; ++i) text += "bus { name: 'a b' }\n";
  const auto config = parse(text);
  REQUIRE_FALSE(config);
  const auto lines = test::lines_of(config.error().message);
  CHECK(lines.size() == 101);
  CHECK(lines.back() == "etc/gateway.textproto: there is more; correct these first");
}
