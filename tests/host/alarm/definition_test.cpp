#include <doctest/doctest.h>

#include "tests/host/alarm/alarm_scene.hpp"

using namespace davy;
using T = Transition;
using Kinds = std::vector<Transition>;

namespace {
Alarm stored_alarm() {
  AlarmScene s;
  s.read_value(1.2);
  return s.only();
}
}  // namespace

TEST_CASE("definition: a changed limit takes its alarm over and says so") {
  AlarmScene s;
  s.read_value(1.2);
  const std::string occurrence = s.only().occurrence;
  s.book.define(AlarmScene::ch4, "gw1", AlarmScene::methane({AlarmScene::high(LimitState::alarm, 1.5, 1.4)}),
                s.now());
  CHECK(s.only().at == 1.5);
  CHECK(s.only().state == AlarmState::unacknowledged);
  const auto entries = s.book.take_changes();
  REQUIRE(entries.size() == 2);
  CHECK(entries[1].kind == T::note);
  CHECK(entries[1].comment ==
        "the limit was changed from 1 %CH4, clear 0.9 %CH4, priority 2 to 1.5 %CH4, clear 1.4 %CH4, priority "
        "2");
  s.read_value(1.2);  // inside the new clear limit
  CHECK(s.only().state == AlarmState::rtn_unacknowledged);
  CHECK(s.only().occurrence == occurrence);
}

TEST_CASE("definition: the same definition again is no news") {
  AlarmScene s;
  s.read_value(1.2);
  s.book.take_changes();
  s.book.define(AlarmScene::ch4, "gw1", AlarmScene::methane(), s.now());
  CHECK(s.book.take_changes().empty());
}

TEST_CASE("definition: what is withdrawn leaves its alarm to a person") {
  AlarmScene s;
  s.read_value(1.2);
  const Alarm a = s.only();
  SUBCASE("acknowledged before") { REQUIRE(s.book.acknowledge(a.occurrence, a.seq, "li", "", s.now())); }
  SUBCASE("not acknowledged") {}
  SUBCASE("the limit, not the point") {
    s.book.define(AlarmScene::ch4, "gw1", AlarmScene::methane({}), s.now());
    CHECK(s.only().condition == Condition::unknown);
  }
  s.book.withdraw(AlarmScene::ch4, s.now());
  CHECK(s.only().state == AlarmState::unacknowledged);
  CHECK(s.only().condition == Condition::unknown);
  CHECK(s.book.take_changes().back().kind == T::note);
  s.read_value(0.1);  // too late: nobody judges it any more
  s.wait(std::chrono::hours{1});
  CHECK(s.only().state == AlarmState::unacknowledged);
  REQUIRE(s.book.acknowledge(a.occurrence, s.only().seq, "li", "sensor removed", s.now()));
  CHECK(s.book.standing().empty());

  s.book.define(AlarmScene::ch4, "gw1", AlarmScene::methane(), s.now());
  s.read_value(1.3);  // back again: a new occurrence
  CHECK(s.only().occurrence != a.occurrence);
}

TEST_CASE("definition: a point that comes back takes its alarm up again") {
  AlarmScene s;
  s.read_value(1.2);
  s.book.withdraw(AlarmScene::ch4, s.now());
  s.book.define(AlarmScene::ch4, "gw1", AlarmScene::methane(), s.now());
  s.wait(Duration{1000});
  s.read_value(0.1);
  CHECK(s.only().state == AlarmState::rtn_unacknowledged);
}

TEST_CASE("restore: what stood stands, nothing is announced, and it goes on as if nothing had happened") {
  const Alarm stored = stored_alarm();
  AlarmScene s{Point{.name = "elsewhere"}};
  AlarmBook book{AlarmBookTimes{}};
  book.restore({stored}, 41);
  REQUIRE(book.standing().size() == 1);
  CHECK(book.standing().front() == stored);
  const Point same = AlarmScene::methane();
  SUBCASE("the point is defined") {
    book.define(AlarmScene::ch4, "gw1", same, s.now());
    CHECK(book.take_changes().empty());
    book.on_live({AlarmScene::ch4, 1.2, {}, s.clock.wall()}, s.now());
    CHECK(book.take_changes().empty());  // still active: no news
    book.on_live({AlarmScene::ch4, 0.2, {}, s.clock.wall()}, s.now());
    const auto entries = book.take_changes();
    REQUIRE(entries.size() == 1);
    CHECK(entries[0].seq == 42);
    CHECK(entries[0].kind == T::cleared);
    CHECK(entries[0].alarm.occurrence == stored.occurrence);
  }
  SUBCASE("nothing is read: unknown") {
    book.define(AlarmScene::ch4, "gw1", same, s.now());
    s.clock.advance(Duration{3000});
    book.step(s.now());
    CHECK(book.standing().front().condition == Condition::unknown);
    CHECK(book.standing().front().state == AlarmState::unacknowledged);
  }
  SUBCASE("the limit was changed meanwhile") {
    book.define(AlarmScene::ch4, "gw1", AlarmScene::methane({AlarmScene::high(LimitState::alarm, 1.5, 1.4)}),
                s.now());
    CHECK(book.standing().front().at == 1.5);
    CHECK(book.take_changes().size() == 1);
  }
  SUBCASE("the limit is gone: only a person ends it") {
    book.define(AlarmScene::ch4, "gw1", AlarmScene::methane({}), s.now());
    book.on_live({AlarmScene::ch4, 0.2, {}, s.clock.wall()}, s.now());
    CHECK(book.standing().size() == 1);
    CHECK(book.acknowledge(stored.occurrence, stored.seq, "li", "", s.now()));
    CHECK(book.standing().empty());
  }
}

TEST_CASE("restore: blind and gateway alarms find their causes again") {
  AlarmScene s;
  s.book.gateway_alarm("gw1", "silent", true, "nothing heard", 2, s.now());
  s.wait(Duration{21'000});
  const auto stored = s.book.standing();
  REQUIRE(stored.size() == 2);
  AlarmBook book{AlarmBookTimes{}};
  book.restore(stored, 2);
  book.define(AlarmScene::ch4, "gw1", AlarmScene::methane(), s.now());
  book.gateway_alarm("gw1", "silent", true, "nothing heard", 2, s.now());
  CHECK(book.take_changes().empty());
  book.gateway_alarm("gw1", "silent", false, "", 2, s.now());
  book.on_live({AlarmScene::ch4, 0.2, {}, s.clock.wall()}, s.now());
  CHECK(book.take_changes().size() == 2);
  for (const Alarm& a : book.standing()) CHECK(a.state == AlarmState::rtn_unacknowledged);
}
