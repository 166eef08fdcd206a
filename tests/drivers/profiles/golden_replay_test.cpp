#include <doctest/doctest.h>

#include "drivers/modbus/golden_file.hpp"

using namespace davy;

namespace {

DeviceProfile xy_md02() {
  auto loaded = load_profile("drivers/profiles/xy-md02.textproto");
  if (!loaded) FAIL(loaded.error().message);
  return *std::move(loaded);
}

GoldenFile golden(const std::string& text) {
  auto parsed = parse_golden_file(text, "g.txt");
  if (!parsed) FAIL(parsed.error().message);
  return *std::move(parsed);
}

}  // namespace

TEST_CASE("golden: a case passes, or says what differs") {
  struct Row {
    std::string lines;
    std::string problem;  // empty: passes
  };
  const std::string asks = "> 01 04 00 01 00 01 60 0A\n";
  const Row rows[] = {
      {asks + "< 01 04 02 01 31 79 74\n= temperature 30.5 good", ""},
      {asks + "< 01 04 02 01 31 79 74\n= temperature 30.6 good",
       "temperature reads 30.5 good, the file says 30.6 good"},
      {asks + "< 01 04 02 01 31 79 74\n= temperature 30.5 good calibrating", "reads 30.5 good, the file"},
      {asks + "< 01 04 02 01 31 79 75\n= temperature 30.5 good",
       "wrong checksum; right would be < 01 04 02 01 31 79 74"},
      {asks + "< 01 84 02 C2 C1\n= temperature - bad_comm", ""},
      {asks + "= temperature - bad_comm", ""},
      {"= temperature 30.5 good", "asks once more, unit 1, input registers 1: > 01 04 00 01 00 01 60 0A"},
      {"> 01 04 00 02 00 01 90 0A\n= temperature 30.5 good", "the file expects > 01 04 00 02"},
      {asks + asks + "= temperature - bad_comm", "does not ask for the last 1"},
      {asks + "= pressure 1 good", "no signal \"pressure\""},
      {asks, "nothing is checked"},
  };
  const DeviceProfile profile = xy_md02();
  for (const Row& r : rows) {
    CAPTURE(r.lines);
    const GoldenFile file = golden("unit 1\ncase c\n" + r.lines + "\n");
    const auto problems = replay(profile, file.unit, file.cases.at(0));
    CHECK(problems.empty() == r.problem.empty());
    if (!r.problem.empty()) CHECK(problems.at(0).find(r.problem) != std::string::npos);
  }
}

TEST_CASE("golden: what a read has brought is written as the file wants it") {
  const std::uint16_t words[] = {0x0131, 0x0222};
  const RegisterRead read{.unit = 1, .table = RegisterTable::input, .address = 1, .count = 2};
  CHECK(golden_lines(read, words) == "> 01 04 00 01 00 02 20 0B\n< 01 04 04 01 31 02 22 2A CE\n");
  const std::uint16_t bits[] = {1, 0, 0, 0, 0, 0, 0, 1, 1};
  const RegisterRead contacts{.unit = 1, .table = RegisterTable::discrete_input, .address = 0, .count = 9};
  CHECK(golden_lines(contacts, bits).find("< 01 02 02 81 01 ") != std::string::npos);
}

TEST_CASE("golden: signals that no case reads are named") {
  const GoldenFile file = golden("unit 1\ncase c\n= temperature - bad_comm\n");
  CHECK(unread_signals(xy_md02(), file) == std::vector<std::string>{"humidity"});
}

TEST_CASE("golden: a file that makes no sense is refused with its line") {
  struct Row {
    std::string text, told;
  };
  const Row rows[] = {
      {"case c\n", "g.txt:1: the line `unit N` is missing"},
      {"unit 0\n", "g.txt:1: unit `0` is none"},
      {"unit 300\n", "g.txt:1: unit"},
      {"unit x\n", "g.txt:1: unit"},
      {"unit 1\n", "g.txt:1: there is no `case"},
      {"unit 1\n> 01\n", "g.txt:2: stands before"},
      {"unit 1\ncase c\n> 01 0G 00 00\n", "g.txt:3: a frame is"},
      {"unit 1\ncase c\n> 01 100 00 00\n", "g.txt:3: a frame is"},
      {"unit 1\ncase c\n< 01 02 03 04\n", "g.txt:3: is a reply without"},
      {"unit 1\ncase c\n= a\n", "g.txt:3: a reading is"},
      {"unit 1\ncase c\n= a b good\n", "g.txt:3: `b` is no number"},
      {"unit 1\ncase c\n= a 1 fine\n", "g.txt:3: `fine` is no validity"},
      {"unit 1\ncase c\n= a 1 good busy\n", "g.txt:3: `busy` is no maintenance"},
      {"unit 1\nreply 1\n", "g.txt:2: `reply`: a line is"},
  };
  for (const Row& r : rows) {
    CAPTURE(r.text);
    const auto parsed = parse_golden_file(r.text, "g.txt");
    REQUIRE(!parsed);
    CHECK(parsed.error().message.starts_with(r.told));
  }
}
