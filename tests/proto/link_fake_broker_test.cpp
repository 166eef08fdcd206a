#include <set>

#include <doctest/doctest.h>

#include "proto/link/fake_broker.hpp"

using namespace davy;

namespace {

constexpr SteadyTime start{Duration{1'000'000}};

LinkSettings settings(const std::string& id) {
  return {.host = "broker",
          .client_id = id,
          .keep_alive_s = 10,
          .will_topic = "will/" + id,
          .will_payload = "gone"};
}

std::vector<LinkEvent> polled(FakeLink& link) {
  std::vector<LinkEvent> out;
  link.poll(out);
  return out;
}

template <typename T>
std::vector<T> only(const std::vector<LinkEvent>& events) {
  std::vector<T> out;
  for (const auto& event : events) {
    if (const auto* it = std::get_if<T>(&event)) out.push_back(*it);
  }
  return out;
}

struct Pair {
  explicit Pair(std::uint64_t seed = 1) : broker{seed}, a{broker}, b{broker} {
    REQUIRE(a.connect(settings("a")));
    REQUIRE(b.connect(settings("b")));
    broker.step(start);
    polled(a);
    polled(b);
  }
  FakeBroker broker;
  FakeLink a;
  FakeLink b;
};

}  // namespace

TEST_CASE("fake broker: filters match as MQTT says") {
  struct Row {
    const char* filter;
    const char* topic;
    bool matches;
  };
  constexpr Row rows[] = {
      {"davy/m/+/block", "davy/m/g1/block", true},
      {"davy/m/+/block", "davy/m/g1/birth", false},
      {"davy/m/+/block", "davy/m/block", false},
      {"davy/m/+", "davy/m/g/block", false},
      {"davy/#", "davy/m/g/block", true},
      {"a", "a", true},
      {"a", "ab", false},
      {"+/b", "/b", true},
      {"a/b/c", "a/b", false},
  };
  for (const auto& row : rows) {
    CAPTURE(row.filter);
    CAPTURE(row.topic);
    CHECK(topic_matches(row.filter, row.topic) == row.matches);
  }
}

TEST_CASE("fake broker: a message reaches those who asked for it, and the sender gets its PUBACK") {
  Pair p;
  REQUIRE(p.b.subscribe("x/+"));
  p.broker.step(start);
  REQUIRE(p.a.publish(7, "x/1", "hello", false));
  REQUIRE(p.a.publish(8, "y/1", "not for b", false));
  p.broker.step(start);
  const auto sent = only<LinkSent>(polled(p.a));
  REQUIRE(sent.size() == 2);
  CHECK(sent[0].token == 7);
  const auto got = only<LinkMessage>(polled(p.b));
  REQUIRE(got.size() == 1);
  CHECK(got[0].topic == "x/1");
  CHECK(got[0].payload == "hello");
  CHECK_FALSE(got[0].retained);
}

TEST_CASE("fake broker: a retained message waits for subscribers, until it is cleared by an empty one") {
  Pair p;
  REQUIRE(p.a.publish(1, "r", "kept", true));
  p.broker.step(start);
  REQUIRE(p.b.subscribe("r"));
  p.broker.step(start);
  const auto got = only<LinkMessage>(polled(p.b));
  REQUIRE(got.size() == 1);
  CHECK(got[0].retained);
  REQUIRE(p.a.publish(2, "r", "", true));
  p.broker.step(start);
  CHECK(p.broker.retained("r") == nullptr);
}

