#include <doctest/doctest.h>

#include "tests/host/api/api_scene.hpp"

using namespace davy;

namespace {

const std::string path = "/api/v1/gateways/gw1/fan_key";
const std::string body = R"({"lock":"N1305-F","reason":"排放瓦斯, plan 7"})";

}  // namespace

TEST_CASE("fan key: by an operator, with a reason, on record with the gateway's answer") {
  ApiScene s;
  s.key_answer = KeyAnswer{true, "N1305-F is open by key"};
  CHECK(s.client().post(path, body).status == 401);
  CHECK(s.signed_in("vera").post(path, body).status == 403);
  CHECK(s.keys.empty());
  ApiClient c = s.signed_in("otto");
  CHECK(c.get(path).status == 405);
  const auto done = c.post(path, body);
  REQUIRE(done.status == 200);
  CHECK(done.json().at("message").as_string() == "N1305-F is open by key");
  CHECK(c.post(path, R"({"lock":"N1305-F","reason":"done","give_back":true})").status == 200);
  CHECK(s.keys ==
        std::vector<std::string>{"otto gw1 N1305-F 排放瓦斯, plan 7", "otto gw1 N1305-F done back"});
  CHECK(eventually([&] {
    c.get("/api/v1/session");
    return s.audit_actions().back() == "otto fan_key";
  }));
}

TEST_CASE("fan key: what the gateway or the core says against it is told, and on record") {
  ApiScene s;
  ApiClient c = s.signed_in("otto");
  struct Row {
    Result<KeyAnswer> answer;
    unsigned status;
  };
  const Row rows[] = {
      {KeyAnswer{false, "N1305-CUT does not cut"}, 409},
      {fail(Errc::unavailable, "gateway gw1 has not answered"), 503},
      {fail(Errc::not_found, "there is no gateway gw1"), 404},
  };
  for (const Row& row : rows) {
    s.key_answer = row.answer;
    const auto answer = c.post(path, body);
    CHECK(answer.status == row.status);
    CHECK(answer.json().at("message").as_string() ==
          (row.answer ? row.answer->message : row.answer.error().message));
  }
  s.key_answer.reset();
  CHECK(c.post(path, body).status == 503);
  CHECK(eventually([&] {
    c.get("/api/v1/session");
    return s.audit_actions().back() == "otto fan_key_refused";
  }));
}

TEST_CASE("fan key: without a lock or a reason nothing is sent") {
  ApiScene s;
  s.key_answer = KeyAnswer{true, ""};
  ApiClient c = s.signed_in("ada");
  const std::string long_text(201, 'x');
  for (const std::string& wrong :
       {std::string{"{}"}, std::string{R"({"lock":"F"})"}, std::string{R"({"lock":"F","reason":"  "})"},
        std::string{R"({"lock":"","reason":"r"})"}, std::string{R"({"lock":"F","reason":"r","give_back":1})"},
        R"({"lock":"F","reason":")" + long_text + "\"}"}) {
    CAPTURE(wrong);
    CHECK(c.post(path, wrong).status == 400);
  }
  CHECK(c.post("/api/v1/gateways//fan_key", body).status == 404);
  CHECK(s.keys.empty());
}
