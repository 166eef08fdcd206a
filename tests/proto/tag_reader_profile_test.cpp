#include <doctest/doctest.h>

#include "proto/wire/profile.hpp"
#include "tests/proto/config_rows.hpp"

using namespace davy;
using test::Row;

namespace {

const std::string head = "name: 'probe' maker: 'M' model: 'P' source: 's'\n";

const std::string ring = head + R"(modbus { registers_per_request_max: 60 }
tag_reader { ring {
  table: INPUT_REGISTER newest_address: 0 capacity: 12
  first_slot_address: 2 slot_registers: 8
  slot {
    number_register: 0
    tag { register: 1 registers: 4 word_order: CDAB }
    distance { register: 5 encoding: S16 scale: 0.01 }
    before { register: 7 bit: 9 when: false }
    rssi { register: 7 encoding: BITS bit_first: 2 bit_count: 7 scale: -1 }
    age { register: 6 scale: 0.1 }
    sos { register: 7 bit: 0 }
    low_battery { register: 7 bit: 1 }
  }
} }
)";

const std::string fifo = head + R"(tag_reader { fifo {
  table: HOLDING_REGISTER count_address: 3 overrun_address: 4 overrun: OVERRUN_FLAG
  first_slot_address: 10 slot_registers: 5 slots: 20
  release: WRITE_NUMBER release_address: 6
  slot { number_register: 0 tag { register: 1 registers: 2 } }
} }
)";

const std::string can = head + R"(tag_reader { can {
  dbc: "bus.dbc"
  message { name: "Seen" tag: "Tag" distance: "D" distance_scale: 0.01 before: "B" age: "A" }
} }
)";

const std::string lines = head + R"(tag_reader { lines {
  port: 4001 begins_with: "$TAG," ignored: "#" separator: ";" tag_base: 16
  tag { key: "T" }
  number { column: 1 }
  sos { column: 2 word: "S" }
  low_battery { column: 2 word: "B" }
  distance { column: 3 scale: 0.01 }
} }
)";

Result<DeviceProfile> parse(const std::string& text) {
  return parse_profile(text, "profiles/probe.textproto");
}

template <typename Kind>
Kind read(const std::string& text) {
  const auto profile = parse(text);
  REQUIRE_MESSAGE(profile, test::message_of(profile));
  REQUIRE(profile->tag_reader);
  REQUIRE(std::holds_alternative<Kind>(*profile->tag_reader));
  return std::get<Kind>(*profile->tag_reader);
}

}  // namespace

TEST_CASE("tag reader: a ring is read with all its fields") {
  const auto profile = read<TagRingProfile>(ring);
  CHECK(profile.table == RegisterTable::input);
  CHECK(profile.capacity == 12);
  CHECK(profile.first_slot_address == 2);
  CHECK(profile.slot_registers == 8);
  CHECK_FALSE(profile.skips_zero);
  CHECK(profile.slot.number_register == 0);
  CHECK(profile.slot.tag.registers == 4);
  CHECK(profile.slot.tag.word_order == WordOrder::cdab);
  REQUIRE(profile.slot.distance);
  CHECK(profile.slot.distance->encoding == Encoding::s16);
  CHECK(profile.slot.distance->scale == 0.01);
  REQUIRE(profile.slot.rssi);
  CHECK(profile.slot.rssi->bit_first == 2);
  CHECK(profile.slot.rssi->bit_count == 7);
  REQUIRE(profile.slot.before);
  CHECK_FALSE(profile.slot.before->when);
  CHECK(profile.slot.low_battery->bit == 1);
  CHECK(parse(ring)->registers_per_request_max == 60);
}

