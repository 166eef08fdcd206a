#include "drivers/can/dbc.hpp"

#include <string>

#include <doctest/doctest.h>

using namespace davy;

namespace {

constexpr std::string_view methane_node = R"(VERSION "1.0"

NS_ :
	NS_DESC_
	CM_
	BA_DEF_

BS_: 500 : 1,2

BU_: Head Gateway

VAL_TABLE_ OnOff 1 "on" 0 "off" ;

BO_ 291 Methane: 8 Head
 SG_ Ch4 : 0|16@1+ (0.01,0) [0|100] "%CH4" Gateway
 SG_ Temperature : 23|12@0- (0.1,-40) [0|0] "°C"  Gateway,Other
 SG_ Alarm : 39|1@0+ (1,0) [0|1] "" Vector__XXX

BO_ 2147484139 Slow: 8 Head
 SG_ Page M : 0|4@1+ (1,0) [0|0] "" Gateway
 SG_ Serial m0 : 8|32@1+ (1,0) [0|0] "" Gateway
 SG_ Pressure m1 : 8|32@1- (1,0) [0|0] "hPa" Gateway
 SG_ Energy m2 : 8|32@1- (1E-3,+2) [0|0] "kWh" Gateway

BO_ 3221225472 VECTOR__INDEPENDENT_SIG_MSG: 0 Vector__XXX
 SG_ Parked : 0|8@1+ (1,0) [0|0] "" Vector__XXX

EV_ Button: 0 [0|1] "" 0 1 DUMMY_NODE_VECTOR0 Vector__XXX;
SIG_GROUP_ 291 Group 1 : Ch4 Temperature;

CM_ "a bus";
CM_ BU_ Head "the head";
CM_ BO_ 291 "what the
head \"says\"";
CM_ SG_ 291 Ch4 "by catalysis";
BA_DEF_ BO_  "GenMsgCycleTime" INT 0 3600000;
BA_DEF_ SG_  "Colour" STRING ;
BA_DEF_DEF_  "GenMsgCycleTime" 0;
BA_DEF_DEF_  "Colour" "";
BA_ "GenMsgCycleTime" BO_ 291 200;
BA_ "Colour" SG_ 291 Ch4 "red";
VAL_ 291 Alarm OnOff ;
VAL_ 291 Temperature -1 "cold" 3 "warm" ;
VAL_ Button 1 "pressed" 0 "not" ;
SIG_VALTYPE_ 2147484139 Pressure : 1;
SIG_VALTYPE_ 2147484139 Energy 1;
)";

const DbcSignal& signal(const DbcMessage& message, std::string_view name) {
  const auto place = message.find(name);
  REQUIRE(place.has_value());
  return message.signals[*place];
}

Dbc parsed(std::string_view text) {
  auto dbc = parse_dbc(text, "mine.dbc");
  INFO((dbc ? "" : dbc.error().message));
  REQUIRE(dbc.has_value());
  return *dbc;
}

}  // namespace

