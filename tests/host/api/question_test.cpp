#include <condition_variable>
#include <mutex>

#include <doctest/doctest.h>

#include "tests/host/api/api_scene.hpp"

using namespace davy;

namespace {
const std::string api = "/api/v1/";
}

TEST_CASE("questions: points, values, gateways and alarms as they are now") {
  ApiScene s;
  ApiClient c = s.signed_in("vera");
  s.read_value(1, 0.5);
  s.read_value(2, 1.5);
  CHECK(eventually([&] { return c.get(api + "latest").json().at("values").as_array().size() == 2; }));
  CHECK(c.get(api + "points").json().at("points").as_array().size() == 2);
  CHECK(c.get(api + "gateways").json().at("gateways").as_array().at(0).at("state").as_string() == "online");
  const json::object alarms = c.get(api + "alarms").json();
  CHECK(alarms.at("seq").to_number<int>() == 1);
  const json::object alarm = alarms.at("alarms").as_array().at(0).as_object();
  CHECK(alarm.at("name").as_string() == "P2");
  CHECK(alarm.at("reason").as_string() == "1.5 %CH4: at or above the alarm limit of 1 %CH4");
}

TEST_CASE("questions: the past") {
  ApiScene s;
  ApiClient c = s.signed_in("vera");
  for (int i = 0; i < 10; ++i) {
    s.history->stored.push_back({wall_from_ms(1000 * i), i * 0.5, {}});
    JournalEntry entry;
    entry.seq = static_cast<std::uint64_t>(i) + 1;
    entry.alarm.point = HostPointId{1};
    s.history->entries.push_back(entry);
  }
  s.history->streams = {
      {.gateway = "gw1", .missing = {{3, 5}}, .lost = {{{7, 9}, "spool full", wall_from_ms(4)}}}};
  const json::object trend = c.get(api + "trend?point=1&from_ms=0&to_ms=10000&buckets=2").json();
  CHECK(trend.at("buckets").as_array().size() == 2);
  CHECK(trend.at("buckets").as_array().at(1).as_array().at(2).to_number<double>() == 4.5);
  const auto csv = c.get(api + "trend?point=1&from_ms=0&to_ms=10000&raw=1&format=csv");
  CHECK(csv.headers.at("Content-Type") == "text/csv; charset=utf-8");
  CHECK(csv.body.find("1970-01-01T00:00:02.000Z,2000,1,good,none,none,none\r\n") != std::string::npos);
  const json::object page = c.get(api + "journal?after=2&limit=3").json();
  CHECK(page.at("entries").as_array().size() == 3);
  CHECK(page.at("entries").as_array().at(0).at("unit").as_string() == "%CH4");
  CHECK(page.at("next").to_number<int>() == 5);
  CHECK(c.get(api + "journal?limit=4").json().at("entries").as_array().at(0).at("seq").to_number<int>() == 7);
  CHECK(c.get(api + "journal?point=2").json().at("entries").as_array().empty());
  const json::object gaps = c.get(api + "gaps?from_ms=0&to_ms=10").json();
  const json::object stream = gaps.at("streams").as_array().at(0).as_object();
  CHECK(stream.at("missing").as_array().at(0).as_array().at(1).to_number<int>() == 5);
  CHECK(stream.at("lost").as_array().at(0).at("reason").as_string() == "spool full");
  const Event trip{
      .kind = EventKind::lock_tripped, .at = wall_from_ms(7), .first = 3, .last = 0, .text = "row b"};
  s.history->happened = {{"gw1", trip, wall_from_ms(9)}, {"gw2", trip, wall_from_ms(9)}};
  const json::object events = c.get(api + "events?gateway=gw1&from_ms=7&to_ms=8").json();
  REQUIRE(events.at("events").as_array().size() == 1);
  const json::object event = events.at("events").as_array().at(0).as_object();
  CHECK(event.at("kind").as_string() == "lock_tripped");
  CHECK(event.at("at_ms").to_number<int>() == 7);
  CHECK(event.at("received_ms").to_number<int>() == 9);
  CHECK(event.at("number").to_number<int>() == 3);
  CHECK(event.at("text").as_string() == "row b");
  CHECK(c.get(api + "events?limit=1").json().at("events").as_array().size() == 1);
}

