#include <algorithm>
#include <thread>

#include <doctest/doctest.h>

#include "tests/host/api/api_scene.hpp"

using namespace davy;

namespace {

std::string path_of(const Alarm& alarm) { return "/api/v1/alarms/" + alarm.occurrence + "/ack"; }
std::string body_of(const Alarm& alarm) {
  return "{\"seq\":" + std::to_string(alarm.seq) + ",\"comment\":\"气体已排\"}";
}

}  // namespace

TEST_CASE("acknowledge: by an operator, on record with the name") {
  ApiScene s;
  s.read_value(1, 1.5);
  const Alarm alarm = s.only_alarm();
  ApiClient viewer = s.signed_in("vera");
  CHECK(viewer.post(path_of(alarm), body_of(alarm)).status == 403);
  ApiClient c = s.signed_in("otto");
  const auto done = c.post(path_of(alarm), body_of(alarm));
  REQUIRE(done.status == 200);
  CHECK(done.json().at("state").as_string() == "acknowledged");
  CHECK(done.json().at("acked_by").as_string() == "otto");
  CHECK(done.json().at("comment").as_string() == "气体已排");
  CHECK(done.json().at("title_en").as_string() == "methane");
  CHECK(eventually([&] {
    c.get("/api/v1/session");
    return s.audit_actions().back() == "otto acknowledge";
  }));
}

TEST_CASE("acknowledge: of two people at once one wins and the other is shown what is") {
  ApiScene s;
  ApiClient otto = s.signed_in("otto");
  ApiClient ada = s.signed_in("ada");
  for (int round = 0; round < 10; ++round) {
    s.read_value(1, 1.5);
    const Alarm alarm = s.only_alarm();
    ApiClient::Answer first;
    ApiClient::Answer second;
    std::thread race{[&] { first = otto.post(path_of(alarm), body_of(alarm)); }};
    second = ada.post(path_of(alarm), body_of(alarm));
    race.join();
    if (first.status != 200) std::swap(first, second);
    CHECK(first.status == 200);
    REQUIRE(second.status == 409);
    const json::object body = second.json();
    CHECK(body.at("error").as_string() == "conflict");
    CHECK(body.at("alarm").at("state").as_string() == "acknowledged");
    CHECK(body.at("alarm").at("acked_by").as_string() == first.json().at("acked_by").as_string());
    s.read_value(1, 0.1);
  }
}

TEST_CASE("acknowledge: what has changed since, is over, or never was") {
  ApiScene s;
  ApiClient c = s.signed_in("otto");
  s.read_value(1, 1.5);
  const Alarm seen = s.only_alarm();
  s.read_value(1, 0.1);
  const auto stale = c.post(path_of(seen), body_of(seen));
  REQUIRE(stale.status == 409);
  const json::object now = stale.json().at("alarm").as_object();
  CHECK(now.at("state").as_string() == "rtn_unacknowledged");
  CHECK(now.at("seq").to_number<std::uint64_t>() > seen.seq);
  CHECK(c.post(path_of(seen), body_of(s.only_alarm())).status == 200);
  const auto over = c.post(path_of(seen), body_of(seen));
  REQUIRE(over.status == 409);
  CHECK(over.json().at("alarm").at("state").as_string() == "normal");
  CHECK(c.post("/api/v1/alarms/none/ack", body_of(seen)).status == 404);
  CHECK(c.post("/api/v1/alarms//ack", body_of(seen)).status == 404);
}

TEST_CASE("acknowledge: bad bodies and a core that cannot take more") {
  ApiScene s;
  ApiClient c = s.signed_in("otto");
  s.read_value(1, 1.5);
  const Alarm alarm = s.only_alarm();
  for (const std::string body : {"", "{}", "[]", R"({"seq":"1"})", R"({"seq":-1})",
                                 R"({"seq":1,"comment":5})", R"({"seq":1,"comment":")"}) {
    CAPTURE(body);
    CHECK(c.post(path_of(alarm), body).status == 400);
  }
  CHECK(c.post(path_of(alarm), "{\"seq\":1,\"comment\":\"" + std::string(501, 'x') + "\"}").status == 400);
  s.take_acknowledgements = false;
  CHECK(c.post(path_of(alarm), body_of(alarm)).status == 503);
}
