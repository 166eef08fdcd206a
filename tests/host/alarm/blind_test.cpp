#include <cmath>

#include <doctest/doctest.h>

#include "tests/host/alarm/alarm_scene.hpp"

using namespace davy;
using T = Transition;
using Kinds = std::vector<Transition>;

namespace {
constexpr HostPointId other{2};

// A second point of the same gateway goes on reading, so that it is not the gateway that is dead.
struct BlindScene : AlarmScene {
  explicit BlindScene(const Point& point = methane()) : AlarmScene{point} {
    Point wind{.name = "N1201-W", .quantity = "wind_speed", .unit = "m/s"};
    book.define(other, "gw1", wind, now());
  }
  void run(int seconds) {
    for (int i = 0; i < seconds; ++i) {
      wait(Duration{1000});
      book.on_live({other, 1.5, good, clock.wall()}, now());
      book.step(now());
    }
  }
};
}  // namespace

TEST_CASE("blind: a point that never delivers is blind after its time, also right after the start") {
  BlindScene s;
  s.run(9);
  CHECK(s.book.standing().empty());
  s.run(1);
  const Alarm a = s.only();
  CHECK(a.source == AlarmSource::blind);
  CHECK(a.point == AlarmScene::ch4);
  CHECK(a.level == LimitState::alarm);
  CHECK(a.priority == 3);  // one step below its most urgent limit
  CHECK(a.kind == "no_reading");
  CHECK(a.reason == "no usable reading of methane for 10 s: no readings arrive");
}

TEST_CASE("blind: a point without alarm or cut limits is a warning") {
  BlindScene s{AlarmScene::methane({AlarmScene::high(LimitState::warning, 1, 0.9, 0, 0, 4)})};
  s.run(10);
  CHECK(s.only().level == LimitState::warning);
  CHECK(s.only().priority == 4);
}

TEST_CASE("blind: the reason tells what is wrong with the readings") {
  struct Row {
    Quality quality;
    const char* kind;
    const char* why;
  };
  const Row rows[] = {
      {{.validity = Validity::bad_comm}, "bad_comm", "the device does not answer"},
      {{.validity = Validity::sensor_fault}, "sensor_fault", "the sensor reports a fault"},
      {{.validity = Validity::disconnected}, "disconnected", "the measuring head is disconnected"},
      {{.validity = Validity::not_read}, "not_read", "the gateway has not read it yet"},
      {{.validity = Validity::under_range}, "under_range", "the value is below the measuring range"},
      {{.maintenance = Maintenance::calibrating}, "calibrating", "the sensor is under calibration"},
      {{.maintenance = Maintenance::inhibited}, "inhibited", "the sensor is inhibited"},
  };
  for (const Row& row : rows) {
    AlarmScene s;
    const double value = has_value(row.quality.validity) ? 0.1 : std::nan("");
    s.keep_reading(value, 10, row.quality);
    CAPTURE(row.kind);
    CHECK(s.only().kind == row.kind);
    CHECK(s.only().reason == std::string{"no usable reading of methane for 10 s: "} + row.why);
    s.read_value(0.1);  // a good reading ends it
    CHECK(s.only().state == AlarmState::rtn_unacknowledged);
  }
}

TEST_CASE("blind: over range is no blindness where a high limit stands for it") {
  AlarmScene s;
  s.keep_reading(4, 30, {.validity = Validity::over_range});
  CHECK(s.only().source == AlarmSource::limit);
}

TEST_CASE("blind: only a good reading ends it, and what it was counts as seen by nobody until acknowledged") {
  BlindScene s;
  s.run(10);
  s.read_value(0.1, {.maintenance = Maintenance::calibrating});
  CHECK(s.only().condition == Condition::active);
  s.read_value(0.1);
  CHECK(s.only().state == AlarmState::rtn_unacknowledged);
  s.run(10);
  CHECK(s.only().state == AlarmState::unacknowledged);
  CHECK(s.kinds() == Kinds{T::raised, T::cleared, T::reraised});
}

TEST_CASE("blind: a reading that came late was made when it was made") {
  BlindScene s;
  s.run(5);
  s.read_value(0.1, AlarmScene::good, Duration{4000});
  s.run(5);
  CHECK(s.book.standing().empty());
  s.run(1);
  CHECK(s.only().source == AlarmSource::blind);
}

TEST_CASE("blind: a gateway that is not seen has one alarm, not one a point") {
  BlindScene s;
  s.read_value(1.5);
  s.run(1);
  s.book.take_changes();
  SUBCASE("said at once") {
    s.book.gateway_seen("gw1", false, s.now());
    s.book.gateway_alarm("gw1", "offline", true, "said good-bye", 2, s.now());
    CHECK(s.kinds() == Kinds{T::unknown, T::raised});
    s.wait(std::chrono::hours{1});
    CHECK(s.book.standing().size() == 2);
    CHECK(s.book.next_due() == never);
    s.book.gateway_seen("gw1", true, s.now());
    s.wait(Duration{9999});
    CHECK(s.book.standing().size() == 2);
    s.wait(Duration{11'100});  // back, but it delivers nothing
    CHECK(s.book.standing().size() == 4);
  }
  SUBCASE("its silence is waited for") {
    for (int i = 0; i < 20; ++i) s.wait(Duration{1000});
    CHECK(s.book.standing().size() == 1);
    s.book.gateway_seen("gw1", false, s.now());
    s.wait(std::chrono::hours{1});
    CHECK(s.book.standing().size() == 1);
  }
  SUBCASE("if nobody says so, the points are blind") {
    s.wait(Duration{20'999});
    CHECK(s.book.standing().size() == 1);
    s.wait(Duration{1});
    CHECK(s.book.standing().size() == 3);
  }
}
