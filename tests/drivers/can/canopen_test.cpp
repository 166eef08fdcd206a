#include "drivers/can/canopen.hpp"

#include <doctest/doctest.h>

#include "drivers/can/can_watch.hpp"
#include "drivers/can/tpdo.hpp"
#include "proto/base/manual_clock.hpp"

using namespace davy;

namespace {

CanArrival heartbeat(const ManualClock& clock, unsigned state, std::uint8_t node = 7) {
  return {classic_frame(heartbeat_id(node), state), read(clock)};
}

}  // namespace

TEST_CASE("canopen: the ids of the predefined connection set") {
  CHECK(emergency_id(7).number == 0x087);
  CHECK(tpdo_id(7, 1).number == 0x187);
  CHECK(tpdo_id(7, 2).number == 0x287);  // methane, wind and dust of a known roadheader
  CHECK(tpdo_id(7, 4).number == 0x487);
  CHECK(sdo_answer_id(7).number == 0x587);
  CHECK(sdo_request_id(7).number == 0x607);
  CHECK(heartbeat_id(7).number == 0x707);
}

TEST_CASE("heartbeat: a node is what it says, until it is silent") {
  ManualClock clock;
  HeartbeatWatch watch{7, Duration{1500}};
  CHECK(watch.state(clock.steady()) == NodeState::unknown);
  CHECK(watch.next_due(clock.steady()) == never);
  struct Row {
    unsigned told;
    NodeState state;
  };
  for (const Row& row : {Row{0x00, NodeState::booting}, Row{0x7F, NodeState::pre_operational},
                         Row{0x05, NodeState::operational}, Row{0x85, NodeState::operational},
                         Row{0x04, NodeState::stopped}, Row{0x33, NodeState::unknown}}) {
    watch.take(heartbeat(clock, row.told));
    CHECK(watch.state(clock.steady()) == row.state);
  }
  CHECK(watch.boots() == 1);
  watch.take(heartbeat(clock, 5));
  CHECK(watch.next_due(clock.steady()) == clock.steady() + Duration{1501});
  clock.advance(Duration{1500});
  CHECK(watch.state(clock.steady()) == NodeState::operational);
  clock.advance(Duration{1});
  CHECK(watch.state(clock.steady()) == NodeState::silent);
  watch.take(heartbeat(clock, 5, 8));  // another node's
  CHECK(watch.state(clock.steady()) == NodeState::silent);
  watch.take(heartbeat(clock, 5));
  CHECK(watch.state(clock.steady()) == NodeState::operational);
  watch.take({classic_frame(heartbeat_id(7), 4, 4), read(clock)});  // of a length that no heartbeat has
  CHECK(watch.state(clock.steady()) == NodeState::operational);
}

TEST_CASE("emergency: what a node tells, in words") {
  const auto read = read_emergency(classic_frame(emergency_id(7), 0x10, 0x31, 0x05, 1, 2, 3, 4, 5));
  REQUIRE(read.has_value());
  CHECK(read->code == 0x3110);
  CHECK_FALSE(read->is_over());
  CHECK(read->by_maker[4] == 5);
  CHECK(describe(*read) == "node 7: supply voltage (code 0x3110), error register generic + voltage");
  CHECK(read_emergency(classic_frame(emergency_id(9), 0, 0, 0, 0, 0, 0, 0, 0))->is_over());
  CHECK(emergency_meaning(0x8130) == "it misses a heartbeat");
  CHECK(emergency_meaning(0xFF01) == "a fault that its maker's manual explains");
  CHECK(emergency_meaning(0xA000) == "a code that CiA 301 does not know");
  CHECK_FALSE(read_emergency(classic_frame({.number = 0x080}, 0, 0, 0, 0, 0, 0, 0, 0)));  // that is SYNC
  CHECK_FALSE(read_emergency(classic_frame(emergency_id(7), 0, 0)));
  CHECK_FALSE(read_emergency(classic_frame({.number = 0x087, .extended = true}, 0, 0, 0, 0, 0, 0, 0, 0)));
}

TEST_CASE("tpdo: objects become signals that decoder and watch know") {
  const TpdoEntry entries[] = {{.name = "ch4", .bits = 16, .factor = 0.01, .unit = "%CH4"},
                               {.bits = 4},
                               {.name = "danger", .bits = 4},
                               {.name = "wind", .bits = 32, .kind = RawKind::float32, .unit = "m/s"}};
  const auto message = tpdo_message(tpdo_id(7, 2), "head", entries, Duration{100});
  REQUIRE(message.has_value());
  CHECK(message->size == 7);
  REQUIRE(message->signals.size() == 3);
  ManualClock clock;
  const WantedSignal wanted[] = {
      {.message = &*message, .signal = 0, .filter = {.id = message->id}, .silence_max = Duration{300}},
      {.message = &*message, .signal = 1, .filter = {.id = message->id}, .silence_max = Duration{300}},
      {.message = &*message, .signal = 2, .filter = {.id = message->id}, .silence_max = Duration{300}}};
  CanWatch watch{wanted, clock.steady()};
  const CanArrival arrival{classic_frame(tpdo_id(7, 2), 0x55, 0, 0x2F, 0, 0, 0xC0, 0x3F), read(clock)};
  watch.take(CanReport{}, {&arrival, 1});
  CHECK(watch.reading(0, clock.steady()).value == doctest::Approx(0.85));
  CHECK(watch.reading(1, clock.steady()).value == 2);
  CHECK(watch.reading(2, clock.steady()).value == 1.5);
}

TEST_CASE("tpdo: a layout that cannot be is refused by entry") {
  const auto told = [](std::vector<TpdoEntry> entries, CanId id = {.number = 0x187}) {
    const auto message = tpdo_message(id, "head", entries, {});
    return message ? std::string{} : message.error().message;
  };
  CHECK(told({{.name = "a", .bits = 64}}) == "");
  CHECK(told({{.name = "a", .bits = 60}, {.name = "b", .bits = 8}}) ==
        "TPDO head: entry 2 (b) ends at bit 68, and a TPDO has 64; correct the lengths, or delete entries");
  CHECK(told({{.name = "a", .bits = 0}}).find("entry 1 (a) has 0 bits") != std::string::npos);
  CHECK(told({{.name = "a", .bits = 16, .kind = RawKind::float32}}).find("of 32 bits") != std::string::npos);
  CHECK(told({{.name = "a", .bits = 8, .factor = 0}}).find("the factor 0") != std::string::npos);
  CHECK(told({{.name = "a", .bits = 8}, {.name = "a", .bits = 8}}).find("a name that another has") !=
        std::string::npos);
  CHECK(told({}, {.number = 0x800}).find("is no id") != std::string::npos);
}

TEST_CASE("tpdo: mappings and ids as nodes store them") {
  const MappedObject mapped = read_mapping(0x6401'02'10);
  CHECK(mapped.object == ObjectAddress{0x6401, 2});
  CHECK(mapped.bits == 16);
  CHECK_FALSE(mapped.is_gap());
  CHECK(read_mapping(0x0005'00'08).is_gap());
  CHECK(read_tpdo_id(0x4000'0187) == CanId{.number = 0x187});
  CHECK(read_tpdo_id(0x2000'0187) == CanId{.number = 0x187, .extended = true});
  CHECK_FALSE(read_tpdo_id(0x8000'0187).has_value());
}
