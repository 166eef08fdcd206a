#include <cmath>
#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>

#include "drivers/modbus/modbus_device.hpp"
#include "drivers/simulated/rig_air.hpp"
#include "drivers/simulated/rig_device.hpp"
#include "drivers/simulated/rig_frames.hpp"
#include "tests/support/temp_folder.hpp"

using namespace davy;

namespace {

constexpr const char* profile_text = R"(
name: "head" maker: "x" model: "y" source: "test"
modbus {
  signal { name: "ch4" table: HOLDING_REGISTER address: 0 encoding: U16 scale: 0.01 
           quantity: "CH4" unit: "%CH4" range_low: 0 range_high: 10 }
  signal { name: "temp" table: INPUT_REGISTER address: 4 encoding: FLOAT32 word_order: CDAB }
  status { table: HOLDING_REGISTER address: 1
           bit { number: 2 means: CALIBRATING } bit { number: 3 means: DISCONNECTED }
           bit { number: 4 means: OVER_RANGE } }
}
)";

constexpr const char* rig_text = R"(
seed: 5
line { name: "rtu1" link: "rtu1"
  device { name: "head1" unit: 1 profile: "head"
           signal { signal: "ch4" name: "T0" wander { mean: 0.4 reach: 0.2 } }
           signal { signal: "temp" name: "temp" constant: 23.5 } }
  device { name: "fans" unit: 2 profile: "head" signal { signal: "ch4" name: "fan" constant: 1 }
           signal { signal: "temp" name: "air" constant: 2 } }
  device { name: "reader" unit: 9 tag_reader: true } }
server { name: "tcp1" port: 15020
  device { name: "recorder" unit: 1 profile: "head"
           signal { signal: "ch4" name: "played" recording { file: "r.csv" column: "a" speed: 10 } }
           signal { signal: "temp" name: "row" row { file: "r.csv" speed: 10 } } } }
step { at_s: 10 ramp { signal: "T0" to: 2 over_s: 10 hold_s: 20 } }
step { at_s: 100 calibration { signal: "T0" to: 1 for_s: 40 } }
step { at_s: 200 fan_stop { fan: "fan" air: "air" gas: "T0" gas_to: 3 for_s: 60 } }
step { at_s: 300 fault { device: "head1" kind: NO_HEAD for_s: 5 } }
step { at_s: 310 fault { device: "head1" kind: SILENT for_s: 5 } }
step { at_s: 320 over_range { signal: "T0" for_s: 5 } }
step { at_s: 330 stuck { signal: "T0" for_s: 50 } }
step { at_s: 400 tag_walk { reader: "reader" tag: 70001 speed_m_s: 2 reach_m: 10 every_s: 0.5 sos: true } }
)";

struct RigFiles {
  RigFiles() {
    std::ofstream{folder.file("head.textproto")} << profile_text;
    std::ofstream{folder.file("r.csv")} << "t_s,a\n0,0.1\n30,0.2\n60,0.3\n";
    auto parsed = rig::parse_rig_config(rig_text, folder.file("rig.textproto"), folder.path());
    REQUIRE_MESSAGE(parsed, parsed.error().message);
    config = *parsed;
  }
  rig::RigAir air() const { return *rig::RigAir::make(config); }

  TempFolder folder;
  rig::RigConfig config;
};

// Asks a simulated device the way the real decoder would.
Reading ask(const RigFiles& files, const rig::RigAir& air, std::size_t device, std::size_t signal, double t) {
  const rig::DeviceSettings& settings = files.config.lines[0].devices[device];
  const DeviceProfile& profile = files.config.profiles[settings.profile];
  const SignalProfile& wanted = profile.signals[signal];
  const rig::RigDevice rig_device{settings, files.config, air};
  const auto read = [&](RegisterTable table, std::uint16_t address, std::uint16_t count) {
    const std::vector<std::uint8_t> pdu{static_cast<std::uint8_t>(table), 0,
                                        static_cast<std::uint8_t>(address), 0,
                                        static_cast<std::uint8_t>(count)};
    const auto reply = rig_device.answer(pdu, t);
    std::vector<std::uint16_t> out;
    for (std::size_t i = 2; i + 1 < reply.pdu.size(); i += 2) {
      out.push_back(static_cast<std::uint16_t>(reply.pdu[i] << 8U | reply.pdu[i + 1]));
    }
    return out;
  };
  const auto& status = profile.statuses[0];
  const auto registers = read(wanted.table, wanted.address, register_count(wanted.encoding));
  return decode_signal(wanted, registers, status_flags(status, read(status.table, status.address, 1)[0]));
}

}  // namespace

