#include "host/api/json_view.hpp"

#include <cmath>
#include <limits>

#include <doctest/doctest.h>

#include "proto/base/manual_clock.hpp"

using namespace davy;

namespace {

HostPoint methane() {
  return {.id = HostPointId{7},
          .gateway = "gw1",
          .point = {.name = "N1201-T0",
                    .title = "工作面甲烷",
                    .title_en = "face methane",
                    .place = "N1201",
                    .quantity = "CH4",
                    .unit = "%CH4",
                    .range_high = 4,
                    .limits = {{.at = 1, .clear_at = 1, .basis = "AQ 1029"}}}};
}

Alarm alarm(const std::string& occurrence, std::uint64_t seq) {
  return {.occurrence = occurrence,
          .seq = seq,
          .point = HostPointId{7},
          .name = "N1201-T0",
          .gateway = "gw1",
          .at = 1,
          .raised = wall_from_ms(5),
          .value = 1.2,
          .peak = 1.2};
}

}  // namespace

TEST_CASE("json: a point, and text that is no UTF-8 does not break the frame") {
  HostPoint point = methane();
  point.point.place_en = "face \xff";
  const json::object o = to_json(point);
  CHECK(o.at("id").as_uint64() == 7);
  CHECK(o.at("title").as_string() == "工作面甲烷");
  CHECK(o.at("place_en").as_string() == "face \xEF\xBF\xBD");
  CHECK(o.at("kind").as_string() == "analogue");
  CHECK(o.at("withdrawn").as_bool() == false);
  const json::object& limit = o.at("limits").as_array().at(0).as_object();
  CHECK(limit.at("level").as_string() == "alarm");
  CHECK(limit.at("priority").to_number<int>() == 2);
}

TEST_CASE("json: numbers that are not finite become null, ages grow, old values are stale") {
  ManualClock clock;
  Mirror mirror;
  mirror.on_point(methane());
  LatestValue value{
      .point = HostPointId{7}, .value = std::nan(""), .quality = {.validity = Validity::bad_comm}};
  value.received = clock.steady();
  value.age_at_receipt = Duration{500};
  mirror.on_value(value);
  json::object o = to_json(mirror.values().at(HostPointId{7}), mirror, read(clock));
  CHECK(o.at("v").is_null());
  CHECK(o.at("age_ms").to_number<int>() == 500);
  CHECK_FALSE(o.at("stale").as_bool());
  clock.advance(Duration{2501});
  o = to_json(mirror.values().at(HostPointId{7}), mirror, read(clock));
  CHECK(o.at("age_ms").to_number<int>() == 3001);
  CHECK(o.at("stale").as_bool());
  value.value = std::numeric_limits<double>::infinity();
  CHECK(to_json(value, mirror, read(clock)).at("v").is_null());
}

TEST_CASE("json: an alarm carries what its page needs, with or without a point") {
  const HostPoint point = methane();
  json::object o = to_json(alarm("a1", 3), &point);
  CHECK(o.at("title_en").as_string() == "face methane");
  CHECK(o.at("unit").as_string() == "%CH4");
  CHECK(o.at("side").as_string() == "high");
  CHECK(o.at("cleared_ms").is_null());
  Alarm gateway = alarm("g1", 4);
  gateway.source = AlarmSource::gateway;
  gateway.point = no_point;
  gateway.at = std::nan("");
  o = to_json(gateway, nullptr);
  CHECK(o.at("point").is_null());
  CHECK(o.at("side").as_string() == "none");
  CHECK(o.at("at").is_null());
  CHECK(o.at("title").as_string().empty());
}

TEST_CASE("mirror: alarms come, change and go; values reach their alarms") {
  Mirror mirror;
  mirror.on_point(methane());
  const Alarm standing[] = {alarm("a1", 3)};
  mirror.on_standing(standing);
  CHECK(mirror.seq() == 3);
  mirror.on_value({.point = HostPointId{7}, .value = 1.9, .quality = {}});
  mirror.on_value({.point = HostPointId{7}, .value = 1.1, .quality = {}});
  CHECK(mirror.alarms().at("a1").value == 1.1);
  CHECK(mirror.alarms().at("a1").peak == 1.9);

  JournalEntry past{.seq = 4, .kind = Transition::late_raised, .late = true, .alarm = alarm("l1", 4)};
  past.alarm.state = AlarmState::normal;
  mirror.on_alarm(past);
  CHECK(mirror.alarms().size() == 1);
  CHECK(mirror.alarm("l1") == nullptr);

  JournalEntry end{.seq = 5, .kind = Transition::cleared, .alarm = alarm("a1", 5)};
  end.alarm.state = AlarmState::normal;
  mirror.on_alarm(end);
  CHECK(mirror.alarms().empty());
  CHECK(mirror.seq() == 5);
  REQUIRE(mirror.alarm("a1") != nullptr);  // for whoever is too late with an acknowledgement
  CHECK(mirror.alarm("a1")->seq == 5);
  mirror.on_value({.point = HostPointId{7}, .value = 3, .quality = {}});
}
