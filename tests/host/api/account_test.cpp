#include <algorithm>

#include <doctest/doctest.h>

#include "tests/host/api/api_scene.hpp"

using namespace davy;

namespace {
const std::string api = "/api/v1/";
}

TEST_CASE("account: sign in, be somebody, sign out") {
  ApiScene s;
  ApiClient c = s.client();
  CHECK(c.get(api + "session").status == 401);
  CHECK(c.login("otto", "wrong password").status == 401);
  const auto in = c.login("otto", "otto password");
  REQUIRE(in.status == 200);
  CHECK(in.json().at("role").as_string() == "operator");
  const std::string set = in.headers.at("Set-Cookie");
  for (const char* part : {"; HttpOnly", "; Secure", "; SameSite=Strict", "; Path=/", "; Max-Age=43200"}) {
    CHECK(set.find(part) != std::string::npos);
  }
  CHECK(c.get(api + "session").json().at("user").as_string() == "otto");
  const auto out = c.post(api + "logout", "{}");
  CHECK(out.status == 204);
  CHECK(c.get(api + "session").status == 401);
  CHECK(s.audit_actions() == std::vector<std::string>{"otto login_failed", "otto login", "otto logout"});
}

TEST_CASE("account: everything but login and health needs a session") {
  ApiScene s;
  ApiClient c = s.client();
  for (const char* path :
       {"session", "points", "latest", "gateways", "alarms", "journal", "trend?point=1", "gaps", "live"}) {
    CAPTURE(path);
    const auto answer = c.get(api + path);
    CHECK(answer.status == 401);
    CHECK(answer.json().at("error").as_string() == "unauthorized");
  }
  for (const char* path : {"logout", "password", "alarms/x/ack"})
    CHECK(c.post(api + path, "{}").status == 401);
  c.cookie = "davy_session=" + std::string(43, 'A');
  CHECK(c.get(api + "points").status == 401);
  const auto health = c.get(api + "health");
  CHECK(health.status == 200);
  CHECK(health.json().at("status").as_string() == "ok");
  CHECK(health.json().at("broker").as_string() == "up");
  CHECK(health.json().at("version").as_string() == "1.2.3");
}

TEST_CASE("account: a session outlives a restart of the host, its token is nowhere on disk") {
  ApiScene s;
  ApiClient c = s.signed_in("vera");
  const std::string token = c.cookie.substr(c.cookie.find('=') + 1);
  s.restart();
  ApiClient again = s.client();
  again.cookie = c.cookie;
  CHECK(eventually([&] { return again.get(api + "session").status == 200; }));
  for (const char* file : {"users.db", "users.db-wal"}) {
    std::ifstream in{s.folder.file(file), std::ios::binary};
    const std::string bytes{std::istreambuf_iterator<char>{in}, {}};
    CHECK(bytes.find(token) == std::string::npos);
  }
}

TEST_CASE("account: guessing is slowed down, for the right password too") {
  ApiScene s;
  ApiClient c = s.client();
  for (int i = 0; i < 5; ++i) CHECK(c.login("otto", "guess " + std::to_string(i)).status == 401);
  const auto refused = c.login("otto", "otto password");
  CHECK(refused.status == 429);
  CHECK(refused.json().at("error").as_string() == "too_many");
  CHECK(std::stoi(refused.headers.at("Retry-After")) >= 1);
}

TEST_CASE("account: a changed password ends the other sessions and no password is guessed this way") {
  ApiScene s;
  ApiClient desk = s.signed_in("otto");
  ApiClient other = s.signed_in("otto");
  const auto change = [&](const char* old, const char* fresh) {
    return desk.post(api + "password", json::serialize(json::object{{"old", old}, {"new", fresh}}));
  };
  CHECK(change("wrong", "brand new words").status == 403);
  const auto too_short = change("otto password", "short");
  CHECK(too_short.status == 400);
  CHECK(too_short.json().at("field").as_string() == "new");
  CHECK(change("otto password", "otto password").status == 400);
  CHECK(change("otto password", "brand new words").status == 204);
  CHECK(desk.get(api + "session").status == 200);
  CHECK(other.get(api + "session").status == 401);
  CHECK(s.client().login("otto", "otto password").status == 401);
  CHECK(s.client().login("otto", "brand new words").status == 200);
}

TEST_CASE("account: who has to change the password can do nothing else before") {
  ApiScene s;
  {
    auto users = UserStore::open(s.folder.file("users.db"), {.passes = 1, .memory = 8192});
    REQUIRE(users->add("neu", Role::operator_, "given password", true, s.clock.wall()));
  }
  ApiClient c = s.client();
  CHECK(c.login("neu", "given password").json().at("must_change_password").as_bool());
  CHECK(c.get(api + "points").status == 403);
  CHECK(LiveSocket(s.server->port(), c.cookie).status() == 403);
  CHECK(c.post(api + "password", R"({"old":"given password","new":"chosen by myself"})").status == 204);
  CHECK(c.get(api + "points").status == 200);
}

TEST_CASE("account: what the command line takes away is gone within seconds") {
  ApiScene s;
  ApiClient c = s.signed_in("vera");
  auto users = UserStore::open(s.folder.file("users.db"), {.passes = 1, .memory = 8192});
  REQUIRE(users->remove("vera"));
  LiveSocket pace{s.server->port(),
                  s.signed_in("otto").cookie};  // a frame a second: keeps the test from spinning
  CHECK(eventually([&] { return c.get(api + "session").status == 401 || !pace.frame("beat"); }));
  CHECK(c.get(api + "session").status == 401);
}

TEST_CASE("account: requests of other pages are refused") {
  ApiScene s;
  ApiClient c = s.signed_in("otto");
  const std::string ours = "https://" + s.url_host();
  CHECK(c.post(api + "logout", "{}", {{"Origin", "https://evil.example"}}).status == 403);
  CHECK(c.post(api + "logout", "{}", {{"Origin", "null"}}).status == 403);
  CHECK(c.post(api + "logout", "{}", {{"Content-Type", "text/plain"}}).status == 403);
  CHECK(c.post(api + "login", "{}", {{"Origin", "https://evil.example"}}).status == 403);
  CHECK(LiveSocket(s.server->port(), c.cookie, "https://evil.example").status() == 403);
  CHECK(LiveSocket(s.server->port(), "").status() == 401);
  CHECK(LiveSocket(s.server->port(), c.cookie, ours).status() == 101);
  CHECK(c.post(api + "logout", "{}", {{"Origin", ours}}).status == 204);
}
