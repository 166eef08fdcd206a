#include "proto/wire/interlock_config.hpp"

#include <cmath>
#include <fstream>

#include <doctest/doctest.h>

#include "proto/wire/gateway_config.hpp"
#include "tests/proto/config_rows.hpp"

using namespace davy;
using test::Row;

namespace {

constexpr const char* profiles = "tests/golden/wire/profiles";
constexpr const char* file = "etc/gateway.textproto";

constexpr const char* measured = R"(mine: "m"
gateway: "g"
bus {
  name: "face"
  tcp { host: "10.0.0.7" }
  device { name: "h1" unit: 1 profile: "methane-head"
    point { name: "T1" signal: "ch4" }
    point { name: "FAN" signal: "door" }
    point { name: "WIND" signal: "supply" range_low: 0 range_high: 15 unit: "m/s" quantity: "wind_speed" }
    point { name: "HOT" signal: "temperature" range_low: -20 range_high: 120 quantity: "temperature" }
  }
  device { name: "h2" unit: 2 profile: "methane-head"
    point { name: "T2" signal: "ch4" }
    point { name: "DUCT" signal: "door" }
  }
  device { name: "h3" unit: 3 profile: "methane-head" period_ms: 1950
    point { name: "T3" signal: "ch4" stale_after_ms: 30000 }
    point { name: "FEED" signal: "door" }
  }
}
)";

constexpr const char* locked = R"(interlock {
  area { name: "N1" title: "掘进" title_en: "heading" }
  output { name: "C1" area: "N1" kind: CUTTER modbus { bus: "face" unit: 9 coil: 2 read_back_contact: 5 }
    feed { point: "FEED" } }
  output { name: "F1" area: "N1" kind: FAN_LOCK gpio { chip: "/dev/gpiochip0" line: 4 read_back_line: 5 } }
  output { name: "S1" area: "N1" kind: SOUNDER gpio { chip: "/dev/gpiochip0" line: 6 } }
  lock { name: "A" row: METHANE_ALARM area: "N1" methane { point: "T1" } }
  lock { name: "B" row: METHANE_FACE area: "N1" methane { point: "T1" } title: "面" }
  lock { name: "C" row: METHANE_RETURN area: "N1" methane { point: "T2" trip_at: 0.9 }
    output: "C1" output: "S1" }
  lock { name: "E" row: WIND area: "N1" fan { point: "FAN" } duct { point: "DUCT" } }
  lock { name: "F" row: FAN_START area: "N1" fan { point: "FAN" }
    methane { point: "T1" } methane { point: "T2" } }
  lock { name: "H" row: CUT area: "N1" input { point: "HOT" side: HIGH trip_at: 34 release_at: 30 } }
}
)";

Result<GatewayConfig> parse(const std::string& text) { return parse_gateway_config(text, file, profiles); }

}  // namespace

