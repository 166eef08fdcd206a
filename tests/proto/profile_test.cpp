#include "proto/wire/profile.hpp"

#include <doctest/doctest.h>

#include "tests/proto/config_rows.hpp"

using namespace davy;
using test::Row;

namespace {

constexpr const char* whole = R"(name: "probe"
maker: "Maker"
model: "P-1"
source: "manual, page 7"
modbus {
  registers_per_request_max: 60
  signal {
    name: "a"
    table: INPUT_REGISTER
    address: 100
    encoding: U16
    scale: 0.1
    range_low: 0
    range_high: 10
    raw_meaning { raw: 65535 means: SENSOR_FAULT }
  }
  signal { name: "b" table: HOLDING_REGISTER address: 65534 encoding: S32 }
  signal { name: "c" table: COIL address: 65535 encoding: BIT }
  signal { name: "d" table: INPUT_REGISTER address: 5 encoding: BITS bit_first: 4 bit_count: 12 }
  status { table: INPUT_REGISTER address: 7 applies_to: "a" bit { number: 15 means: FORCED }
    code { value: 3 means: INHIBITED } code_mask: 0xFF }
}
)";

Result<DeviceProfile> parse(const std::string& text) {
  return parse_profile(text, "profiles/probe.textproto");
}

}  // namespace

TEST_CASE("profile: a device model as a file says it") {
  const auto profile = load_profile("tests/golden/wire/profiles/methane-head.textproto");
  REQUIRE_MESSAGE(profile, test::message_of(profile));
  CHECK(profile->name == "methane-head");
  CHECK(profile->sources == std::vector<std::string>{"made up for tests"});
  CHECK(profile->serial == SerialSettings{4800, Parity::even, 1});
  CHECK(profile->registers_per_request_max == 60);
  CHECK(profile->bits_per_request_max == 2000);
  CHECK(profile->gap_registers_max == 8);
  CHECK(profile->reply_timeout == Duration{250});
  CHECK(profile->pause_after_reply == Duration{5});
  REQUIRE(profile->signals.size() == 5);

  const SignalProfile& ch4 = profile->signals[0];
  CHECK(ch4.name == "ch4");
  CHECK(ch4.table == RegisterTable::input);
  CHECK(ch4.address == 16);
  CHECK(ch4.encoding == Encoding::u16);
  CHECK(ch4.scale == 0.01);
  CHECK(ch4.range_high == 4.0);
  REQUIRE(ch4.raw_meanings.size() == 1);
  CHECK(ch4.raw_meanings[0].raw == 0x7FFF);
  CHECK(ch4.raw_meanings[0].means == QualityFlag::sensor_fault);
  CHECK(profile->signals[1].encoding == Encoding::s16);
  CHECK_FALSE(profile->signals[1].range_low);
  CHECK(profile->signals[2].table == RegisterTable::holding);
  CHECK(profile->signals[2].encoding == Encoding::float32);
  CHECK(profile->signals[2].word_order == WordOrder::cdab);
  CHECK(profile->signals[3].encoding == Encoding::bits);
  CHECK(profile->signals[3].bit_first == 2);
  CHECK(profile->signals[3].bit_count == 3);
  CHECK(profile->signals[4].table == RegisterTable::discrete_input);
  CHECK(profile->signals[4].encoding == Encoding::bit);

  REQUIRE(profile->statuses.size() == 1);
  const StatusProfile& status = profile->statuses[0];
  CHECK(status.address == 17);
  CHECK(status.applies_to == std::vector<std::string>{"ch4"});
  REQUIRE(status.bits.size() == 2);
  CHECK(status.bits[0].means == QualityFlag::calibrating);
  CHECK(status.bits[1].number == 4);
  CHECK_FALSE(status.bits[1].when);
  REQUIRE(status.codes.size() == 1);
  CHECK(status.codes[0].means == QualityFlag::forced);
  CHECK(status.code_mask == 7);
}

