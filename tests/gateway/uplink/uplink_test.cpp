#include "gateway/uplink/uplink.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <doctest/doctest.h>

#include "gateway/spool/memory_spool.hpp"
#include "proto/base/manual_clock.hpp"
#include "proto/link/fake_broker.hpp"
#include "proto/wire/topics.hpp"
#include "tests/gateway/spool/spool_samples.hpp"

using namespace davy;
using namespace std::chrono_literals;

namespace {

// A gateway's uplink, an in-memory broker, and a host that acks what it is told to.
struct Rig {
  explicit Rig(UplinkSettings more = {}, std::uint64_t seed = 1) : broker{seed}, spool{test::uuid_of(7)} {
    settings = more;
    settings.host = "broker";
    const EncodedBirth birth = encode_birth({.mine = "m", .gateway = "gw", .points = {}});
    static_cast<void>(spool.put_birth(birth.hash, birth.message));
    uplink.emplace(settings, UplinkIdentity{"m", "gw", 5, "1.0", birth, seed}, spool, link, read(clock));
    connect_host();
  }

  void connect_host() {
    REQUIRE(host.connect({.host = "broker", .client_id = "host"}));
    broker.step(clock.steady());
    REQUIRE(host.subscribe("davy/m/+/block"));
    REQUIRE(host.subscribe("davy/m/+/state"));
    REQUIRE(host.subscribe("davy/m/+/reply"));
    broker.step(clock.steady());
    std::vector<LinkEvent> ignored;
    host.poll(ignored);
  }

  void append(int count = 1) {
    for (int i = 0; i < count; ++i) {
      REQUIRE(spool.append(test::block_of(spool.state().next_seq, 40), false, test::noon));
    }
  }

  void run(Duration span, Duration step = 100ms) {
    for (const SteadyTime end = clock.steady() + span; clock.steady() < end; clock.advance(step)) tick();
  }

  void tick() {
    broker.step(clock.steady());
    uplink->step(read(clock));
    broker.step(clock.steady());
    host.poll(events);
    for (const LinkEvent& event : events) {
      const auto* message = std::get_if<LinkMessage>(&event);
      if (message == nullptr) continue;
      if (message->topic.ends_with("/reply")) replies.push_back(*decode_reply(message->payload));
      if (message->topic.ends_with("/state")) states.push_back(*decode_state(message->payload));
      if (!message->topic.ends_with("/block")) continue;
      const auto seq = static_cast<std::uint64_t>(std::stoull(message->payload.substr(6)));
      arrived.push_back(seq);
      if (acking && !poison.contains(seq)) ack({seq, seq});
    }
    events.clear();
  }

  void ack(Range range, std::uint8_t stream = 7) {
    REQUIRE(host.publish(1, "davy/m/gw/ack", encode_ack({{test::uuid_of(stream), {range}}}), false));
  }
  void command(const Command& command) {
    REQUIRE(host.publish(1, "davy/m/gw/command", encode_command(command), false));
  }
  long times(std::uint64_t seq) const { return std::ranges::count(arrived, seq); }

  ManualClock clock;
  FakeBroker broker;
  FakeLink link{broker};
  FakeLink host{broker};
  MemorySpool spool;
  UplinkSettings settings;
  std::optional<Uplink> uplink;
  bool acking = true;
  std::set<std::uint64_t> poison;  // never acked
  std::vector<std::uint64_t> arrived;
  std::vector<GatewayState> states;
  std::vector<Reply> replies;
  std::vector<LinkEvent> events;
};

}  // namespace

TEST_CASE("uplink: birth and state are retained, and every block is released by the host's ack") {
  Rig rig;
  rig.append(3);
  rig.run(1s);
  REQUIRE(rig.uplink->is_up());
  Hash hash{};
  const auto* birth = rig.broker.retained("davy/m/gw/birth");
  REQUIRE(birth != nullptr);
  CHECK(decode_birth(*birth, hash));
  CHECK(decode_state(*rig.broker.retained("davy/m/gw/state"))->online);
  CHECK(rig.spool.state().blocks == 0);
  rig.append();
  rig.run(300ms);
  CHECK(rig.times(4) == 1);
  CHECK(rig.spool.state().blocks == 0);
}

TEST_CASE("uplink: without the host's ack nothing is released, whatever the broker says") {
  Rig rig;
  rig.acking = false;
  rig.append(5);
  rig.run(10s);
  CHECK(rig.arrived.size() == 5);
  CHECK(rig.spool.state().blocks == 5);
  rig.ack({2, 3});
  rig.run(300ms);
  CHECK(rig.spool.state().blocks == 3);
  rig.ack({1, 99}, 8);  // another stream
  rig.ack({50, 99});    // never appended
  rig.run(300ms);
  CHECK(rig.spool.state().blocks == 3);
}

