#include <random>

#include <doctest/doctest.h>

#include "tests/host/api/api_scene.hpp"

using namespace davy;

TEST_CASE("hostile: what is no HTTP, or too much of it, is refused and the connection closed") {
  ApiScene s;
  struct Row {
    std::string bytes;
    const char* answer;  // how the answer begins; empty: none at all is fine
  };
  const Row rows[] = {
      {"rubbish\r\n\r\n", "HTTP/1.1 400"},
      {"GET / HTTP/9.9\r\n\r\n", "HTTP/1.1 400"},
      {"GET /%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "HTTP/1.1 400"},
      {"GET http://elsewhere/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "HTTP/1.1 400"},
      {"GET / HTTP/1.1\r\nX: " + std::string(20'000, 'a') + "\r\n\r\n", "HTTP/1.1 431"},
      {"GET /" + std::string(20'000, 'a') + " HTTP/1.1\r\n\r\n", "HTTP/1.1 431"},
      {"POST /api/v1/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: "
       "99999999\r\n\r\n",
       "HTTP/1.1 413"},
      {"POST /api/v1/login HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
       "HTTP/1.1 400"},
      {"POST /api/v1/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "HTTP/1.1 400"},
      {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "HTTP/1.1 400"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.bytes.substr(0, 60));
    const std::string answer = s.client().raw(row.bytes);
    CHECK(answer.substr(0, 12) == row.answer);
  }
  CHECK(s.client().get("/api/v1/health").status == 200);
}

TEST_CASE("hostile: no path leads out of the page's folder") {
  ApiScene s;
  std::ofstream{s.folder.file("secret.txt")} << "secret";
  ApiClient c = s.client();
  for (const char* path :
       {"/../secret.txt", "/..%2fsecret.txt", "/%2e%2e/secret.txt", "/assets/../../secret.txt",
        "//secret.txt", "/..%5csecret.txt", "/web-key.pem", "/users.db"}) {
    CAPTURE(path);
    const auto answer = c.get(path);
    CHECK(answer.status == 404);
    CHECK(answer.body.find("secret") == std::string::npos);
  }
}

TEST_CASE("hostile: every answer says what a browser must not do") {
  ApiScene s;
  ApiClient c = s.client();
  for (const char* path : {"/", "/assets/a.js", "/missing.js", "/api/v1/health", "/api/v1/points"}) {
    CAPTURE(path);
    const auto answer = c.get(path);
    CHECK(answer.headers.at("Content-Security-Policy").find("frame-ancestors 'none'") != std::string::npos);
    CHECK(answer.headers.at("X-Content-Type-Options") == "nosniff");
    CHECK(answer.headers.at("Referrer-Policy") == "no-referrer");
    CHECK(answer.headers.count("Strict-Transport-Security") == 1);
    CHECK(answer.headers.count("Cache-Control") == 1);
  }
  const auto head = c.send("HEAD", "/", "", {});
  CHECK(head.status == 200);
  CHECK(head.body.empty());
  CHECK(c.get("/api/v1/health").status == 200);  // the connection is still in step
}

TEST_CASE("hostile: bodies of random bytes never get past 400") {
  ApiScene s;
  ApiClient c = s.signed_in("otto");
  std::mt19937 random{3};
  for (int i = 0; i < 150; ++i) {
    std::string body(random() % 200, ' ');
    for (char& byte : body) byte = static_cast<char>(random());
    const char* paths[] = {"/api/v1/alarms/x/ack", "/api/v1/password"};
    CHECK(c.post(paths[random() % 2], body).status == 400);
  }
  CHECK(c.get("/api/v1/session").status == 200);
}

TEST_CASE("hostile: one address gets so many connections and no more") {
  ApiScene s;
  std::vector<ApiClient> held;
  int served = 0;
  for (int i = 0; i < 70; ++i) {
    held.push_back(s.client());
    served += held.back().get("/api/v1/health").status == 200 ? 1 : 0;
  }
  CHECK(served == 64);
  held.clear();
  ApiClient after = s.client();
  CHECK(eventually([&] { return after.get("/api/v1/health").status == 200; }));
}

TEST_CASE("hostile: a second server on the port is told so") {
  ApiScene s;
  auto users = UserStore::open(s.folder.file("users.db"), {.passes = 1, .memory = 8192});
  REQUIRE(users);
  const auto identity = self_signed_identity(s.folder.path(), {"localhost", "127.0.0.1"}, s.clock.wall());
  REQUIRE(identity);
  WebSettings web;
  web.port = s.server->port();
  const auto second =
      ApiServer::make({.web = web, .mine = "m", .version = "1", .identity = *identity, .page = {}},
                      std::move(*users), {}, s.clock);
  REQUIRE(second);
  const auto started = (*second)->start({});
  REQUIRE_FALSE(started);
  CHECK(started.error().code == Errc::conflict);
  CHECK(started.error().message.find("port " + std::to_string(web.port) + " is in use") != std::string::npos);
}
