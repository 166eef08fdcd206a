#include "host/api/live_hub.hpp"

#include <vector>

#include <doctest/doctest.h>

#include "host/api/json_view.hpp"
#include "proto/base/manual_clock.hpp"

using namespace davy;

namespace {

struct FakeClient final : LiveClient {
  void send(Frame frame) override {
    const std::string text = frame.head + *frame.tail;
    if (stuck) bytes += text.size();
    frames.push_back(json::parse(text).as_object());
  }
  std::size_t waiting_bytes() const override { return bytes; }
  std::optional<SteadyTime> stuck_since() const override { return stuck; }
  void cut(const std::string& why) override { cut_why = why; }

  std::vector<std::string> types() const {
    std::vector<std::string> out;
    for (const json::object& f : frames) out.emplace_back(f.at("type").as_string());
    return out;
  }
  std::vector<json::object> frames;
  std::size_t bytes = 0;
  std::optional<SteadyTime> stuck;
  std::string cut_why;
};

struct Scene {
  Scene() {
    for (std::uint32_t i = 1; i <= 3; ++i) {
      mirror.on_point({.id = HostPointId{i}, .gateway = "gw1", .point = {.name = "P" + std::to_string(i)}});
    }
  }
  std::shared_ptr<FakeClient> join() {
    auto client = std::make_shared<FakeClient>();
    hub.add(client, "session", read(clock));
    return client;
  }
  void value(std::uint32_t id, double v) {
    mirror.on_value({.point = HostPointId{id}, .value = v, .quality = {}, .received = clock.steady()});
    hub.on_value(HostPointId{id});
  }
  void alarm(std::uint64_t seq, std::size_t text = 10) {
    JournalEntry entry{
        .seq = seq, .alarm = {.occurrence = "a" + std::to_string(seq), .seq = seq, .point = HostPointId{1}}};
    entry.alarm.reason = std::string(text, 'x');
    mirror.on_alarm(entry);
    hub.on_alarm(entry, read(clock));
  }
  ManualClock clock;
  Mirror mirror;
  bool in_force = true;
  LiveHub hub{{"mine", "1"}, mirror, [this](const std::string&) { return in_force; }};
};

using Types = std::vector<std::string>;

}  // namespace

TEST_CASE("live: greets with everything, then numbers every frame without a gap") {
  Scene s;
  s.value(1, 0.5);
  s.alarm(7);
  const auto client = s.join();
  const json::object& hello = client->frames.at(0);
  CHECK(hello.at("mine").as_string() == "mine");
  CHECK(hello.at("points").as_array().size() == 3);
  CHECK(hello.at("values").as_array().size() == 1);
  CHECK(hello.at("alarms").as_array().size() == 1);
  s.alarm(8);
  s.hub.beat(read(s.clock));
  s.hub.on_gateway({.name = "gw1"}, read(s.clock));
  s.hub.on_points({HostPointId{2}}, read(s.clock));
  CHECK(client->types() == Types{"hello", "alarm", "beat", "gateway", "points"});
  for (std::size_t i = 0; i < client->frames.size(); ++i)
    CHECK(client->frames[i].at("seq").to_number<std::size_t>() == i + 1);
}

TEST_CASE("live: values are collected, the newest of each point only") {
  Scene s;
  const auto client = s.join();
  s.value(1, 0.1);
  s.value(1, 0.2);
  s.value(2, 0.3);
  CHECK(client->frames.size() == 1);
  s.hub.send_values(read(s.clock));
  s.hub.send_values(read(s.clock));
  CHECK(client->types() == Types{"hello", "values"});
  const json::array& values = client->frames[1].at("values").as_array();
  CHECK(values.size() == 2);
  CHECK(values.at(0).at("v").as_double() == 0.2);
}

TEST_CASE("live: a slow client gets its values together when it has caught up, and every alarm") {
  Scene s;
  const auto slow = s.join();
  const auto quick = s.join();
  slow->stuck = s.clock.steady();
  for (int i = 0; i < 10; ++i) {
    s.value(1, i);
    s.hub.send_values(read(s.clock));
  }
  s.value(3, 9);
  s.alarm(1);
  s.hub.send_values(read(s.clock));
  CHECK(slow->types() == Types{"hello", "alarm"});
  CHECK(quick->frames.size() == 13);
  slow->stuck.reset();
  s.hub.send_values(read(s.clock));
  REQUIRE(slow->types() == Types{"hello", "alarm", "values"});
  CHECK(slow->frames[2].at("values").as_array().size() == 2);
  CHECK(slow->frames[2].at("seq").to_number<int>() == 3);
}

TEST_CASE("live: one that holds up more than 4 MiB is cut off, the others are not") {
  Scene s;
  const auto slow = s.join();
  const auto quick = s.join();
  slow->stuck = s.clock.steady();
  for (std::uint64_t i = 1; i <= 50; ++i) s.alarm(i, 100'000);
  CHECK(slow->cut_why.empty());  // a burst of alarms is no crime
  s.clock.advance(Duration{5001});
  s.alarm(51);
  CHECK_FALSE(slow->cut_why.empty());
  CHECK(quick->cut_why.empty());
  CHECK(quick->frames.size() == 52);
  CHECK(s.hub.size() == 1);
}

TEST_CASE("live: one frame that is not taken for half a minute is enough") {
  Scene s;
  const auto slow = s.join();
  slow->stuck = s.clock.steady();
  s.clock.advance(Duration{30'001});
  s.hub.beat(read(s.clock));
  CHECK_FALSE(slow->cut_why.empty());
}

TEST_CASE("live: who is signed out is cut off, who has gone is forgotten") {
  Scene s;
  auto client = s.join();
  auto gone = s.join();
  gone.reset();
  s.hub.beat(read(s.clock));
  CHECK(s.hub.size() == 1);
  s.in_force = false;
  s.hub.beat(read(s.clock));
  CHECK(client->cut_why == "the session is over");
  CHECK(s.hub.size() == 0);
}