TEST_CASE("rig: the scenario shows in the registers as the profile says") {
  const RigFiles files;
  const auto air = files.air();
  struct Row {
    double t;
    double low;
    double high;
    Validity validity;
    Maintenance maintenance;
  };
  constexpr Row rows[] = {
      {5, 0.2, 0.6, Validity::good, Maintenance::none},
      {25, 1.99, 2.01, Validity::good, Maintenance::none},          // held at the top of the ramp
      {60, 0.2, 0.6, Validity::good, Maintenance::none},            // and back
      {120, 0.99, 1.01, Validity::good, Maintenance::calibrating},  // plateau, flagged
      {259, 2.8, 3.01, Validity::good, Maintenance::none},          // the fan stands
      {290, 0.2, 0.6, Validity::good, Maintenance::none},           // and runs again
      {322, 10, 100, Validity::over_range, Maintenance::none},
  };
  for (const Row& row : rows) {
    CAPTURE(row.t);
    const Reading reading = ask(files, air, 0, 0, row.t);
    CHECK(reading.value >= row.low);
    CHECK(reading.value <= row.high);
    CHECK(reading.quality.validity == row.validity);
    CHECK(reading.quality.maintenance == row.maintenance);
  }
  CHECK(ask(files, air, 0, 0, 302).quality.validity == Validity::disconnected);
  CHECK(ask(files, air, 1, 0, 230).value == 0);                                 // the fan itself
  CHECK(ask(files, air, 1, 1, 259).value < 0.01);                               // its air
  CHECK(ask(files, air, 0, 0, 331).value == ask(files, air, 0, 0, 379).value);  // stuck
  CHECK(air.device("head1", 312).faulty);
  CHECK_FALSE(air.device("head1", 316).faulty);
  CHECK(ask(files, air, 0, 1, 5).value == 23.5);  // float32 in CDAB
}

TEST_CASE("rig: same seed same run, another seed another") {
  RigFiles files;
  const auto one = files.air();
  const auto two = files.air();
  RigFiles others;
  others.config.seed = 6;
  const auto three = others.air();
  int different = 0;
  for (int i = 0; i < 1000; ++i) {
    REQUIRE(one.signal("T0", i * 0.7).value == two.signal("T0", i * 0.7).value);
    different += one.signal("T0", i * 0.7).value == three.signal("T0", i * 0.7).value ? 0 : 1;
  }
  CHECK(different > 900);
}

TEST_CASE("rig: a recording plays row by row at its speed and starts again") {
  const RigFiles files;
  const auto air = files.air();
  struct Row {
    double t;
    double value;
    double number;
  };
  for (const Row& row :
       {Row{0, 0.1, 0}, Row{2.9, 0.1, 0}, Row{3.1, 0.2, 1}, Row{6.1, 0.3, 2}, Row{9.1, 0.1, 0}}) {
    CHECK(air.signal("played", row.t).value == row.value);
    CHECK(air.signal("row", row.t).value == row.number);
  }
}

TEST_CASE("rig: a tag walks past a reader and its ring tells it") {
  const RigFiles files;
  const auto air = files.air();
  const auto seen = air.sightings("reader", 1000);
  REQUIRE(seen.size() == 21);  // 20 m at 2 m/s, twice a second, both ends
  CHECK(seen.front().distance == doctest::Approx(-10));
  CHECK(seen.back().distance == doctest::Approx(10));
  CHECK(air.sightings("reader", 399).empty());
  const rig::RigDevice reader{files.config.lines[0].devices[2], files.config, air};
  const std::vector<std::uint8_t> all{4, 0, 0, 0, 98};
  const auto reply = reader.answer(all, 405.1);
  CHECK(reply.pdu[3] == 11);  // number of the newest
  CHECK(reply.pdu[5] == 12);
  const std::vector<std::uint8_t> beyond{4, 0, 0, 0, 99};
  CHECK(reader.answer(beyond, 405).pdu == std::vector<std::uint8_t>{0x84, 2});
}

