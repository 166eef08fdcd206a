#include <algorithm>
#include <string>

#include <doctest/doctest.h>

#include "drivers/can/dbc.hpp"

using namespace davy;

namespace {

// A message of 8 bytes with these signals.
std::string message(const std::string& signals) { return "BO_ 1 A: 8 X\n" + signals; }

std::string many_ranges() {
  std::string ranges = "0-0";
  for (int i = 1; i <= 256; ++i) ranges += ", " + std::to_string(2 * i) + "-" + std::to_string(2 * i);
  return ranges;
}

std::string refused(std::string_view text) {
  const auto dbc = parse_dbc(text, "mine.dbc");
  return dbc ? std::string{} : dbc.error().message;
}

}  // namespace

TEST_CASE("dbc: a mistake is told with its place and what to do") {
  struct Row {
    const char* what;
    std::string text;
    const char* told;
  };
  const std::string ok = " SG_ s : 0|8@1+ (1,0) [0|0] \"\" X\n";
  const Row rows[] = {
      {"overlap", message(ok + " SG_ t : 7|2@1+ (1,0) [0|0] \"\" X\n"),
       "mine.dbc:3:2: signal t shares bits with s in line 2; "},
      {"overlap across orders", message(ok + " SG_ t : 1|2@0+ (1,0) [0|0] \"\" X\n"),
       "mine.dbc:3:2: signal t shares bits with s in line 2; "},
      {"overlap on one page",
       message(" SG_ p M : 0|4@1+ (1,0) [0|0] \"\" X\n SG_ a m1 : 8|8@1+ (1,0) [0|0] \"\" X\n"
               " SG_ b m1 : 12|8@1+ (1,0) [0|0] \"\" X\n"),
       "mine.dbc:4:2: signal b shares bits with a in line 3; "},
      {"no multiplexer", message(" SG_ a m1 : 8|8@1+ (1,0) [0|0] \"\" X\n"),
       "mine.dbc:2:2: signal a is multiplexed, and message A has no multiplexer; mark"},
      {"two multiplexers",
       message(" SG_ p M : 0|4@1+ (1,0) [0|0] \"\" X\n SG_ q M : 4|4@1+ (1,0) [0|0] \"\" X\n"
               " SG_ b m1 : 12|8@1+ (1,0) [0|0] \"\" X\n"),
       "mine.dbc:4:2: signal b is multiplexed, and message A has several multiplexers; say with SG_MUL_VAL_"},
      {"page beyond the multiplexer",
       message(" SG_ p M : 0|4@1+ (1,0) [0|0] \"\" X\n SG_ b m16 : 12|8@1+ (1,0) [0|0] \"\" X\n"),
       "mine.dbc:3:2: signal b is there when p is 16, more than its 4 bits can be; "},
      {"ring",
       message(" SG_ p m1M : 0|4@1+ (1,0) [0|0] \"\" X\n SG_ q m1M : 4|4@1+ (1,0) [0|0] \"\" X\n") +
           "SG_MUL_VAL_ 1 p q 1-1;\nSG_MUL_VAL_ 1 q p 1-1;\n",
       "mine.dbc:2:2: signal p is selected by multiplexers in a ring"},
      {"selected by nothing", message(ok) + "SG_MUL_VAL_ 1 s nix 1-1;\n",
       "mine.dbc:3:1: signal s is selected by nix, which is no other signal of its message; "},
      {"too many ranges",
       message(" SG_ p M : 0|16@1+ (1,0) [0|0] \"\" X\n" + ok) + "SG_MUL_VAL_ 1 s p " + many_ranges() + ";\n",
       "mine.dbc:4:1: signal s has more than 256 ranges; join"},
      {"no bits", message(" SG_ s : 0|0@1+ (1,0) [0|0] \"\" X\n"), "mine.dbc:2:2: signal s has 0 bits; "},
      {"beyond the message", message(" SG_ s : 60|8@1+ (1,0) [0|0] \"\" X\n"),
       "mine.dbc:2:2: signal s ends in byte 9, and message A has 8 bytes; "},
      {"beyond the message, big-endian", message(" SG_ s : 56|8@0+ (1,0) [0|0] \"\" X\n"),
       "mine.dbc:2:2: signal s ends in byte 9, and message A has 8 bytes; "},
      {"too many bits", message(" SG_ s : 0|65@1+ (1,0) [0|0] \"\" X\n"), "signal s has 65 bits, 64 at most"},
      {"factor", message(" SG_ s : 0|8@1+ (0,0) [0|0] \"\" X\n"), "mine.dbc:2:2: signal s has the factor 0"},
      {"range", message(" SG_ s : 0|8@1+ (1,0) [5|1] \"\" X\n"),
       "mine.dbc:2:2: signal s has a minimum above its maximum; "},
      {"same id", "BO_ 1 A: 8 X\nBO_ 1 B: 8 X\n", "mine.dbc:2:1: message B has the same id as A in line 1; "},
      {"same name", "BO_ 1 A: 8 X\nBO_ 2 A: 8 X\n",
       "mine.dbc:2:1: a second message A, the first is in line 1"},
      {"same signal", message(ok + " SG_ s : 8|8@1+ (1,0) [0|0] \"\" X\n"),
       "mine.dbc:3:2: a second signal s in message A; "},
      {"id of 12 bits", "BO_ 2048 A: 8 X\n",
       "mine.dbc:1:1: message A has the id 2048: up to 2047 for 11 bits"},
      {"id beyond", "BO_ 99999999999 A: 8 X\n", "message A has the id 99999999999"},
      {"size", "BO_ 1 A: 65 X\n", "mine.dbc:1:1: message A has 65 bytes, a frame 64 at most; "},
      {"no float", message(ok) + "SIG_VALTYPE_ 1 s : 1;\n",
       "mine.dbc:3:1: signal s is to be a floating-point number of 32 bits and has 8; "},
      {"float of nothing", message(ok) + "SIG_VALTYPE_ 1 t : 1;\n",
       "mine.dbc:3:1: SIG_VALTYPE_ of no signal: there is no t in a message with id 1; "},
      {"no table", message(ok) + "VAL_ 1 s Nix ;\n", "mine.dbc:3:1: there is no value table Nix; "},
      {"no size", "BO_ 1 A: X\n", "mine.dbc:1:10: here should stand the message's size in bytes as a whole"},
      {"no order", message(" SG_ s : 0|8@2+ (1,0) [0|0] \"\" X\n"),
       "mine.dbc:2:14: here should stand the byte order: 1 for Intel, 0 for Motorola, not '2'"},
      {"no unit", message(" SG_ s : 0|8@1+ (1,0) [0|0] X\n"),
       "mine.dbc:2:29: here should stand the unit in quotes, not 'X'"},
      {"multiplexing", message(" SG_ s x1 : 0|8@1+ (1,0) [0|0] \"\" X\n"),
       "mine.dbc:2:8: 'x1' is no multiplexing; write M, m and a number, or nothing"},
      {"no quote", message(" SG_ s : 0|8@1+ (1,0) [0|0] \"deg\n"),
       "mine.dbc:2:29: this text has no closing quote"},
      {"infinite", message(" SG_ s : 0|8@1+ (1e999,0) [0|0] \"\" X\n"),
       "mine.dbc:2:18: here should stand the factor"},
      {"a signal of nobody", ok, "mine.dbc:1:2: a signal (SG_) before the first message (BO_); "},
      {"no statement", message(ok) + "7 of 9\n", "mine.dbc:3:1: a statement begins with a keyword"},
      {"nothing", "", "mine.dbc:1:1: no message (BO_) in it; is it a DBC file?"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    const std::string told = refused(row.text);
    CAPTURE(told);
    CHECK(told.find(row.told) != std::string::npos);
  }
}

TEST_CASE("dbc: pages of a multiplexer may use the same bits") {
  CHECK(refused(message(" SG_ p M : 0|4@1+ (1,0) [0|0] \"\" X\n SG_ a m1 : 8|8@1+ (1,0) [0|0] \"\" X\n"
                        " SG_ b m2 : 8|8@1+ (1,0) [0|0] \"\" X\n")) == "");
}

TEST_CASE("dbc: one run tells all mistakes, in the order of the file, up to twenty") {
  const std::string told =
      refused("BO_ 1 A: X\nBO_ 2 B: 8 X\n SG_ s : 0|8@1 (1,0) [0|0] \"\" X\nBO_ 3 C: Y\n");
  CHECK(std::ranges::count(told, '\n') == 2);
  CHECK(told.find(":1:") < told.find(":3:"));
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "BO_ x\n";
  CHECK(std::ranges::count(refused(many), '\n') == 19);
}

TEST_CASE("dbc: a statement of no message that only explains is skipped") {
  const auto dbc =
      parse_dbc("BO_ 1 A: 8 X\nCM_ SG_ 1 gone \"was here\";\nVAL_ 7 s 0 \"off\" ;\n", "mine.dbc");
  REQUIRE(dbc.has_value());
  REQUIRE(dbc->skipped.size() == 2);
  CHECK(dbc->skipped[0].what == "VAL_ of no message");
  CHECK(dbc->skipped[1].what == "CM_ of no signal");
}

TEST_CASE("dbc: a file too long and a file that is not there are refused") {
  CHECK(refused(std::string(dbc_size_max + 1, ' ')).find("mine.dbc: longer than 8388608 bytes") == 0);
  const auto none = read_dbc("nowhere/none.dbc");
  REQUIRE_FALSE(none.has_value());
  CHECK(none.error().message.find("nowhere/none.dbc: cannot be read") == 0);
  CHECK_FALSE(read_dbc("tests").has_value());  // a folder
}

TEST_CASE("dbc: the largest files of one statement are read in linear time") {
  for (const char* part :
       {"BO_ 1 A: 8 X\n", "BA_ \"x\" 1;\n", "VAL_ 1 s 1 \"a\";\n", "\"", "SG_ x : ", "EV_ ", "NS_ :\n",
        "VAL_TABLE_ t 1 \"a\" ;\n", "X_1 ;", "m1M", "CM_ SG_ 1 s \"\\\"\";\n"}) {
    CAPTURE(part);
    std::string text = "BO_ 0 Z: 8 X\n SG_ s : 0|8@1+ (1,0) [0|0] \"\" X\n";
    while (text.size() < 500'000) text += part;
    refused(text);  // the test's own time-out is the limit
  }

  // Thousands of signals that share one long table, and pages that have to be compared each with each.
  std::string table = "VAL_TABLE_ T";
  for (int i = 0; i < 20'000; ++i) table += " " + std::to_string(i) + " \"x\"";
  std::string shared = table + " ;\n";
  std::string pages = "BO_ 1 P: 8 X\n SG_ m M : 0|16@1+ (1,0) [0|0] \"\" X\n";
  std::string ranges;
  for (std::size_t i = 0; i < 1000; ++i) {
    const std::string name = "s" + std::to_string(i);
    const std::string id = std::to_string(i + 1);
    shared.append("BO_ ").append(id).append(" ").append(name);
    shared.append(": 8 X\n SG_ s : 0|8@1+ (1,0) [0|0] \"\" X\nVAL_ ").append(id).append(" s T ;\n");
    pages += " SG_ " + name + " m1 : 16|8@1+ (1,0) [0|0] \"\" X\n";
    ranges += "SG_MUL_VAL_ 1 " + name + " m ";
    for (std::size_t j = 0; j < 60; ++j) {
      const std::string value = std::to_string(j * 1000 + i);
      ranges.append(value).append("-").append(value).append(j == 59 ? ";\n" : ", ");
    }
  }
  CHECK(refused(shared) == "");
  CHECK(refused(pages + ranges) == "");
}