TEST_CASE("fake broker: who vanishes leaves a will, who says good-bye does not") {
  Pair p;
  REQUIRE(p.b.subscribe("will/+"));
  p.broker.step(start);
  SUBCASE("cut") {
    p.broker.cut("a", "cable");
    p.broker.step(start);
    const auto down = only<LinkDown>(polled(p.a));
    REQUIRE(down.size() == 1);
    CHECK(down[0].reason == "cable");
    CHECK_FALSE(p.a.publish(1, "t", "", false));
    const auto got = only<LinkMessage>(polled(p.b));
    REQUIRE(got.size() == 1);
    CHECK(got[0].payload == "gone");
    CHECK(*p.broker.retained("will/a") == "gone");
  }
  SUBCASE("destroyed like a killed process") {
    {
      FakeLink c{p.broker};
      REQUIRE(c.connect(settings("c")));
      p.broker.step(start);
    }
    p.broker.step(start);
    CHECK(only<LinkMessage>(polled(p.b)).size() == 1);
  }
  SUBCASE("good-bye") {
    p.a.disconnect();
    p.broker.step(start);
    CHECK(polled(p.a).empty());
    CHECK(polled(p.b).empty());
    CHECK_FALSE(p.broker.connected("a"));
  }
  SUBCASE("a second client of the same name throws the first out") {
    FakeLink twin{p.broker};
    REQUIRE(twin.connect(settings("a")));
    p.broker.step(start);
    CHECK(only<LinkDown>(polled(p.a)).size() == 1);
    CHECK(only<LinkUp>(polled(twin)).size() == 1);
    CHECK(p.broker.connected("a"));
  }
  SUBCASE("silence is noticed by keep-alive, by the broker later") {
    p.broker.silence("a");
    REQUIRE(p.a.publish(1, "will/x", "swallowed", false));
    p.broker.step(start + Duration{9'999});
    CHECK(polled(p.a).empty());
    p.broker.step(start + Duration{10'000});
    CHECK(only<LinkDown>(polled(p.a)).size() == 1);
    CHECK(polled(p.b).empty());
    p.broker.step(start + Duration{15'000});
    const auto got = only<LinkMessage>(polled(p.b));
    REQUIRE(got.size() == 1);
    CHECK(got[0].topic == "will/a");
  }
}

TEST_CASE("fake broker: refusing, unreachable and kicking brokers") {
  FakeBroker broker;
  FakeLink link{broker};
  SUBCASE("refuses") {
    broker.refuse("not authorised");
    REQUIRE(link.connect(settings("a")));
    broker.step(start);
    CHECK(only<LinkDown>(polled(link)).size() == 1);
  }
  SUBCASE("unreachable") {
    broker.step(start);
    broker.set_reachable(false);
    REQUIRE(link.connect(settings("a")));
    CHECK(broker.next_due() == start + FakeBroker::connect_wait);
    broker.step(start + FakeBroker::connect_wait);
    CHECK(only<LinkDown>(polled(link)).size() == 1);
  }
  SUBCASE("kicks after CONNACK") {
    broker.set_kick_after_connect(true);
    REQUIRE(link.connect(settings("a")));
    broker.step(start);
    const auto events = polled(link);
    CHECK(only<LinkUp>(events).size() == 1);
    CHECK(only<LinkDown>(events).size() == 1);
    CHECK(*broker.retained("will/a") == "gone");
  }
}

TEST_CASE("fake broker: faults drop, double and reorder, the same way for the same seed") {
  const auto run = [](std::uint64_t seed) {
    Pair p{seed};
    REQUIRE(p.b.subscribe("#"));
    p.broker.step(start);
    p.broker.faults = {.drop = 0.2, .duplicate = 0.2, .delay_min = Duration{5}, .delay_max = Duration{50}};
    for (int i = 0; i < 100; ++i) REQUIRE(p.a.publish(1, "t", std::to_string(i), false));
    p.broker.step(start + Duration{4});
    CHECK(polled(p.b).empty());
    p.broker.step(start + Duration{100});
    std::vector<std::string> order;
    for (const auto& message : only<LinkMessage>(polled(p.b))) order.push_back(message.payload);
    CHECK(only<LinkSent>(polled(p.a)).size() == 100);
    return order;
  };
  const auto order = run(3);
  CHECK(order == run(3));
  CHECK(order != run(4));
  const std::set<std::string> distinct{order.begin(), order.end()};
  CHECK(distinct.size() < 100);
  CHECK(distinct.size() > 60);
  CHECK(order.size() > distinct.size());
}