TEST_CASE("rig: frames in, frames out") {
  std::vector<std::uint8_t> bytes{0x01, 0x03, 0x00, 0x00, 0x00, 0x02, 0xC4, 0x0B};
  const auto request = rig::take_rtu_request(bytes);
  REQUIRE(request);
  CHECK(request->unit == 1);
  CHECK(bytes.empty());
  bytes = {0x01, 0x03, 0x00, 0x00, 0x00, 0x02, 0xC4, 0x0C};
  CHECK_FALSE(rig::take_rtu_request(bytes));
  CHECK(bytes.empty());  // noise is dropped
  bool broken = false;
  bytes = {0, 7, 0, 0, 0, 6, 1, 3, 0, 0, 0, 2, 0, 8};
  const auto tcp = rig::take_tcp_request(bytes, broken);
  REQUIRE(tcp);
  CHECK(tcp->transaction == 7);
  CHECK(bytes.size() == 2);
  bytes = {0, 7, 0, 1, 0, 6, 1, 3};
  CHECK_FALSE(rig::take_tcp_request(bytes, broken));
  CHECK(broken);
}

TEST_CASE("rig: what is wrong with a file is told with its place") {
  const TempFolder folder;
  std::ofstream{folder.file("head.textproto")} << profile_text;
  struct Row {
    const char* text;
    const char* place;
    const char* words;
  };
  const Row rows[] = {
      {"seed: 1", ":1:1:", "without a line or a server"},
      {"line { name: \"a\" link: \"x\" device { name: \"d\" unit: 1 profile: \"hed\" } }",
       ":1:", "did you mean \"head\""},
      {"line { name: \"a\" link: \"x\" device { name: \"d\" unit: 0 profile: \"head\" } }", ":1:", "unit"},
      {"line { name: \"a\" link: \"x\" device { name: \"d\" unit: 1 profile: \"head\"\n signal { signal: "
       "\"co\" constant: 1 } } }",
       ":2:", "has no \"co\""},
      {"line { name: \"a\" link: \"x\" device { name: \"d\" unit: 1 profile: \"head\" } }\nstep { at_s: 1 "
       "spike { signal: \"T0\" to: 1 for_s: 1 } }",
       ":2:", "there is no signal \"T0\""},
      {"line { name: \"a\" link: \"x\" device { name: \"d\" unit: 1 profile: \"head\" } }\nstep { at_s: 1 }",
       ":2:", "nothing happens"},
      {"server { name: \"s\" port: 1502 device { name: \"d\" unit: 1 tag_reader: true tag_slots: 0 } }",
       ":1:", "tag_slots: is 0; it must be 1 to 4096"},
      {"server { name: \"s\" address: \"0.0.0.0\" port: 1502 device { name: \"d\" unit: 1 profile: \"head\" "
       "} }",
       ":1:", "this machine only"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto parsed = rig::parse_rig_config(row.text, folder.file("rig.textproto"), folder.path());
    REQUIRE_FALSE(parsed);
    CAPTURE(parsed.error().message);
    CHECK(parsed.error().message.find(std::string{"rig.textproto"} + row.place) != std::string::npos);
    CHECK(parsed.error().message.find(row.words) != std::string::npos);
  }
  std::ofstream{folder.file("r.csv")} << "t_s,a\n0,1\n30,x\n";
  const auto config = rig::parse_rig_config(
      "server { name: \"s\" port: 1502 device { name: \"d\" unit: 1 profile: \"head\" signal { signal: "
      "\"ch4\" "
      "recording { file: \"r.csv\" column: \"a\" } } } }",
      folder.file("rig.textproto"), folder.path());
  REQUIRE(config);
  const auto air = rig::RigAir::make(*config);
  REQUIRE_FALSE(air);
  CHECK(air.error().message.find("r.csv:3: a: \"x\" is no number") != std::string::npos);
}

TEST_CASE(
    "rig: a relay is switched and read back, what hangs on it follows, and a locked fan stays standing") {
  constexpr const char* text = R"(
line { name: "rtu1" link: "rtu1"
  device { name: "panel" unit: 3 profile: "head"
           relay { name: "CUTTER" coil: 7 on: true text_off: "the power is cut" }
           relay { name: "LOCK" coil: 9 }
           signal { signal: "ch4" name: "fan" constant: 1 }
           signal { signal: "temp" name: "feed" follow { relay: "CUTTER" on: 1140 } } } }
step { at_s: 10 fan_stop { fan: "fan" gas_to: 3 for_s: 20 start_lock: "LOCK" } }
)";
  const RigFiles files;
  const auto config = rig::parse_rig_config(text, files.folder.file("rig.textproto"), files.folder.path());
  REQUIRE_MESSAGE(config, config.error().message);
  const auto air = *rig::RigAir::make(*config);
  const rig::RigDevice panel{config->lines[0].devices[0], *config, air};
  using Pdu = std::vector<std::uint8_t>;
  const auto switched = [&](std::uint8_t coil, bool on, double t) {
    const Pdu request{5, 0, coil, static_cast<std::uint8_t>(on ? 0xFF : 0), 0};
    return panel.answer(request, t).pdu == request;
  };
  const auto coil = [&](std::uint8_t at, double t) { return panel.answer(Pdu{1, 0, at, 0, 1}, t).pdu[2]; };

  CHECK(coil(7, 1) == 1);
  CHECK(air.signal("feed", 1).value == 1140);
  CHECK(switched(7, false, 2));
  CHECK(coil(7, 3) == 0);
  CHECK(air.signal("feed", 3).value == 0);
  CHECK(air.signal("feed", 1).value == 1140);  // any moment can be asked for
  CHECK(air.relays().take_news() == std::vector<std::string>{"the power is cut"});
  CHECK(panel.answer(Pdu{5, 0, 8, 0, 0}, 3).pdu == Pdu{0x85, 2});  // a coil it has not
  CHECK(panel.answer(Pdu{5, 0, 7, 0x12, 0}, 3).pdu == Pdu{0x85, 3});

  CHECK(switched(9, true, 15));
  CHECK(air.signal("fan", 29).value == 0);
  CHECK(air.signal("fan", 300).value == 0);  // told to start at 30 s, and locked
  CHECK(air.fan_news(29, 31).size() == 1);
  CHECK(switched(9, false, 310));
  CHECK(air.signal("fan", 309).value == 0);
  CHECK(air.signal("fan", 311).value == 1);
  CHECK(air.fan_news(309, 311) == std::vector<std::string>{"fan runs again"});
}