TEST_CASE("dbc: messages, signals, comments, texts and cycle times are read") {
  const Dbc dbc = parsed(methane_node);
  REQUIRE(dbc.messages.size() == 2);
  const DbcMessage& methane = dbc.messages[0];
  CHECK(methane.id == CanId{.number = 291});
  CHECK(methane.size == 8);
  CHECK(methane.sender == "Head");
  CHECK(methane.comment == "what the\nhead \"says\"");
  CHECK(methane.cycle == Duration{200});
  REQUIRE(methane.signals.size() == 3);
  const DbcSignal& ch4 = signal(methane, "Ch4");
  CHECK(ch4.unit == "%CH4");
  CHECK(ch4.factor == 0.01);
  CHECK(ch4.range == std::pair{0.0, 100.0});
  CHECK(ch4.comment == "by catalysis");
  const DbcSignal& temperature = signal(methane, "Temperature");
  CHECK(temperature.start_bit == 23);
  CHECK(temperature.order == BitOrder::big_endian);
  CHECK(temperature.kind == RawKind::signed_number);
  CHECK(temperature.offset == -40);
  CHECK_FALSE(temperature.range.has_value());
  CHECK(temperature.unit == "°C");
  CHECK(temperature.text_of(-1) == "cold");
  CHECK(temperature.text_of(7).empty());
  CHECK(signal(methane, "Alarm").text_of(1) == "on");

  const DbcMessage& slow = dbc.messages[1];
  CHECK(slow.id == CanId{.number = 491, .extended = true});
  CHECK_FALSE(slow.cycle.has_value());
  CHECK(signal(slow, "Page").multiplexer);
  REQUIRE(signal(slow, "Pressure").selection.has_value());
  CHECK(signal(slow, "Pressure").selection->multiplexer == 0);
  CHECK(signal(slow, "Pressure").kind == RawKind::float32);
  CHECK(signal(slow, "Energy").kind == RawKind::float32);
  CHECK(dbc.find(CanId{.number = 291}) == &dbc.messages[0]);
  CHECK(dbc.find(CanId{.number = 291, .extended = true}) == nullptr);
  CHECK(dbc.find("Slow") == &dbc.messages[1]);
}

TEST_CASE("dbc: what means nothing to Davy is skipped and counted") {
  const Dbc dbc = parsed(methane_node);
  const auto count = [&](std::string_view what) {
    for (const DbcSkipped& skipped : dbc.skipped) {
      if (skipped.what == what) return skipped.count;
    }
    return std::size_t{0};
  };
  CHECK(count("EV_") == 1);
  CHECK(count("SIG_GROUP_") == 1);
  CHECK(count("BA_") == 1);
  CHECK(count("message VECTOR__INDEPENDENT_SIG_MSG") == 1);
  CHECK(count("VAL_ of a variable") == 1);
}

TEST_CASE("dbc: extended multiplexing is joined by SG_MUL_VAL_") {
  const Dbc dbc = parsed(R"(BO_ 1 Nested: 8 X
 SG_ Outer M : 0|8@1+ (1,0) [0|0] "" X
 SG_ Inner m1M : 8|8@1+ (1,0) [0|0] "" X
 SG_ Deep m3 : 16|8@1+ (1,0) [0|0] "" X
 SG_ Flat m2 : 8|16@1+ (1,0) [0|0] "" X

SG_MUL_VAL_ 1 Inner Outer 1-1;
SG_MUL_VAL_ 1 Deep Inner 3-5, 9-9;
)");
  const DbcMessage& message = dbc.messages[0];
  const DbcSignal& deep = signal(message, "Deep");
  REQUIRE(deep.selection.has_value());
  CHECK(deep.selection->multiplexer == 1);
  REQUIRE(deep.selection->when.size() == 2);
  CHECK(deep.selection->when[0].low == 3);
  CHECK(deep.selection->when[0].high == 5);
  CHECK(signal(message, "Flat").selection->multiplexer == 0);
}

TEST_CASE("dbc: other line ends, a byte order mark and Latin-1 are read as well") {
  const std::string windows =
      "\xEF\xBB\xBF"
      "BO_ 1 A: 1 X\r\n SG_ t : 0|8@1+ (1,0) [0|0] \"°C\" X\r\n";
  CHECK(parsed(windows).messages[0].signals[0].unit == "°C");
  const std::string latin =
      "BO_ 1 A: 1 X\n SG_ t : 0|8@1+ (1,0) [0|0] \"\xB0"
      "C\" X\n";
  CHECK(parsed(latin).messages[0].signals[0].unit == "°C");
}

TEST_CASE("dbc: a cycle time for all messages is taken where a message has none") {
  const Dbc dbc = parsed(
      "BO_ 1 A: 1 X\nBO_ 2 B: 1 X\nBA_DEF_DEF_ \"GenMsgCycleTime\" 500;\n"
      "BA_ \"GenMsgCycleTime\" BO_ 2 0;\n");
  CHECK(dbc.messages[0].cycle == Duration{500});
  CHECK_FALSE(dbc.messages[1].cycle.has_value());
}