TEST_CASE("questions: wrong ones are told what is wrong") {
  ApiScene s;
  ApiClient c = s.signed_in("vera");
  struct Row {
    const char* target;
    unsigned status;
    const char* field;
  };
  const Row rows[] = {
      {"trend?from_ms=0&to_ms=1", 400, "point"},
      {"trend?point=x&from_ms=0&to_ms=1", 400, "point"},
      {"trend?point=99&from_ms=0&to_ms=1", 404, "point"},
      {"trend?point=1&from_ms=0", 400, "to_ms"},
      {"trend?point=1&from_ms=5&to_ms=5", 400, "to_ms"},
      {"trend?point=1&from_ms=-1&to_ms=5", 400, "from_ms"},
      {"trend?point=1&from_ms=0&to_ms=99999999999999999999", 400, "to_ms"},
      {"trend?point=1&from_ms=0&to_ms=5&buckets=4001", 400, "buckets"},
      {"trend?point=1&from_ms=0&to_ms=5&buckets=0", 400, "buckets"},
      {"trend?point=1&from_ms=0&to_ms=5&format=csv", 400, "format"},
      {"trend?point=1&from_ms=0&to_ms=5&raw=1&format=xml", 400, "format"},
      {"journal?limit=1001", 400, "limit"},
      {"journal?after=x", 400, "after"},
      {"gaps?from_ms=0", 400, "to_ms"},
      {"events?limit=0", 400, "limit"},
      {"events?from_ms=5&to_ms=5", 400, "to_ms"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.target);
    const auto answer = c.get(api + row.target);
    CHECK(answer.status == row.status);
    CHECK(answer.json().at("field").as_string() == row.field);
  }
  CHECK(c.get(api + "trend?point=%").status == 400);
  CHECK(c.get(api + "nonsense").status == 404);
  CHECK(c.get("/api/v2/points").status == 404);
  CHECK(c.get(api + "live").status == 400);
  const auto wrong = c.post(api + "points", "{}");
  CHECK(wrong.status == 405);
  CHECK(wrong.headers.at("Allow") == "GET");
  CHECK(c.send("DELETE", api + "alarms", "", {}).status == 405);
}

TEST_CASE("questions: a slow question to the past delays no other answer") {
  ApiScene s;
  ApiClient slow = s.signed_in("vera");
  ApiClient c = s.signed_in("otto");
  std::mutex mutex;
  std::condition_variable changed;
  bool asked = false;
  bool go_on = false;
  s.history->before = [&]() -> Status {
    std::unique_lock lock{mutex};
    asked = true;
    changed.notify_all();
    changed.wait(lock, [&] { return go_on; });
    return {};
  };
  ApiClient::Answer trend;
  std::thread asker{[&] { trend = slow.get(api + "trend?point=1&from_ms=0&to_ms=10"); }};
  {
    std::unique_lock lock{mutex};
    changed.wait(lock, [&] { return asked; });
  }
  s.read_value(1, 1.5);
  CHECK(eventually([&] { return c.get(api + "alarms").json().at("alarms").as_array().size() == 1; }));
  CHECK(s.client().login("ada", "ada password").status == 200);
  {
    const std::lock_guard lock{mutex};
    go_on = true;
  }
  changed.notify_all();
  asker.join();
  CHECK(trend.status == 200);
}

TEST_CASE("questions: a history that cannot be read is unavailable, and asked anew") {
  ApiScene s;
  ApiClient c = s.signed_in("vera");
  s.history->before = [] { return fail(Errc::corrupt, "page 7 is damaged"); };
  const auto answer = c.get(api + "journal");
  CHECK(answer.status == 503);
  CHECK(answer.json().at("message").as_string().find("page 7 is damaged") != std::string::npos);
  s.history->before = [] { return Status{}; };
  CHECK(c.get(api + "journal").status == 200);
}