TEST_CASE("profile: each mistake is told with its line, column and field") {
  REQUIRE_MESSAGE(parse(whole), test::message_of(parse(whole)));
  const Row rows[] = {
      {"\"probe\"",
       "\"prober\"",
       {"profiles/probe.textproto:1:1: name: is \"prober\" in a file called \"probe\""}},
      {"maker: \"Maker\"", "", {":1:1: maker: is missing"}},
      {"\"P-1\"", "\"\"", {":3:1: model: is empty"}},
      {"source: \"manual, page 7\"", "", {":1:1: source: is missing: say from which manual"}},
      {"\"manual, page 7\"", "\"\"", {":4:1: source[0]: is empty"}},
      {"registers_per_request_max: 60",
       "registers_per_request_max: 126",
       {":6:3: modbus.registers_per_request_max: is 126"}},
      {"registers_per_request_max: 60", "registers_per_request_max: 1", {":17:", "needs 2 registers"}},
      {"registers_per_request_max: 60",
       "bits_per_request_max: 2001",
       {":6:3: modbus.bits_per_request_max: is 2001"}},
      {"registers_per_request_max: 60", "gap_registers_max: 125", {":6:3: modbus.gap_registers_max: is 125"}},
      {"registers_per_request_max: 60", "reply_timeout_ms: 0", {":6:3: modbus.reply_timeout_ms: is 0"}},
      {"registers_per_request_max: 60",
       "pause_after_reply_ms: 10001",
       {":6:3: modbus.pause_after_reply_ms: is 10001"}},
      {"registers_per_request_max: 60", "serial { baud: 42 }", {":6:12: modbus.serial.baud: is 42"}},
      {"registers_per_request_max: 60", "serial { stop_bits: 0 }", {":6:12: modbus.serial.stop_bits: is 0"}},
      {"name: \"b\"",
       "name: \"a\"",
       {":17:12: modbus.signal[1].name: \"a\" is already the name of modbus.signal[0].name"}},
      {"name: \"b\"", "name: \"b c\"", {":17:12: modbus.signal[1].name: must be 1 to 64"}},
      {"name: \"b\"", "", {":17:3: modbus.signal[1].name: is missing"}},
      {"encoding: U16", "", {":7:3: modbus.signal[0].encoding: is missing"}},
      {"encoding: U16", "encoding: U17", {":11:15: ", "\"U17\""}},
      {"encoding: U16",
       "encodng: U16",
       {":11:5: encodng: there is no such field here; did you mean \"encoding\"?"},
       2},
      {"address: 65534",
       "address: 65535",
       {":17:46: modbus.signal[1].address: is 65535, which with 2 register(s)"}},
      {"address: 65535", "address: 65536", {":18:34: modbus.signal[2].address: is 65536, which with 1"}},
      {"address: 7", "address: 65536", {":20:34: modbus.status[0].address: is 65536"}},
      {"65535 encoding: BIT", "65535 encoding: U16", {":18:49: modbus.signal[2].encoding: must be BIT"}},
      {"65535 encoding: BIT",
       "65535 encoding: BIT bit_first: 1",
       {":18:63: modbus.signal[2].bit_first: is only for"}},
      {"65535 encoding: BIT",
       "65535 encoding: BIT word_order: DCBA",
       {":18:63: modbus.signal[2].word_order: means nothing"}},
      {"encoding: S32", "encoding: S32 bit_count: 2", {":17:75: modbus.signal[1].bit_count: is only for"}},
      {"bit_first: 4 bit_count: 12",
       "bit_first: 5 bit_count: 12",
       {":19:83: modbus.signal[3].bit_count: reaches beyond bit 15"}},
      {"bit_first: 4 bit_count: 12",
       "bit_first: 16 bit_count: 1",
       {":19:70: modbus.signal[3].bit_first: is 16", "bit_count"},
       2},
      {"bit_first: 4 bit_count: 12", "bit_count: 0", {":19:70: modbus.signal[3].bit_count: is 0"}},
      {"bit_first: 4 bit_count: 12",
       "bit_first: 4294967295 bit_count: 4294967295",
       {"bit_first: is 4294967295", "bit_count"},
       2},
      {"encoding: BITS bit_first: 4",
       "encoding: BIT bit_first: 4",
       {":19:82: modbus.signal[3].bit_count: must be 1 for BIT"}},
      {"scale: 0.1", "scale: 0", {":12:5: modbus.signal[0].scale: is 0"}},
      {"scale: 0.1", "scale: nan", {":12:5: modbus.signal[0].scale: is not a number"}},
      {"scale: 0.1", "scale: 1e300", {":12:5: modbus.signal[0].scale: is beyond"}},
      {"scale: 0.1", "offset: inf", {":12:5: modbus.signal[0].offset: is not a number"}},
      {"range_low: 0",
       "range_low: 10",
       {":13:5: modbus.signal[0].range_low: is 10, not below range_high 10"}},
      {"raw: 65535",
       "raw: 65536",
       {":15:19: modbus.signal[0].raw_meaning[0].raw: is 65536; this encoding reads 0 to 65535"}},
      {"raw: 65535 means: SENSOR_FAULT }",
       "raw: 1 means: FORCED } raw_meaning { raw: 1 means: FORCED }",
       {":15:56: modbus.signal[0].raw_meaning[1].raw: 1 stands here twice"}},
      {"means: SENSOR_FAULT", "means: GOOD", {":15:", "\"GOOD\""}},
      {"applies_to: \"a\"",
       "applies_to: \"aa\"",
       {":20:45: modbus.status[0].applies_to[0]: \"aa\" is no signal", "did you mean \"a\"?"}},
      {"number: 15", "number: 16", {"modbus.status[0].bit[0].number: is 16; it must be 0 to 15"}},
      {"bit { number: 15 means: FORCED }\n    code { value: 3 means: INHIBITED }",
       "",
       {":20:3: modbus.status[0].bit: is missing: a status tells by bits or codes"}},
      {"bit { number: 15 means: FORCED }",
       "bit { number: 1 means: FORCED } bit { number: 1 means: FORCED }",
       {"modbus.status[0].bit[1].number: and its `when` stand already in modbus.status[0].bit[0].number"}},
      {"value: 3", "value: 256", {"modbus.status[0].code[0].value: 256 has bits outside of code_mask"}},
      {"value: 3", "value: 65536", {"modbus.status[0].code[0].value: is 65536"}},
      {"code_mask: 0xFF", "code_mask: 0", {"code_mask: is 0", "code[0].value: 3 has bits outside"}, 2},
      {"code { value: 3 means: INHIBITED }",
       "code { value: 3 means: FORCED } code { value: 3 means: FORCED }",
       {"modbus.status[0].code[1].value: 3 stands already in modbus.status[0].code[0].value"}},
      {"status { table: INPUT_REGISTER address: 7",
       "status { table: COIL address: 7",
       {"bit[0].number: is 15; it must be 0 to 0", "code[0]: a coil or discrete input has no codes"},
       2},
  };
  for (const Row& row : rows) test::check_row(row, whole, parse);
}

TEST_CASE("profile: without signals, or without Modbus, it is none") {
  const std::string head = "name: 'probe' maker: 'M' model: 'P' source: 's' ";
  CHECK(parse(head).error().message ==
        "profiles/probe.textproto:1:1: modbus: is missing, and so is can: without one of them there is "
        "nothing to read");
  CHECK(parse(head + "modbus {}").error().message ==
        "profiles/probe.textproto:1:49: modbus.signal: is missing: a device has at least one");
}

TEST_CASE("profile: a file that is not there says so") {
  CHECK(load_profile("nowhere/x.textproto").error().message ==
        "nowhere/x.textproto: there is no such file; check the path");
}
