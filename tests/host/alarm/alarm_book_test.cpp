#include "host/alarm/alarm_book.hpp"

#include <cmath>

#include <doctest/doctest.h>

#include "tests/host/alarm/alarm_scene.hpp"

using namespace davy;
using T = Transition;
using Kinds = std::vector<Transition>;

TEST_CASE("book: the way of an alarm, acknowledged before it clears") {
  AlarmScene s;
  s.read_value(0.5);
  CHECK(s.book.standing().empty());
  s.wait(Duration{1000});
  s.read_value(1.23);
  Alarm a = s.only();
  CHECK(a.state == AlarmState::unacknowledged);
  CHECK(a.condition == Condition::active);
  CHECK(a.raised == s.clock.wall());
  CHECK(a.seq == 1);
  CHECK(a.reason == "1.23 %CH4: at or above the alarm limit of 1 %CH4");
  CHECK(a.occurrence.size() == 24);

  s.wait(Duration{1000});
  s.read_value(1.5);
  s.read_value(1.1);
  CHECK(s.only().value == 1.1);
  CHECK(s.only().peak == 1.5);
  const auto acked = s.book.acknowledge(a.occurrence, 1, "li", "called the face", s.now());
  REQUIRE(acked);
  CHECK(acked->state == AlarmState::acknowledged);
  CHECK(acked->acked_by == "li");
  CHECK(s.only() == *acked);

  s.wait(Duration{1000});
  s.read_value(0.95);  // not inside the clear limit
  CHECK(s.only().state == AlarmState::acknowledged);
  s.read_value(0.85);
  CHECK(s.book.standing().empty());
  const auto entries = s.book.take_changes();
  REQUIRE(entries.size() == 3);
  CHECK(entries[0].kind == T::raised);
  CHECK(entries[1].kind == T::acknowledged);
  CHECK(entries[1].user == "li");
  CHECK(entries[1].comment == "called the face");
  CHECK(entries[2].kind == T::cleared);
  CHECK(entries[2].alarm.state == AlarmState::normal);
  CHECK(entries[2].alarm.cleared == s.clock.wall());
  CHECK(entries[2].alarm.peak == 1.5);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    CHECK(entries[i].seq == i + 1);
    CHECK(entries[i].alarm.seq == i + 1);
    CHECK(entries[i].alarm.occurrence == a.occurrence);
  }
  CHECK(s.book.take_changes().empty());
}

TEST_CASE("book: an alarm that clears unseen stays until somebody has seen it") {
  AlarmScene s;
  s.read_value(1.2);
  s.read_value(0.5);
  Alarm a = s.only();
  CHECK(a.state == AlarmState::rtn_unacknowledged);
  CHECK(a.condition == Condition::clear);
  SUBCASE("acknowledged: over") {
    REQUIRE(s.book.acknowledge(a.occurrence, a.seq, "li", "", s.now()));
    CHECK(s.book.standing().empty());
    CHECK(s.kinds() == Kinds{T::raised, T::cleared, T::acknowledged});
    const auto again = s.book.acknowledge(a.occurrence, a.seq, "wang", "", s.now());
    REQUIRE_FALSE(again);
    CHECK(again.error().code == Errc::conflict);
    s.wait(Duration{1000});
    s.read_value(1.3);
    CHECK(s.only().occurrence != a.occurrence);
  }
  SUBCASE("beyond again: the same occurrence, to be acknowledged as it is now") {
    s.wait(Duration{1000});
    s.read_value(1.4);
    CHECK(s.only().occurrence == a.occurrence);
    CHECK(s.only().state == AlarmState::unacknowledged);
    CHECK_FALSE(s.only().cleared);
    CHECK(s.kinds() == Kinds{T::raised, T::cleared, T::reraised});
    const auto stale = s.book.acknowledge(a.occurrence, a.seq, "li", "", s.now());
    REQUIRE_FALSE(stale);
    CHECK(stale.error().code == Errc::conflict);
    CHECK(s.book.acknowledge(a.occurrence, s.only().seq, "li", "", s.now()));
  }
}

TEST_CASE("book: of two people who acknowledge, one is told that the other was first") {
  AlarmScene s;
  s.read_value(1.2);
  const Alarm a = s.only();
  CHECK(s.book.acknowledge(a.occurrence, a.seq, "li", "", s.now()));
  const auto second = s.book.acknowledge(a.occurrence, a.seq, "wang", "", s.now());
  REQUIRE_FALSE(second);
  CHECK(second.error().code == Errc::conflict);
  CHECK(second.error().message == "alarm of N1201-T0 is acknowledged already by li");
  CHECK(s.only().acked_by == "li");
  const auto none = s.book.acknowledge("nonsense", 1, "li", "", s.now());
  REQUIRE_FALSE(none);
  CHECK(none.error().code == Errc::not_found);
  CHECK(s.book.acknowledge(a.occurrence, a.seq, "", "", s.now()).error().code == Errc::bad_data);
}

