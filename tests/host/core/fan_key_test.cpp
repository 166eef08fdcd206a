#include "tests/host/core/host_scene.hpp"

// Fan keys: from a person to a gateway, and its answer back.
using namespace davy;
using namespace std::chrono_literals;

namespace {

// A gateway that hears commands.
struct Listening {
  explicit Listening(HostScene& s) : scene{s}, gateway{s.broker, "g1"}, link{s.broker} {
    REQUIRE(link.connect({.host = "broker", .client_id = "g1"}));
    scene.settle();
    REQUIRE(link.subscribe(gateway.topic_of(TopicKind::command)));
    scene.add(gateway);
  }
  std::optional<Command> heard() {
    std::vector<LinkEvent> events;
    link.poll(events);
    std::optional<Command> out;
    for (const LinkEvent& event : events) {
      const auto* message = std::get_if<LinkMessage>(&event);
      if (message == nullptr) continue;
      if (const auto command = decode_command(message->payload); command) out = *command;
    }
    return out;
  }
  HostScene& scene;
  TestGateway gateway;
  FakeLink link;
};

struct Asked {
  std::optional<Result<KeyAnswer>> got;
  FanKeyRequest request(const std::string& gateway) {
    return {gateway, "F", "otto", "plan 7", false, [this](Result<KeyAnswer> r) { got = std::move(r); }};
  }
};

}  // namespace

TEST_CASE("host: a fan key goes to its gateway with person, reason and expiry, and the answer comes back") {
  HostScene s;
  s.start();
  Listening g{s};
  Asked asked;
  REQUIRE(s.core->use_fan_key(asked.request("g1")));
  CHECK(s.core->next_due() <= s.clock.steady());
  s.settle();
  const auto command = g.heard();
  REQUIRE(command);
  CHECK(command->kind == CommandKind::fan_key);
  CHECK(command->lock == "F");
  CHECK(command->operator_name == "otto");
  CHECK(command->reason == "plan 7");
  CHECK(command->expires_at - command->issued_at == 15s);
  CHECK_FALSE(asked.got);
  g.gateway.send(TopicKind::reply, encode_reply({"another", Outcome::done, ""}));
  TestGateway other{s.broker, "g2"};
  other.send(TopicKind::reply, encode_reply({command->id, Outcome::done, "not its own"}));
  s.settle();
  CHECK_FALSE(asked.got);
  g.gateway.send(TopicKind::reply, encode_reply({command->id, Outcome::refused, "N1305-CUT does not cut"}));
  s.settle();
  REQUIRE(asked.got);
  REQUIRE(*asked.got);
  CHECK_FALSE((*asked.got)->done);
  CHECK((*asked.got)->message == "N1305-CUT does not cut");
}

TEST_CASE("host: a fan key for nobody, or without an answer, is told so") {
  HostScene s;
  s.start();
  Listening g{s};
  Asked nobody;
  Asked silent;
  REQUIRE(s.core->use_fan_key(nobody.request("g9")));
  REQUIRE(s.core->use_fan_key(silent.request("g1")));
  s.settle();
  REQUIRE(nobody.got);
  CHECK(nobody.got->error().code == Errc::not_found);
  CHECK_FALSE(silent.got);
  for (int i = 0; i < 21; ++i) {
    s.clock.advance(1s);
    s.core->step(s.now());
  }
  REQUIRE(silent.got);
  CHECK(silent.got->error().code == Errc::unavailable);
}
