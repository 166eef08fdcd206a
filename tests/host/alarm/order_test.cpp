#include <doctest/doctest.h>

#include "tests/host/alarm/alarm_scene.hpp"

using namespace davy;
using T = Transition;
using Kinds = std::vector<Transition>;

TEST_CASE("order: older live readings may raise but never clear") {
  AlarmScene s;
  s.clock.advance(Duration{60'000});
  SUBCASE("an excursion in the backlog of a short outage is announced") {
    s.read_value(0.2);
    s.read_value(1.7, AlarmScene::good, Duration{40'000});
    CHECK(s.only().state == AlarmState::unacknowledged);
    CHECK(s.only().reason == "1.7 %CH4: at or above the alarm limit of 1 %CH4, seen 40 s late");
    s.wait(Duration{1000});
    s.read_value(0.2);
    CHECK(s.only().state == AlarmState::rtn_unacknowledged);
    s.read_value(1.6, AlarmScene::good, Duration{40'500});
    CHECK(s.kinds() == Kinds{T::raised, T::cleared});  // more of the same is no news
    s.read_value(1.6, AlarmScene::good, Duration{50'000});
    CHECK(s.kinds() == Kinds{T::reraised});
  }
  SUBCASE("a safe reading from before does not clear") {
    s.read_value(1.2);
    s.read_value(0.2, AlarmScene::good, Duration{1000});
    CHECK(s.only().condition == Condition::active);
  }
  SUBCASE("the backlog of an alarm that is over tells nothing new") {
    s.book.on_live({AlarmScene::ch4, 1.2, {}, s.clock.wall() - Duration{50'000}}, s.now());
    const Alarm a = s.only();
    REQUIRE(s.book.acknowledge(a.occurrence, a.seq, "li", "", s.now()));
    s.read_value(0.2);
    CHECK(s.book.standing().empty());
    s.read_value(1.3, AlarmScene::good, Duration{30'000});
    CHECK(s.book.standing().empty());
  }
}

TEST_CASE("order: a reading too old for its time, or from the future, does not clear") {
  for (const Duration age : {Duration{11'000}, Duration{-11'000}}) {
    AlarmScene s;
    s.read_value(1.2, AlarmScene::good, Duration{20'000});
    s.read_value(0.2, AlarmScene::good, age);
    CHECK(s.only().condition == Condition::active);
  }
}

TEST_CASE("order: after a source clock that was set back, readings count again") {
  AlarmScene s;
  s.read_value(0.2, AlarmScene::good, Duration{-9000});  // nine seconds ahead
  s.wait(Duration{3500});
  s.read_value(1.2);
  CHECK(s.only().condition == Condition::active);
  s.wait(Duration{1000});
  s.read_value(0.2);
  CHECK(s.only().condition == Condition::clear);
}

TEST_CASE("order: impossible times do no harm") {
  AlarmScene s;
  const Now now = s.now();
  for (const auto t : {std::int64_t{0}, std::numeric_limits<std::int64_t>::min(),
                       std::numeric_limits<std::int64_t>::max()}) {
    s.book.on_live({AlarmScene::ch4, 2.0, {}, wall_from_ms(t)}, now);
    s.book.on_historic({AlarmScene::ch4, 2.0, {}, wall_from_ms(t)}, now);
    s.book.on_historic({AlarmScene::ch4, 0.0, {}, wall_from_ms(t)}, now);
  }
  CHECK(s.only().condition == Condition::active);
}

TEST_CASE("historic: past alarms go on record and nowhere else") {
  AlarmScene s;
  s.read_value(0.2);
  const WallTime past = s.clock.wall() - std::chrono::hours{2};
  const double values[] = {0.5, 1.1, 1.4, 1.2, 0.5, 0.4};
  for (int i = 0; i < 6; ++i)
    s.book.on_historic({AlarmScene::ch4, values[i], {}, past + Duration{i * 1000}}, s.now());
  CHECK(s.book.standing().empty());
  const auto entries = s.book.take_changes();
  REQUIRE(entries.size() == 2);
  CHECK(entries[0].kind == T::late_raised);
  CHECK(entries[0].late);
  CHECK(entries[0].at == past + Duration{1000});
  CHECK(entries[0].recorded == s.clock.wall());
  CHECK(entries[0].alarm.state == AlarmState::normal);
  CHECK(entries[1].kind == T::late_cleared);
  CHECK(entries[1].alarm.peak == 1.4);
  CHECK(entries[1].alarm.occurrence == entries[0].alarm.occurrence);
}

TEST_CASE("historic: never touches what stands, but completes its peak") {
  AlarmScene s;
  s.read_value(1.2);
  const WallTime raised = s.clock.wall();
  s.wait(std::chrono::minutes{10});
  s.book.take_changes();
  s.book.take_peaks();
  for (const double value : {1.2, 3.1, 1.2, 0.1, 0.1}) {
    s.book.on_historic({AlarmScene::ch4, value, {}, raised + Duration{1000}}, s.now());
  }
  CHECK(s.book.take_changes().empty());
  CHECK(s.book.standing().front().peak == 3.1);
  CHECK(s.book.standing().front().value == 1.2);
  REQUIRE(s.book.take_peaks().size() == 1);
}

TEST_CASE("historic: a step back in time starts a new run") {
  AlarmScene s{AlarmScene::methane({AlarmScene::high(LimitState::alarm, 1.0, 0.9, 5000)})};
  const WallTime past = s.clock.wall() - std::chrono::hours{2};
  s.book.on_historic({AlarmScene::ch4, 1.5, {}, past + Duration{4000}}, s.now());
  s.book.on_historic({AlarmScene::ch4, 1.5, {}, past}, s.now());
  s.book.on_historic({AlarmScene::ch4, 1.5, {}, past + Duration{3000}}, s.now());
  CHECK(s.book.take_changes().empty());
  s.book.on_historic({AlarmScene::ch4, 1.5, {}, past + Duration{5000}}, s.now());
  CHECK(s.kinds() == Kinds{T::late_raised});
}

TEST_CASE("historic: a hazard in the quiet time of an occurrence that was raised again is on record") {
  AlarmScene s;
  const WallTime start = s.clock.wall();
  s.read_value(1.2);
  s.clock.advance(Duration{10'000});
  s.read_value(0.2);
  s.clock.advance(Duration{100'000});
  s.read_value(1.3);
  CHECK(s.kinds() == Kinds{T::raised, T::cleared, T::reraised});
  AlarmBook after_restart{AlarmBookTimes{}};
  const Alarm standing = s.only();
  AlarmBook* book = &s.book;
  SUBCASE("while the host lives") {}
  SUBCASE("cleared once more") {
    s.wait(Duration{1000});
    s.read_value(0.2);
    s.book.take_changes();
  }
  SUBCASE("after a restart") {
    after_restart.restore({standing}, standing.seq, {{standing.occurrence, start + Duration{110'000}}});
    after_restart.define(AlarmScene::ch4, "gw1", AlarmScene::methane(), s.now());
    book = &after_restart;
  }
  const auto historic = [&](double value, int at_ms) {
    book->on_historic({AlarmScene::ch4, value, {}, start + Duration{at_ms}}, s.now());
  };
  historic(1.4, 110'500);
  CHECK(book->take_changes().empty());
  historic(1.5, 50'000);
  historic(0.2, 60'000);
  const auto entries = book->take_changes();
  REQUIRE(entries.size() == 2);
  CHECK(entries[0].kind == T::late_raised);
  CHECK(entries[0].at == start + Duration{50'000});
  CHECK(entries[1].kind == T::late_cleared);
}

TEST_CASE("historic: a run that began inside a known occurrence and goes on after it is on record") {
  AlarmScene s;
  const WallTime start = s.clock.wall();
  s.read_value(1.2);
  s.wait(Duration{2000});
  s.read_value(0.2);
  s.clock.advance(Duration{100'000});
  s.book.take_changes();
  for (const int at_ms : {1000, 30'000, 31'000})
    s.book.on_historic({AlarmScene::ch4, 1.4, {}, start + Duration{at_ms}}, s.now());
  const auto entries = s.book.take_changes();
  REQUIRE(entries.size() == 1);
  CHECK(entries[0].kind == T::late_raised);
  CHECK(entries[0].at == start + Duration{30'000});
}

TEST_CASE("order: an earlier hazard that comes while a later one stands is on record, not announced") {
  AlarmScene s;
  s.read_value(0.2);
  s.clock.advance(Duration{40'000});
  s.read_value(1.2);
  s.book.take_changes();
  s.read_value(1.6, AlarmScene::good, Duration{20'000});
  s.read_value(0.2, AlarmScene::good, Duration{15'000});
  CHECK(s.kinds() == Kinds{T::late_raised, T::late_cleared});
  CHECK(s.only().condition == Condition::active);
}