TEST_CASE("book: each limit of a point has its own alarm, the most urgent first") {
  using L = LimitState;
  AlarmScene s{AlarmScene::methane({AlarmScene::high(L::warning, 0.8, 0.7, 0, 0, 3),
                                    AlarmScene::high(L::alarm, 1.0, 0.9, 0, 0, 2),
                                    AlarmScene::high(L::cut, 1.5, 1.0, 0, 0, 1)})};
  s.read_value(1.6);
  const auto entries = s.book.take_changes();
  REQUIRE(entries.size() == 3);
  CHECK(entries[0].alarm.level == L::cut);
  CHECK(entries[1].alarm.level == L::alarm);
  CHECK(entries[2].alarm.level == L::warning);
  CHECK(entries[0].alarm.occurrence != entries[1].alarm.occurrence);
  s.read_value(0.95);
  CHECK(s.book.standing().size() == 3);
  CHECK(s.kinds() == Kinds{T::cleared});  // the cut limit, below 1.0
}

TEST_CASE("book: over range is beyond, and says so") {
  AlarmScene s;
  s.read_value(4.0, {.validity = Validity::over_range});
  CHECK(s.only().reason == "over range, at least 4 %CH4: beyond the alarm limit of 1 %CH4");
  CHECK(s.only().kind == "over_range");
}

TEST_CASE("book: a calibration neither hides gas nor clears an alarm") {
  AlarmScene s;
  const Quality calibrating{.maintenance = Maintenance::calibrating};
  s.read_value(2.0, calibrating);
  CHECK(s.only().reason == "2 %CH4: at or above the alarm limit of 1 %CH4 during calibration");
  CHECK(s.only().kind == "calibrating");
  s.keep_reading(0.1, 5, calibrating);
  Alarm a = s.only();
  CHECK(a.state == AlarmState::unacknowledged);
  CHECK(a.condition == Condition::unknown);
  s.read_value(0.1);
  CHECK(s.only().condition == Condition::clear);
}

TEST_CASE("book: what can no longer be seen is unknown, never cleared, and seen again when it is") {
  const Quality dead{.validity = Validity::bad_comm};
  AlarmScene s;
  s.read_value(1.2);
  const Alarm a = s.only();
  SUBCASE("readings stop") { s.wait(Duration{3000}); }
  SUBCASE("bad readings come") { s.keep_reading(std::nan(""), 3, dead); }
  CHECK(s.only().condition == Condition::unknown);
  CHECK(s.only().state == AlarmState::unacknowledged);
  // One bad reading more or less is no news: whoever sees the alarm may acknowledge it.
  CHECK(s.kinds() == Kinds{T::raised, T::unknown});
  CHECK(s.book.acknowledge(a.occurrence, s.only().seq, "li", "", s.now()));
  CHECK(s.only().state == AlarmState::acknowledged);
  s.read_value(1.1);
  CHECK(s.only().state == AlarmState::acknowledged);
  CHECK(s.only().condition == Condition::active);
  s.read_value(0.1);
  CHECK(s.book.standing().empty());
  CHECK(s.kinds() == Kinds{T::acknowledged, T::note, T::cleared});
}

TEST_CASE("book: a short bad spell between readings changes nothing") {
  AlarmScene s;
  s.read_value(1.2);
  for (int i = 0; i < 20; ++i) {
    s.keep_reading(std::nan(""), 1, {.validity = Validity::bad_comm});
    s.keep_reading(1.2, 1);
  }
  CHECK(s.kinds() == Kinds{T::raised});
}

TEST_CASE("book: on-delay, by readings or by silence") {
  AlarmScene s{AlarmScene::methane({AlarmScene::high(LimitState::alarm, 1.0, 0.9, 5000)})};
  s.read_value(1.2);
  CHECK(s.book.next_due() <= s.clock.steady() + Duration{5000});
  SUBCASE("readings") {
    s.keep_reading(1.2, 4);
    CHECK(s.book.standing().empty());
    s.keep_reading(1.3, 1);
    CHECK(s.only().reason == "1.3 %CH4: at or above the alarm limit of 1 %CH4 for 5 s");
    CHECK(s.only().raised == s.clock.wall());
  }
  SUBCASE("silence") {
    const WallTime first = s.clock.wall();
    s.wait(Duration{4999});
    CHECK(s.book.standing().empty());
    s.wait(Duration{1});
    const auto entries = s.book.take_changes();
    REQUIRE(!entries.empty());
    CHECK(entries[0].kind == T::raised);
    CHECK(entries[0].alarm.reason ==
          "1.2 %CH4: at or above the alarm limit of 1 %CH4, and nothing better seen for 5 s");
    CHECK(entries[0].alarm.raised == first + Duration{5000});
  }
  SUBCASE("a single short excursion is not an alarm") {
    s.keep_reading(0.5, 20);
    CHECK(s.book.standing().empty());
  }
}

TEST_CASE("book: gateway alarms are one a kind") {
  AlarmScene s;
  s.book.gateway_alarm("gw1", "silent", true, "nothing heard for 20 s", 2, s.now());
  s.book.gateway_alarm("gw1", "silent", true, "nothing heard for 21 s", 2, s.now());
  s.book.gateway_alarm("gw1", "clock", true, "clock is 5 s off", 3, s.now());
  CHECK(s.book.standing().size() == 2);
  CHECK(s.kinds() == Kinds{T::raised, T::raised});
  s.book.gateway_alarm("gw1", "clock", false, "", 3, s.now());
  s.book.gateway_alarm("gw2", "clock", false, "", 3, s.now());
  const auto entries = s.book.take_changes();
  REQUIRE(entries.size() == 1);
  CHECK(entries[0].alarm.kind == "clock");
  CHECK(entries[0].alarm.name == "gw1");
  CHECK(entries[0].alarm.level == LimitState::warning);
  CHECK(entries[0].alarm.state == AlarmState::rtn_unacknowledged);
}
