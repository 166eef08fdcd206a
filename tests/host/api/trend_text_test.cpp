#include "host/api/trend_text.hpp"

#include <cmath>

#include <doctest/doctest.h>

#include "tests/host/api/fake_history.hpp"

using namespace davy;

namespace {
TrendQuestion question(std::size_t buckets, bool csv) {
  return {.point = HostPointId{1},
          .name = "N1201-T0 \"x\"/一",
          .from = wall_from_ms(1'000),
          .to = wall_from_ms(9'000),
          .buckets = buckets,
          .csv = csv};
}
}  // namespace

TEST_CASE("trend: raw samples as JSON and as CSV") {
  FakeHistory history;
  history.stored = {
      {wall_from_ms(1000), 0.5, {}},
      {wall_from_ms(2000), std::nan(""), {.validity = Validity::bad_comm}},
      {wall_from_ms(3250), 1e-7, {.maintenance = Maintenance::calibrating, .limit = LimitState::cut}}};
  const auto as_json = answer_trend(question(0, false), history);
  REQUIRE(as_json);
  CHECK(as_json->body == R"({"point":1,"from_ms":1000,"to_ms":9000,"raw":true,)"
                         R"("samples":[[1000,0.5,0],[2000,null,5],[3250,1e-07,784]]})");
  const auto as_csv = answer_trend(question(0, true), history);
  REQUIRE(as_csv);
  CHECK(as_csv->body ==
        "time,time_ms,value,validity,maintenance,limit,feed\r\n"
        "1970-01-01T00:00:01.000Z,1000,0.5,good,none,none,none\r\n"
        "1970-01-01T00:00:02.000Z,2000,,bad_comm,none,none,none\r\n"
        "1970-01-01T00:00:03.250Z,3250,1e-07,good,calibrating,cut,none\r\n");
  CHECK(as_csv->headers.front().second == "attachment; filename=\"N1201-T0__x_____-1000.csv\"");
}

TEST_CASE("trend: buckets without a usable sample have nulls") {
  FakeHistory history;
  history.stored = {{wall_from_ms(1000), 0.5, {}}, {wall_from_ms(1500), 1.5, {}}};
  const auto answer = answer_trend(question(2, false), history);
  REQUIRE(answer);
  CHECK(answer->body == R"({"point":1,"from_ms":1000,"to_ms":9000,"raw":false,)"
                        R"("buckets":[[1000,5E-1,1.5E0,1E0,2,0],[5000,null,null,null,0,6]]})");
}

TEST_CASE("trend: too much is refused with how far to narrow") {
  FakeHistory history;
  for (int i = 0; i <= 500'000; ++i) history.stored.push_back({wall_from_ms(1000 + i), 0.5, {}});
  auto wide = question(0, false);
  wide.to = wall_from_ms(10'000'000);
  const auto answer = answer_trend(wide, history);
  REQUIRE(answer);
  CHECK(answer->status == 400);
  CHECK(answer->body.find("\"too_large\"") != std::string::npos);
  CHECK(answer->body.find("to_ms=501000 at most") != std::string::npos);
  wide.to = wall_from_ms(501'000);
  CHECK(answer_trend(wide, history)->status == 200);
}

TEST_CASE("trend: times are ISO 8601") {
  CHECK(iso_time(wall_from_ms(1'800'000'000'007)) == "2027-01-15T08:00:00.007Z");
  CHECK(iso_time(wall_from_ms(253'402'300'799'999)) == "9999-12-31T23:59:59.999Z");
}
