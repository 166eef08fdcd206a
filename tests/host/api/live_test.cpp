#include <doctest/doctest.h>

#include "tests/host/api/api_scene.hpp"

using namespace davy;

TEST_CASE("live: greeting, values, alarms at once, beats, in sequence") {
  ApiScene s;
  s.read_value(1, 0.5);
  ApiClient c = s.signed_in("otto");
  CHECK(eventually([&] { return c.get("/api/v1/latest").json().at("values").as_array().size() == 1; }));
  LiveSocket live{s.server->port(), c.cookie};
  REQUIRE(live.status() == 101);
  const auto hello = live.frame();
  REQUIRE(hello);
  CHECK(hello->at("type").as_string() == "hello");
  CHECK(hello->at("mine").as_string() == "test");
  CHECK(hello->at("points").as_array().size() == 2);
  CHECK(hello->at("values").as_array().size() == 1);

  s.read_value(2, 1.7);
  bool value = false;
  bool alarm = false;
  bool beat = false;
  std::uint64_t seq = 1;
  for (int i = 0; i < 20 && !(value && alarm && beat); ++i) {
    const auto frame = live.frame();
    REQUIRE(frame);
    CHECK(frame->at("seq").to_number<std::uint64_t>() == ++seq);
    const auto& type = frame->at("type").as_string();
    if (type == "values") {
      for (const auto& told : frame->at("values").as_array())
        value |= told.at("v").to_number<double>() == 1.7;
    }
    beat |= type == "beat";
    if (type != "alarm") continue;
    alarm = true;
    CHECK(frame->at("alarm").at("state").as_string() == "unacknowledged");
    CHECK(frame->at("entry").at("kind").as_string() == "raised");
    CHECK(frame->at("entry").at("unit").as_string() == "%CH4");
  }
  CHECK(value);
  CHECK(alarm);
  CHECK(beat);
  CHECK(live.send(R"({"type":"alive"})"));

  // What one desk acknowledges every desk sees.
  const Alarm standing = s.only_alarm();
  CHECK(c.post("/api/v1/alarms/" + standing.occurrence + "/ack",
               "{\"seq\":" + std::to_string(standing.seq) + "}")
            .status == 200);
  const auto acked = live.frame("alarm");
  REQUIRE(acked);
  CHECK(acked->at("alarm").at("acked_by").as_string() == "otto");
}

TEST_CASE("live: a burst of ten thousand alarms reaches every client, none lost") {
  ApiScene s;
  LiveSocket live{s.server->port(), s.signed_in("vera").cookie};
  REQUIRE(live.frame("hello"));
  constexpr std::uint64_t count = 10'000;
  for (std::uint64_t i = 1; i <= count; ++i) {
    JournalEntry entry{.seq = i, .alarm = {.occurrence = "o" + std::to_string(i), .seq = i, .name = "P"}};
    s.server->on_alarm(entry);
  }
  for (std::uint64_t i = 1; i <= count; ++i) {
    const auto frame = live.frame("alarm");
    REQUIRE(frame);
    REQUIRE(frame->at("alarm").at("seq").to_number<std::uint64_t>() == i);
  }
}

TEST_CASE("live: signing out ends it") {
  ApiScene s;
  ApiClient c = s.signed_in("vera");
  LiveSocket live{s.server->port(), c.cookie};
  REQUIRE(live.frame("hello"));
  CHECK(c.post("/api/v1/logout", "{}").status == 204);
  while (live.frame()) {}
  CHECK(live.close_reason() == "the session is over");
}

TEST_CASE("live: what a page sends is bounded") {
  ApiScene s;
  ApiClient c = s.signed_in("vera");
  LiveSocket live{s.server->port(), c.cookie};
  REQUIRE(live.frame("hello"));
  live.send(std::string(100'000, 'x'));
  while (live.frame()) {}
  CHECK(c.get("/api/v1/session").status == 200);
}

TEST_CASE("live: the server can end while pages are open") {
  ApiScene s;
  LiveSocket live{s.server->port(), s.signed_in("vera").cookie};
  ApiClient idle = s.client();
  CHECK(idle.get("/api/v1/health").status == 200);
  REQUIRE(live.frame("hello"));
  s.server.reset();
  while (live.frame()) {}
  CHECK(idle.get("/api/v1/health").status == 0);
}