TEST_CASE("tag reader: a FIFO, CAN messages and lines are read with all their fields") {
  const auto registers = read<TagFifoProfile>(fifo);
  CHECK(registers.release == TagRelease::write_number);
  CHECK(registers.release_address == 6);
  CHECK(registers.overrun == TagOverrun::flag);
  CHECK(registers.overrun_address == 4);
  CHECK(registers.slots == 20);
  const auto frames = read<TagCanProfile>(can);
  CHECK(frames.dbc == "profiles/bus.dbc");
  REQUIRE(frames.messages.size() == 1);
  CHECK(frames.messages[0].tag == "Tag");
  CHECK(frames.messages[0].distance_scale == 0.01);
  CHECK(frames.messages[0].sos.empty());
  const auto text = read<TagLinesProfile>(lines);
  CHECK(text.port == 4001);
  CHECK(text.tag.key == "T");
  CHECK(text.tag.column == 0);
  CHECK(text.tag_base == 16);
  CHECK(text.number->column == 1);
  CHECK(text.low_battery->word == "B");
  CHECK(text.number_modulus == 65536);
  CHECK(text.silent_after == Duration{30'000});
}

TEST_CASE("tag reader: it may stand beside signals, and a device has one or the other") {
  const std::string signal = "modbus { signal { name: 'door' table: COIL address: 0 encoding: BIT } ";
  std::string both = ring;
  test::replace(both, "modbus {", signal);
  const auto profile = parse(both);
  REQUIRE_MESSAGE(profile, test::message_of(profile));
  CHECK(profile->signals.size() == 1);
  CHECK(profile->tag_reader);
  CHECK_FALSE(parse(head + "modbus { registers_per_request_max: 60 }"));
}

TEST_CASE("tag reader: each mistake of a ring is told with its line, column and field") {
  std::string text = ring;
  test::replace(text, "capacity: 12", "");
  CHECK(parse(text).error().message ==
        "profiles/probe.textproto:3:14: tag_reader.ring.capacity: a ring has exactly one of capacity and "
        "capacity_address");
  const Row rows[] = {
      {"ring {", "ring { capacity_address: 1", {"tag_reader.ring.capacity_address: a ring has exactly one"}},
      {"table: INPUT_REGISTER", "table: COIL", {":4:3: tag_reader.ring.table: must be HOLDING_REGISTER or"}},
      {"capacity: 12", "capacity_address: 0", {":4:43: ", "capacity_address: is newest_address too"}},
      {"capacity: 12", "capacity: 4097", {":4:43: tag_reader.ring.capacity: is 4097; it must be 1 to 4096"}},
      {"capacity: 12", "capacity: 0", {":4:43: tag_reader.ring.capacity: is 0"}},
      {"first_slot_address: 2", "first_slot_address: 65500", {":5:3: ", "with 12 slots is beyond the last"}},
      {"slot_registers: 8", "slot_registers: 61", {":5:25: tag_reader.ring.slot_registers: is 61"}},
      {"number_register: 0", "", {":6:3: tag_reader.ring.slot.number_register: is missing: without it"}},
      {"number_register: 0", "number_register: 8", {":7:5: ", "is 8, which with 1 register(s) is beyond"}},
      {"registers: 4", "registers: 3", {":8:23: tag_reader.ring.slot.tag.registers: is 3; a tag has 1, 2"}},
      {"register: 1 registers: 4", "register: 5 registers: 4", {":8:11: ", "is 5, which with 4 register(s)"}},
      {"encoding: S16", "encoding: BIT", {":9:28: ", "must be a number; BIT is for flags"}},
      {"encoding: S16 scale: 0.01", "scale: 0", {":9:28: tag_reader.ring.slot.distance.scale: must be"}},
      {"encoding: S16", "encoding: S16 bit_count: 3", {":9:42: ", "bit_count: is only for BITS"}},
      {"register: 5 encoding: S16", "register: 7 encoding: S32", {":9:16: ", "is 7, which with 2"}},
      {"distance { register: 5 encoding: S16 scale: 0.01 }", "", {":10:5: ", "before: tells the side"}},
      {"bit: 9", "bit: 16", {":10:26: tag_reader.ring.slot.before.bit: is 16"}},
      {"bit_first: 2", "bit_first: 10", {":11:53: ", "reaches beyond bit 15"}},
      {"ring {",
       "can { dbc: 'x' } ring {",
       {":3:1: tag_reader: has exactly one of ring, fifo, can and lines"}},
  };
  for (const Row& row : rows) test::check_row(row, ring, parse);
}

TEST_CASE("tag reader: each mistake of the others is told with its line, column and field") {
  const Row fifo_rows[] = {
      {"release_address: 6", "", {":2:14: tag_reader.fifo.release_address: is missing: what was read"}},
      {"release: WRITE_NUMBER", "release: GONE_WHEN_READ", {":5:27: ", "is written to by WRITE_COUNT and"}},
      {"number_register: 0", "", {":5:3: tag_reader.fifo.release: WRITE_NUMBER needs the number"}},
      {"table: HOLDING_REGISTER", "table: INPUT_REGISTER", {"overrun: a flag that cannot be written back"}},
      {"overrun_address: 4", "", {"overrun: needs overrun_address"}},
      {"slots: 20", "slots: 0", {":4:44: tag_reader.fifo.slots: is 0"}},
      {"count_address: 3", "count_address: 65536", {":3:27: tag_reader.fifo.count_address: is 65536"}},
  };
  for (const Row& row : fifo_rows) test::check_row(row, fifo, parse);
  const Row can_rows[] = {
      {"dbc: \"bus.dbc\"", "dbc: \"\"", {":3:3: tag_reader.can.dbc: is empty"}},
      {"tag: \"Tag\"", "", {":4:3: tag_reader.can.message[0].tag: is missing"}},
      {"distance: \"D\" distance_scale: 0.01", "", {":4:38: ", "before: tells the side"}},
      {"distance_scale: 0.01", "distance_scale: 0", {":4:51: ", "must be a number other than 0"}},
      {"tag_reader", "modbus {} tag_reader", {":2:1: modbus: a reader on CAN or with lines is not behind"}},
  };
  for (const Row& row : can_rows) test::check_row(row, can, parse);
  const Row line_rows[] = {
      {"port: 4001", "port: 65536", {":3:3: tag_reader.lines.port: is 65536"}},
      {"ignored: \"#\"", "ignored: \"\"", {":3:35: tag_reader.lines.ignored[0]: is empty: every line"}},
      {"separator: \";\"", "separator: \"=\"", {"key_sign: is the separator too"}},
      {"separator: \";\"", "separator: \"\"", {":3:48: tag_reader.lines.separator: must be 1 to 8"}},
      {"tag_base: 16", "tag_base: 8", {":3:63: tag_reader.lines.tag_base: must be 10 or 16"}},
      {"key: \"T\"", "key: \"T\" column: 2", {":4:9: tag_reader.lines.tag.key: a field has exactly one"}},
      {"column: 3", "column: 1", {":8:14: tag_reader.lines.distance.column: is that of number already"}},
      {"column: 3", "column: 65", {":8:14: tag_reader.lines.distance.column: is 65; it must be 1 to 64"}},
      {"column: 3 scale: 0.01", "key: \"\"", {":8:14: tag_reader.lines.distance.key: is empty"}},
      {"tag { key: \"T\" }", "number_modulus: 1 tag { key: \"T\" }", {":4:3: ", "number_modulus: is 1"}},
      {"tag { key: \"T\" }", "line_length_max: 15 tag { key: \"T\" }", {":4:3: ", "line_length_max: is 15"}},
      {"tag { key: \"T\" }", "silent_after_ms: 9 tag { key: \"T\" }", {":4:3: ", "silent_after_ms: is 9"}},
      {"tag { key: \"T\" }", "", {":2:14: tag_reader.lines.tag: is missing"}},
  };
  for (const Row& row : line_rows) test::check_row(row, lines, parse);
}
