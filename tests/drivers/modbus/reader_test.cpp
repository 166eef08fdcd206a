#include <algorithm>

#include <doctest/doctest.h>

#include "drivers/modbus/mbap_reader.hpp"
#include "drivers/modbus/rtu_reader.hpp"
#include "tests/drivers/modbus/scripted_slave.hpp"

using namespace davy;
using namespace davy::test;

namespace {

const Bytes answer = with_checksum({1, 4, 4, 0, 7, 0, 9});

// Everything a reader finds when the bytes come in pieces of this size, and how it ends.
std::vector<Arrival> found_in(const Bytes& bytes, std::size_t piece) {
  RtuReader reader;
  reader.expect(1);
  std::vector<Arrival> out;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    reader.add(std::span{bytes}.subspan(at, std::min(piece, bytes.size() - at)));
    while (const auto found = reader.next()) out.push_back(found->arrival);
  }
  if (reader.has_part()) out.push_back(reader.end().arrival);
  return out;
}

}  // namespace

TEST_CASE("rtu reader: what is found does not depend on the pieces it comes in") {
  Bytes flipped = answer;
  flipped[3] ^= 1;
  const Bytes other = with_checksum({9, 4, 2, 0, 7});
  const Bytes cut(answer.begin(), answer.end() - 1);
  struct Row {
    const char* title;
    Bytes bytes;
    std::vector<Arrival> found;
  };
  const Row rows[] = {
      {"an answer", answer, {Arrival::frame}},
      {"an exception", with_checksum({1, 0x84, 2}), {Arrival::frame}},
      {"another unit, then the answer", other + answer, {Arrival::other_unit, Arrival::frame}},
      {"a spark before the answer", Bytes{0xFF} + answer, {Arrival::frame}},
      {"eight of them", Bytes(8, 0xFF) + answer, {Arrival::frame}},
      {"nine: no line is that noisy", Bytes(9, 0xFF) + answer, {Arrival::bad_checksum}},
      {"a flipped bit", flipped, {Arrival::bad_checksum}},
      {"cut short", cut, {Arrival::cut_short}},
      {"one character", {1}, {Arrival::cut_short}},
      {"more than a frame can hold", {1, 4, 0xFF, 0, 0, 0, 0, 0, 0}, {Arrival::unfit}},
      {"no frame at all", Bytes(12, 0x55), {Arrival::bad_checksum}},
  };
  for (const Row& r : rows) {
    for (const std::size_t piece : {1U, 2U, 3U, 7U, 300U}) {
      CAPTURE(r.title);
      CAPTURE(piece);
      CHECK(found_in(r.bytes, piece) == r.found);
    }
  }
}

TEST_CASE("rtu reader: a flood has an end, and what was heard can be shown") {
  RtuReader reader;
  reader.expect(1);
  for (int i = 0; i < 60; ++i) {
    reader.add(Bytes(10, 0xFF));
    while (reader.next()) {}
  }
  CHECK(reader.is_flooded());
  reader.expect(1);
  CHECK_FALSE(reader.has_part());
  reader.add(Bytes{0x01, 0xAB});
  CHECK(reader.heard() == "01 AB");
}

TEST_CASE("tcp reader: frames come whole, however the stream is cut, until it is no Modbus") {
  const Bytes first{0, 1, 0, 0, 0, 7, 1, 3, 4, 0, 7, 0, 9};
  const Bytes second{0, 2, 0, 0, 0, 3, 9, 0x83, 2};
  const Bytes broken{0, 3, 0, 5, 0, 3, 9, 0x83, 2};
  const Bytes stream = first + second + broken;
  for (const std::size_t piece : {1U, 5U, 13U, 14U, 100U}) {
    CAPTURE(piece);
    MbapReader reader;
    std::vector<std::uint16_t> transactions;
    for (std::size_t at = 0; at < stream.size(); at += piece) {
      reader.add(std::span{stream}.subspan(at, std::min(piece, stream.size() - at)));
      while (const auto frame = reader.next()) transactions.push_back(frame->transaction);
    }
    CHECK(transactions == std::vector<std::uint16_t>{1, 2});
    CHECK(reader.is_broken());
  }
}