TEST_CASE("rig: a scenario that begins on a signal waits for it") {
  const RigFiles files;
  const auto config = rig::parse_rig_config(std::string{"begin_on_signal: true\n"} + rig_text,
                                            files.folder.file("rig.textproto"), files.folder.path());
  REQUIRE_MESSAGE(config, config.error().message);
  auto air = *rig::RigAir::make(*config);
  CHECK(air.signal("T0", 25).value < 0.7);
  CHECK(air.beginning(0, 1000).empty());
  CHECK(air.sightings("reader", 1000).empty());
  air.begin_scenario(100);
  CHECK(air.signal("T0", 125).value > 1.9);
  CHECK(air.beginning(109, 111).size() == 1);
}

TEST_CASE("rig: what is said of relays must fit together") {
  struct Row {
    const char* text;
    const char* wrong;
  };
  constexpr Row rows[] = {
      {"signal { signal: \"ch4\" follow { relay: \"CUT\" } }", "there is no relay \"CUT\""},
      {"relay { name: \"A\" coil: 1 } relay { name: \"B\" coil: 1 }", "has a relay of this device already"},
      {"relay { name: \"A\" coil: 70000 }", "coil"},
      {"relay { name: \"A\" coil: 1 } signal { signal: \"ch4\" name: \"f\" constant: 1 } } }"
       " repeat_after_s: 60 step { at_s: 1 fan_stop { fan: \"f\" gas_to: 1 for_s: 1 start_lock: \"A\" } } #",
       "repeat_after_s"},
  };
  const RigFiles files;
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const std::string text =
        std::string{"line { name: \"l\" link: \"l\" device { name: \"d\" unit: 1 profile: \"head\" "} +
        row.text + " } }";
    const auto config = rig::parse_rig_config(text, files.folder.file("rig.textproto"), files.folder.path());
    REQUIRE(!config);
    CHECK(config.error().message.find(row.wrong) != std::string::npos);
  }
}
