#include "firmware/tool/line_tally.hpp"

#include <doctest/doctest.h>

using namespace davy;
using namespace std::chrono_literals;

namespace {

using K = HeardExchange::Kind;
constexpr SerialSettings line{.baud = 9600};  // t3.5 is 3.6 ms

HeardFrame frame(bool whole, std::optional<std::chrono::microseconds> gap = {}) {
  return {.bytes = {1, 4, 0, 0}, .whole = whole, .gap = gap};
}

HeardExchange exchange(K kind, std::uint8_t unit, std::uint16_t address = 0, std::uint16_t count = 1) {
  return {
      .kind = kind,
      .unit = unit,
      .function = 4,
      .exception = 2,
      .read = RegisterRead{.unit = unit, .table = RegisterTable::input, .address = address, .count = count}};
}

bool has(const LineTally& tally, const std::string& text) {
  return tally.report().find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("tally: settings are understood when frames come whole, not by chance") {
  struct Row {
    int whole, damaged;
    bool understood;
  };
  for (const Row& r :
       {Row{0, 0, false}, Row{1, 0, false}, Row{2, 0, true}, Row{2, 2, false}, Row{3, 2, true}}) {
    LineTally tally{line};
    for (int i = 0; i < r.whole; ++i) tally.take(frame(true));
    for (int i = 0; i < r.damaged; ++i) tally.take(frame(false));
    CHECK(tally.is_understood() == r.understood);
  }
}

TEST_CASE("tally: a gap counts against t3.5 only where it was seen, and not by a hair") {
  LineTally tally{line};
  tally.take(frame(true));
  tally.take(frame(true, 1ms));
  tally.take(frame(true, 3500us));
  tally.take(frame(true, 20ms));
  CHECK(has(tally, "1 of 3 gaps shorter than t3.5 (3.6 ms), the shortest 1.0 ms"));
}

TEST_CASE("tally: each unit's functions, addresses and refusals stand in a row") {
  LineTally tally{line};
  tally.take(exchange(K::answered, 3, 100, 2));
  tally.take(exchange(K::answered, 3, 7));
  tally.take(exchange(K::refused, 3, 300));
  tally.take(exchange(K::unanswered, 9));
  CHECK(has(tally, "3     4 read input registers  7-300      2         1 x exception 2  0"));
  CHECK(tally.talks().at({9, 4}).unanswered == 1);
}

TEST_CASE("tally: a unit that damages its answers while others do not may be two") {
  LineTally tally{line};
  for (int i = 0; i < 9; ++i) tally.take(frame(true));
  for (int i = 0; i < 2; ++i) tally.take(exchange(K::damaged, 5));
  CHECK(!tally.is_doubled(5));
  tally.take(exchange(K::damaged, 5));
  CHECK(tally.is_doubled(5));
  CHECK(has(tally, "unit 5: most answers are damaged"));
  CHECK(!tally.is_doubled(3));
  for (int i = 0; i < 4; ++i) tally.take(exchange(K::answered, 5));
  CHECK(!tally.is_doubled(5));
}