TEST_CASE(
    "uplink: after an outage the newest block goes first, new ones at once, the backlog behind at its rate") {
  Rig rig{{.window_blocks = 16, .backlog_blocks_per_s = 50}};
  rig.broker.set_reachable(false);
  rig.append(500);
  rig.run(30s);
  rig.broker.set_reachable(true);
  while (!rig.uplink->is_up()) rig.run(100ms);
  const SteadyTime up = rig.clock.steady();
  rig.run(1s);
  REQUIRE_FALSE(rig.arrived.empty());
  CHECK(rig.arrived.front() == 500);
  while (rig.spool.state().blocks > 0 && rig.clock.steady() - up < 60s) {
    rig.append();
    const std::uint64_t live = rig.spool.state().next_seq - 1;
    rig.run(200ms);
    CHECK(rig.times(live) == 1);  // whatever the backlog
  }
  const Duration took = rig.clock.steady() - up;
  CHECK(took >= 9s);  // 500 blocks at 50 a second
  CHECK(took <= 15s);
  CHECK(std::ranges::all_of(rig.arrived, [&](std::uint64_t seq) { return rig.times(seq) == 1; }));
  // The backlog itself in order.
  std::vector<std::uint64_t> backlog;
  std::ranges::copy_if(rig.arrived, std::back_inserter(backlog), [](auto seq) { return seq < 500; });
  CHECK(std::ranges::is_sorted(backlog));
}

TEST_CASE("uplink: a block that got lost goes again after ack_wait, and one that nobody takes is set aside") {
  Rig rig{{.window_blocks = 4, .ack_wait = 2s}};
  rig.run(1s);
  rig.broker.faults.drop = 1;
  rig.append();
  rig.run(500ms);
  rig.broker.faults.drop = 0;
  rig.append();
  rig.run(1s);
  CHECK(rig.times(1) == 0);
  CHECK(rig.times(2) == 1);
  rig.run(2s);
  CHECK(rig.times(1) == 1);
  CHECK(rig.spool.state().blocks == 0);

  rig.poison = {3, 4, 5, 6};  // as many as the window holds
  rig.append(4);
  for (int i = 0; i < 60; ++i) {
    rig.append();
    rig.run(1s);
  }
  for (const std::uint64_t seq : rig.poison) {
    CHECK(rig.times(seq) >= 2);
    CHECK(rig.times(seq) <= SendWindow::stubborn_after + 1);
  }
  CHECK(rig.spool.state().blocks <= 4 + 1);  // the rest went through
}

TEST_CASE(
    "uplink: a host that is away for a day is probed, not flooded, and the newest comes first when it is "
    "back") {
  Rig rig{{.ack_wait = 30s}};
  rig.run(1s);
  rig.host.disconnect();
  rig.broker.log.clear();
  for (int minute = 0; minute < 24 * 60; ++minute) {
    rig.append();
    rig.run(60s, 1s);
  }
  const auto sent =
      std::ranges::count_if(rig.broker.log, [](const auto& m) { return m.topic == "davy/m/gw/block"; });
  CHECK(sent < 24 * 60);  // fewer than there were blocks
  rig.connect_host();
  rig.arrived.clear();
  rig.append();
  const std::uint64_t newest = rig.spool.state().next_seq - 1;
  REQUIRE(rig.host.publish(1, "davy/m/gw/ack", encode_ack({}), false));  // any word will do
  rig.run(1s);
  REQUIRE_FALSE(rig.arrived.empty());
  CHECK(rig.arrived.front() == newest);
  rig.run(60s);
  CHECK(rig.spool.state().blocks == 0);
}

TEST_CASE("uplink: cut in the middle of a window, nothing is lost and the state tells it") {
  Rig rig{{.ack_wait = 5s}};
  rig.run(1s);
  for (int i = 0; i < 20; ++i) {
    rig.append(10);
    rig.run(200ms);
    rig.broker.cut("gw");
    rig.run(1s);
    CHECK_FALSE(rig.states.back().online);
    while (!rig.uplink->is_up()) rig.run(1s);
    rig.run(1s);
    CHECK(rig.states.back().online);
  }
  rig.run(60s);
  CHECK(rig.spool.state().blocks == 0);
  const std::set<std::uint64_t> once{rig.arrived.begin(), rig.arrived.end()};
  CHECK(once.size() == 200);
}

TEST_CASE("uplink: waits grow, spread, and start over only after a stable link") {
  Rig rig;
  rig.broker.set_kick_after_connect(true);
  rig.run(600s, 1s);
  CHECK(rig.link.connects() < 25);  // ten minutes of a broker that drops us at once
  rig.broker.set_kick_after_connect(false);
  rig.run(120s, 1s);
  CHECK(rig.uplink->is_up());
  // Two hundred that lose one broker together do not come back together.
  std::map<std::int64_t, int> per_second;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    Backoff backoff{seed};
    backoff.on_up(steady_from_ms(0));
    SteadyTime at = steady_from_ms(100'000) + backoff.on_down(steady_from_ms(100'000));
    at += backoff.on_down(at);
    at += backoff.on_down(at);
    ++per_second[to_ms(at) / 1000];
  }
  CHECK(std::ranges::max_element(per_second, {}, [](const auto& s) { return s.second; })->second < 40);
}

