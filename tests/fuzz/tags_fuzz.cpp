#include <algorithm>

#include "drivers/tags/tag_line_parser.hpp"
#include "drivers/tags/tag_registers.hpp"
#include "proto/base/assert.hpp"
#include "tests/fuzz/target.hpp"

// What readers of positioning tags answer. The first byte of an input says what the rest is: text, or the
// registers of a ring or a FIFO, one reply after the other.
// Properties: text gives the same however it is cut, and nobody is seen without a tag; whatever registers
// hold, a round ends, and every request is one that the device allows.
namespace davy::fuzz {
namespace {

const WallTime noon = wall_from_ms(1'800'000'000'000);
constexpr std::uint16_t per_request = 30;
constexpr int rounds = 4;
constexpr int requests_max = 20'000;  // of one round: eight passes over a ring of 4096 in single slots

TagLinesProfile lines_profile(bool keys) {
  TagLinesProfile out{.begins_with = "$", .ignored = {"#"}, .separator = ",", .key_sign = "="};
  out.line_length_max = 40;
  const auto field = [&](std::uint32_t column, const char* key) {
    return LineField{.column = keys ? 0 : column, .key = key, .scale = 0.5, .word = "1"};
  };
  out.tag = field(1, "t");
  out.tag_base = 16;
  out.number = field(2, "n");
  out.distance = field(3, "d");
  out.age = field(4, "a");
  out.sos = field(5, "s");
  return out;
}

void try_lines(std::string_view text, bool keys) {
  TagLineParser whole{lines_profile(keys), "r"};
  TagReport at_once;
  whole.take(text, noon, at_once);
  TagLineParser cut{lines_profile(keys), "r"};
  TagReport in_pieces;
  for (std::size_t at = 0; at < text.size(); at += 3) cut.take(text.substr(at, 3), noon, in_pieces);
  DAVY_ASSERT(at_once.sightings == in_pieces.sightings);
  DAVY_ASSERT(at_once.lost == in_pieces.lost && at_once.unreadable == in_pieces.unreadable);
  for (const Sighting& sighting : at_once.sightings) {
    DAVY_ASSERT(sighting.tag != 0 && sighting.reader == "r" && sighting.source_time <= noon);
  }
}

DeviceProfile ring_profile(std::uint16_t capacity) {
  TagRingProfile ring{.table = RegisterTable::input,
                      .newest_address = 0,
                      .skips_zero = capacity == 5,
                      .capacity = capacity,
                      .capacity_address = 1,
                      .first_slot_address = 2,
                      .slot_registers = 3};
  ring.slot.number_register = 0;
  ring.slot.tag.slot_register = 1;
  ring.slot.age = SlotField{.slot_register = 2, .scale = 0.1};
  DeviceProfile out;
  out.registers_per_request_max = per_request;
  out.tag_reader = ring;
  return out;
}

DeviceProfile fifo_profile(TagRelease release) {
  TagFifoProfile fifo{.table = RegisterTable::holding,
                      .count_address = 0,
                      .first_slot_address = 10,
                      .slot_registers = 2,
                      .slots = 20,
                      .release = release,
                      .release_address = 5,
                      .overrun_address = 1};
  fifo.slot.tag.slot_register = 1;
  if (release != TagRelease::write_count) fifo.slot.number_register = 0;
  DeviceProfile out;
  out.registers_per_request_max = per_request;
  out.tag_reader = fifo;
  return out;
}

// Each reply is a byte that says whether it fails, and the registers that were asked for; zeros at the end.
void try_registers(const DeviceProfile& profile, std::string_view input) {
  const auto reader = make_tag_registers(profile, 1, "r");
  const auto next_byte = [&] {
    if (input.empty()) return std::uint8_t{0};
    const auto byte = static_cast<std::uint8_t>(input.front());
    input.remove_prefix(1);
    return byte;
  };
  for (int round = 0; round < rounds; ++round) {
    TagReport report;
    reader->start_round();
    int requests = 0;
    for (auto request = reader->next(); request; request = reader->next()) {
      DAVY_ASSERT(++requests < requests_max);
      std::vector<std::uint16_t> registers;
      const std::uint8_t fails = next_byte();
      BusReply reply{.fault = fails < 250 ? BusFault::none : fails < 253 ? BusFault::crc : BusFault::timeout};
      if (const auto* read = std::get_if<RegisterRead>(&*request)) {
        DAVY_ASSERT(read->count >= 1 && read->count <= per_request && read->address + read->count <= 65536);
        for (int i = 0; i < read->count; ++i) {
          const std::uint8_t high = next_byte();
          registers.push_back(static_cast<std::uint16_t>(high << 8U | next_byte()));
        }
      } else {
        DAVY_ASSERT(std::get<RegisterWrite>(*request).table == RegisterTable::holding);
      }
      if (!reply.ok()) registers.clear();
      reader->on_reply(reply, registers, noon, report);
    }
    for (const Sighting& sighting : report.sightings) DAVY_ASSERT(sighting.tag != 0);
  }
}

}  // namespace

void try_input(std::string_view input) {
  if (input.empty()) return;
  const std::string_view rest = input.substr(1);
  switch (input.front()) {
    case 'k': return try_lines(rest, true);
    case 'l': return try_lines(rest, false);
    case 'r': return try_registers(ring_profile(0), rest);
    case 's': return try_registers(ring_profile(5), rest);
    case 'c': return try_registers(fifo_profile(TagRelease::write_count), rest);
    case 'n': return try_registers(fifo_profile(TagRelease::write_number), rest);
    default: return try_registers(fifo_profile(TagRelease::gone_when_read), rest);
  }
}

std::vector<std::string> seeds() {
  using namespace std::string_literals;
  return {
      "l$1A,1,2.5,0.1,1\r\n# alive\n$0x1B,3,-1,,\n\n$zz\nxx\n$" + std::string(60, '7') +
          "\n$1C,3,1e9,9,0\n$1D",
      "k$t=1A,n=1,d=2.5\n$d=,n=65535,t=7,s=1\n$n=0,t=8,a=nan\n",
      // A ring of three: newest 2, size 3, then its slots; then newest 3.
      "r\0\0\2\0\3\0\0\0\0\0\0\0\0\1\0\7\0\1\0\2\0\10\0\1\0\0\2"
      "\0\0\3\0\3\0\0\3\0\11\0\0"s,
      "s\0\0\2\0\0\1\0\7\0\1\0\0\2\0\10\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\377\0\0\4"s,
      "c\0\0\2\0\0\0\0\7\0\10\0\0\0\0\0\0\0\0\1\0\5\0\0\11\377"s,
      "n\0\0\2\0\0\0\0\7\0\10\0\0\0\0\0\0\0\0\1\0\5\0\3\0\11\377"s,
      "g\0\0\2\0\0\0\0\7\0\10\0\0\0\0\0\0\0\0\1\0\5\373\0\0\11"s,
  };
}

}  // namespace davy::fuzz