TEST_CASE("interlock config: rows have the law's numbers, outputs their safe defaults, an area its row g") {
  const auto config = parse(std::string{measured} + locked);
  REQUIRE_MESSAGE(config, test::message_of(config));
  REQUIRE(config->interlock);
  const InterlockSettings& out = *config->interlock;
  CHECK(out.settle == Duration{60'000});
  CHECK(out.key_valid == Duration{1'800'000});
  CHECK(out.memory == "/var/lib/davy/locks");
  CHECK(out.areas.at(0).title_en == "heading");

  const OutputSettings& cutter = out.outputs.at(0);
  CHECK_FALSE(cutter.energise_to_act);
  CHECK(cutter.on_exit == ExitState::act);
  CHECK(cutter.feed_within == Duration{2000});
  CHECK(config->points[cutter.feeds.at(0).point].name == "FEED");
  const auto& coil = std::get<ModbusOutputSettings>(cutter.port);
  CHECK(coil.unit == 9);
  CHECK(coil.address == 2);
  CHECK(coil.read_back_table == RegisterTable::discrete_input);
  CHECK(coil.read_back_address == 5);
  CHECK(coil.read_back_on == 1);
  CHECK(out.outputs[1].energise_to_act);
  CHECK(out.outputs[1].on_exit == ExitState::keep);
  CHECK(std::get<GpioOutputSettings>(out.outputs[1].port).read_back_line == 5U);
  CHECK(out.outputs[2].on_exit == ExitState::rest);

  struct Want {
    LockRow row;
    std::vector<double> trips, releases;
    std::vector<std::uint32_t> outputs;
  };
  const Want wants[] = {{LockRow::methane_alarm, {1}, {1}, {2}},
                        {LockRow::methane_face, {1.5}, {1}, {0}},
                        {LockRow::methane_return, {0.9}, {0.9}, {0, 2}},
                        {LockRow::wind, {0, 0}, {0, 0}, {0}},
                        {LockRow::fan_start, {3, 3, 0}, {1.5, 1.5, 0}, {1}},
                        {LockRow::cut, {34}, {30}, {0}},
                        {LockRow::device_fault, {}, {}, {0}}};
  REQUIRE(out.locks.size() == std::size(wants));
  for (std::size_t i = 0; i < out.locks.size(); ++i) {
    const LockSettings& lock = out.locks[i];
    CAPTURE(lock.name);
    CHECK(lock.row == wants[i].row);
    CHECK(lock.outputs == wants[i].outputs);
    REQUIRE(lock.inputs.size() == wants[i].trips.size());
    for (std::size_t n = 0; n < lock.inputs.size(); ++n) {
      CHECK(lock.inputs[n].trip_at == wants[i].trips[n]);
      CHECK(lock.inputs[n].release_at == wants[i].releases[n]);
      CHECK(lock.inputs[n].side == (lock.inputs[n].role == InputRole::value ? Side::high : Side::low));
    }
  }
  CHECK(out.locks.back().name == "N1-G");
}

TEST_CASE("interlock config: what is written beside the usual") {
  std::string text = locked;
  test::replace(
      text, "row: METHANE_FACE area: \"N1\" methane { point: \"T1\" }",
      "row: METHANE_FACE area: \"N1\" methane { point: \"T1\" trip_at: 2 } legal_basis: \"trial 7\"");
  test::replace(text, "coil: 2 read_back_contact: 5", "holding_register: 2 on_value: 7 off_value: 9");
  test::replace(text, "duct { point: \"DUCT\" }", "duct { point: \"WIND\" trip_at: 0.3 release_at: 0.5 }");
  test::replace(text, "kind: CUTTER",
                "kind: CUTTER acts_by: ENERGISE on_exit: KEEP legal_basis: \"x\" remote: true");
  test::replace(
      text, "  lock { name: \"H\"",
      "  lock { name: \"G\" row: DEVICE_FAULT area: \"N1\" input { point: \"HOT\" } }\n  lock { name: \"H\"");
  const auto config = parse(std::string{measured} + text);
  REQUIRE_MESSAGE(config, test::message_of(config));
  const InterlockSettings& out = *config->interlock;
  CHECK(out.locks[1].inputs[0].release_at == 1);
  CHECK(out.locks[3].inputs[1].release_at == 0.5);
  CHECK(std::isinf(out.locks[5].inputs[0].trip_at));
  CHECK(out.locks.size() == 7);
  const auto& word = std::get<ModbusOutputSettings>(out.outputs[0].port);
  CHECK(word.table == RegisterTable::holding);
  CHECK(word.read_back_on == 7);
  CHECK(word.read_back_off == 9);
  CHECK(out.outputs[0].energise_to_act);
  CHECK(out.outputs[0].on_exit == ExitState::keep);
  CHECK(out.outputs[0].feed_within == Duration{40'000});
}

TEST_CASE("interlock config: numbers on the dangerous side are refused, with place and remedy") {
  const Row rows[] = {
      {"trip_at: 0.9",
       "trip_at: 1.1",
       {":29:", "lock[2].methane[0].trip_at: is 1.1; the rules allow 1", "legal_basis"}},
      {"trip_at: 0.9", "release_at: 1.2", {"release_at: is 1.2; the lock releases below it and trips at 1"}},
      {"methane { point: \"T1\" } title",
       "methane { point: \"T1\" release_at: 1.2 } title",
       {"rules allow 1 for row METHANE_FACE (b)"}},
      {"trip_at: 0.9", "trip_at: 0.9 side: LOW", {"methane trips on HIGH"}},
      {"trip_at: 0.9", "trip_at: -1", {"outside the measuring range 0 to 4: it would never act"}, 2},
      {"trip_at: 0.9", "release_at: 0", {"nothing the point can measure releases the lock"}},
      {"release_at: 30", "release_at: 36", {"release_at: is 36"}},
      {"side: HIGH trip_at: 34 release_at: 30", "", {"side: is missing", "trip_at: is missing: a CUT"}, 2},
      {"duct { point: \"DUCT\" }",
       "duct { point: \"WIND\" }",
       {"\"WIND\" is no state, so say at which value"}},
      {"fan { point: \"FAN\" } duct", "fan { point: \"FAN\" side: HIGH } duct", {"trips on HIGH, so say"}},
      {"area {", "settle_ms: 5000 area {", {"settle_ms: is 5000; it must be 10000 to 600000"}},
      {"area {", "key_valid_ms: 1 area {", {"key_valid_ms"}},
  };
  for (const Row& row : rows) test::check_row(row, std::string{measured} + locked, parse);
}

TEST_CASE("interlock config: what is not there, twice there, or without effect is refused") {
  const Row rows[] = {
      {"methane { point: \"T2\" trip_at: 0.9 }",
       "methane { point: \"T22\" }",
       {"there is no point \"T22\"; did you mean \"T2\"?"}},
      {"methane { point: \"T2\" trip_at: 0.9 }",
       "methane { point: \"HOT\" }",
       {"measures \"temperature\"; this needs a point of quantity \"CH4\""}},
      {"methane { point: \"T2\" } }",
       "methane { point: \"T1\" } }",
       {"methane[1].point: \"T1\" is named twice here"}},
      {"row: METHANE_RETURN area: \"N1\" methane { point: \"T2\" trip_at: 0.9 }",
       "row: METHANE_RETURN area: \"N1\"",
       {"methane: is missing: row METHANE_RETURN (c) needs it"}},
      {"duct { point: \"DUCT\" }", "", {"duct: is missing"}},
      {"row: METHANE_RETURN area: \"N1\"",
       "row: METHANE_RETURN area: \"N1\" fan { point: \"FAN\" }",
       {"fan[0]: does not belong to row METHANE_RETURN (c)"}},
      {"row: METHANE_RETURN area: \"N1\"",
       "row: METHANE_RETURN area: \"N2\"",
       {"there is no area \"N2\"; did you mean \"N1\"?"}},
      {"output: \"C1\" output: \"S1\"", "output: \"C2\"", {"there is no output \"C2\""}},
      {"output: \"C1\" output: \"S1\"",
       "output: \"C1\" output: \"C1\"",
       {"output[1]: \"C1\" is named twice here"}},
      {"output: \"C1\" output: \"S1\"",
       "output: \"F1\"",
       {"\"F1\" is a FAN_LOCK; row METHANE_RETURN (c) acts on a CUTTER"}},
      {"name: \"B\"", "name: \"A\"", {"\"A\" is taken already in line 27"}},
      {"line: 6",
       "line: 4",
       {"/dev/gpiochip0, line 4 is used already in line 25; two outputs cannot share one port"}},
      {"line: 6", "line: 5", {"/dev/gpiochip0, line 5 is used already"}},
      {"kind: SOUNDER gpio { chip: \"/dev/gpiochip0\" line: 6 }",
       "kind: SOUNDER modbus { bus: \"face\" unit: 9 coil: 2 }",
       {"bus face, unit 9, coil 2 is used already in line 23"}},
      {"coil: 2 read", "coil: 2 holding_register: 1 read", {"exactly one of coil and holding_register"}},
      {"coil: 2 read_back_contact: 5",
       "coil: 2 read_back_inverted: true",
       {"has no meaning without read_back_contact"}},
      {"coil: 2", "coil: 2 on_value: 0 off_value: 1", {"on_value: of a coil is 1"}},
      {"bus: \"face\" unit: 9",
       "bus: \"fac\" unit: 0",
       {"there is no bus \"fac\"; did you mean \"face\"?", "unit: is 0"},
       2},
      {"kind: FAN_LOCK gpio",
       "kind: FAN_LOCK acts_by: DEENERGISE gpio",
       {"a box without power must not stop a fan"}},
      {"kind: FAN_LOCK gpio",
       "kind: FAN_LOCK on_exit: ACT gpio",
       {"a gateway that ends must not lock a fan"}},
      {"kind: CUTTER modbus",
       "kind: CUTTER on_exit: REST modbus",
       {"leaves the area fed while nobody watches it"}},
      {"kind: SOUNDER gpio",
       "kind: SOUNDER feed { point: \"FEED\" } gpio",
       {"only a CUTTER has a load side"}},
      {"feed { point: \"FEED\" }",
       "feed { point: \"FEED\" } feed { point: \"FEED\" }",
       {"feed[1].point: \"FEED\" is named twice"}},
      {"{ point: \"T2\" trip_at: 0.9 }",
       "{ point: \"T3\" trip_at: 0.9 }",
       {"is read every 1950 ms, and this lock has to act within 2000 ms", "period_ms of 1900 at most"}},
  };
  for (const Row& row : rows) {
    test::check_row(row, std::string{measured} + locked, parse);
  }
}

TEST_CASE("interlock config: an area without a cutter, an output without a lock, a lock without an output") {
  std::string text = std::string{measured} + locked;
  test::replace(text, "area { name: \"N1\"", "area { name: \"N2\" } area { name: \"N1\"");
  test::check_row({"lock { name: \"F\" row: FAN_START area: \"N1\"",
                   "lock { name: \"F\" row: FAN_START area: \"N2\"",
                   {"lock[4].output: is missing: area \"N2\" has no FAN_LOCK for this lock to act on"}},
                  text, parse);
  test::check_row({"lock { name: \"F\" row: FAN_START area: \"N1\"",
                   "lock { name: \"F\" row: FAN_START output: \"F1\" area: \"N2\"",
                   {"area[0].name: \"N2\" has locks and no CUTTER"}},
                  text, parse);
  test::check_row(
      {"  lock { name: \"F\" row: FAN_START area: \"N1\" fan { point: \"FAN\" }\n    methane { point: "
       "\"T1\" } methane { point: \"T2\" } }\n",
       "",
       {"output[1].name: no lock acts on \"F1\""}},
      text, parse);
  test::check_row({"lock { name: \"H\"",
                   "lock { name: \"G\" row: DEVICE_FAULT area: \"N1\" } lock { name: \"G2\" row: "
                   "DEVICE_FAULT area: \"N1\" "
                   "} lock { name: \"H\"",
                   {"has a lock of row DEVICE_FAULT already"}},
                  text, parse);
  test::check_row({locked, "interlock {}", {"area: is missing", "output: is missing", "lock: is missing"}, 3},
                  std::string{measured} + locked, parse);
}

TEST_CASE("interlock config: a remote lock may be slower; a point believed for too long may not be in any") {
  std::string text = std::string{measured} + locked;
  test::replace(text, "kind: CUTTER", "kind: CUTTER remote: true");
  test::replace(text, "output: \"C1\" output: \"S1\"", "output: \"C1\"");
  test::check_row(
      {"{ point: \"T2\" trip_at: 0.9 }",
       "{ point: \"T3\" trip_at: 0.9 }",
       {"is believed for 30000 ms without a reading; for a lock its stale_after_ms is 20000 at most"}},
      text, parse);
}

TEST_CASE("interlock config: the locks of the example file are good once its marks are taken away") {
  std::ifstream in{"firmware/app/example/gateway.textproto"};
  REQUIRE(in);
  std::string text;
  bool marked = false;
  for (std::string line; std::getline(in, line); text += line + "\n") {
    marked = marked || line == "# interlock {";
    if (marked) line.erase(0, std::min<std::size_t>(2, line.size()));
  }
  const auto config = parse_gateway_config(text, file, "drivers/profiles");
  REQUIRE_MESSAGE(config, test::message_of(config));
  REQUIRE(config->interlock);
  CHECK(config->interlock->outputs.size() == 3);
  CHECK(config->interlock->locks.size() == 6);
}