TEST_CASE("uplink: commands are answered, and a wanted birth is published before the blocks go again") {
  Rig rig;
  rig.acking = false;
  const EncodedBirth old = encode_birth({.mine = "m", .gateway = "gw", .points = {Point{.name = "before"}}});
  REQUIRE(rig.spool.put_birth(old.hash, old.message));
  rig.append(2);
  rig.run(1s);
  rig.broker.log.clear();
  rig.arrived.clear();
  rig.command({.id = "1", .operator_name = "davy-host", .kind = CommandKind::rebirth, .birth = old.hash});
  rig.run(1s);
  REQUIRE(rig.replies.size() == 1);
  CHECK(rig.replies[0].outcome == Outcome::done);
  const auto birth_at = std::ranges::find(rig.broker.log, "davy/m/gw/birth", &FakeBroker::Published::topic);
  const auto block_at = std::ranges::find(rig.broker.log, "davy/m/gw/block", &FakeBroker::Published::topic);
  REQUIRE(birth_at != rig.broker.log.end());
  CHECK_FALSE(birth_at->retained);
  CHECK(birth_at < block_at);
  CHECK(rig.arrived.size() == 2);

  rig.command(
      {.id = "2", .operator_name = "davy-host", .kind = CommandKind::rebirth, .birth = hash_of("nobody's")});
  rig.command({.id = "3", .operator_name = "davy-host", .kind = CommandKind::unknown});
  rig.command({.id = "4",
               .expires_at = rig.clock.wall() - 1s,
               .operator_name = "davy-host",
               .kind = CommandKind::rebirth});
  REQUIRE(rig.host.publish(1, "davy/m/gw/command", "rubbish", false));
  REQUIRE(rig.host.publish(1, "davy/m/gw/ack", "rubbish", false));
  rig.run(1s);
  REQUIRE(rig.replies.size() == 4);
  CHECK(rig.replies[1].outcome == Outcome::refused);
  CHECK(rig.replies[2].outcome == Outcome::unknown_command);
  CHECK(rig.replies[3].outcome == Outcome::expired);
  CHECK(rig.uplink->stats().bad_messages == 2);
}

TEST_CASE("uplink: a clean stop says good-bye with its reason and does not wait for ever") {
  Rig rig;
  rig.append();
  rig.run(1s);
  rig.uplink->stop(read(rig.clock), "SIGTERM");
  rig.run(500ms);
  CHECK(rig.uplink->is_stopped());
  CHECK_FALSE(rig.states.back().online);
  CHECK(rig.states.back().reason == "SIGTERM");

  Rig dead;
  dead.run(1s);
  dead.broker.silence("gw");
  dead.uplink->stop(read(dead.clock), "SIGTERM");
  dead.run(2s);
  CHECK(dead.uplink->is_stopped());
}

TEST_CASE("uplink: a spool that cannot be read is tried again, and what it no longer has is passed over") {
  Rig rig;
  rig.append(3);
  rig.spool.fail_with(Error{Errc::unavailable, "I/O error"});
  rig.run(5s);
  CHECK(rig.arrived.empty());
  CHECK(rig.spool.reads() < 20);
  rig.spool.fail_with(std::nullopt);
  REQUIRE(rig.spool.release({{2, 2}}));
  rig.run(5s);
  CHECK(rig.spool.state().blocks == 0);
  CHECK(rig.times(2) == 0);
}

namespace {
struct Locks final : FanKeys {
  std::vector<FanKeyAsk> asked;
  std::vector<Reply> answers;
  bool full = false;
  bool ask(FanKeyAsk ask) override {
    if (!full) asked.push_back(std::move(ask));
    return !full;
  }
  void take_answers(std::vector<Reply>& out) override { out = std::exchange(answers, {}); }
};

Command key(const Rig& rig, const std::string& id) {
  return {.id = id,
          .issued_at = rig.clock.wall(),
          .expires_at = rig.clock.wall() + 15s,
          .operator_name = "otto",
          .reason = "plan 7",
          .kind = CommandKind::fan_key,
          .lock = "F"};
}
}  // namespace

TEST_CASE("uplink: a fan key goes to the locks once, and their answer to the host") {
  Rig rig;
  Locks locks;
  rig.uplink->set_fan_keys(locks);
  rig.run(1s);
  rig.command(key(rig, "1"));
  rig.command(key(rig, "1"));  // delivered twice
  rig.run(1s);
  REQUIRE(locks.asked.size() == 1);
  CHECK(locks.asked[0].lock == "F");
  CHECK(locks.asked[0].user == "otto");
  CHECK(locks.asked[0].reason == "plan 7");
  CHECK(rig.replies.empty());
  locks.answers = {{"1", Outcome::refused, "the cutter does not cut"}};
  rig.run(1s);
  REQUIRE(rig.replies.size() == 1);
  CHECK(rig.replies[0].outcome == Outcome::refused);
  rig.command(key(rig, "1"));  // and once more: the same answer, no second key
  rig.run(1s);
  CHECK(locks.asked.size() == 1);
  REQUIRE(rig.replies.size() == 2);
  CHECK(rig.replies[1].message == "the cutter does not cut");
}
