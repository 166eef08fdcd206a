#include "tests/host/core/host_scene.hpp"

// Who is there, who is not, and what the host knows of itself.
using namespace davy;
using namespace std::chrono_literals;

namespace {
const GatewayStatus& status(HostScene& s, const std::string& name = "g1") {
  return s.listener->gateways.at(name);
}
}  // namespace

TEST_CASE("host: presence follows what is live, not what is retained") {
  HostScene s;
  TestGateway g{s.broker, "g1"};
  g.send_birth();
  g.send_state(s.now());
  s.start();
  s.run_for(1s);
  CHECK(status(s).presence == Presence::unknown);
  CHECK(s.listener->points.contains("g1-T0"));
  s.value(g, 0.5);
  CHECK(status(s).presence == Presence::online);
  g.send_state(s.now(), false, "connection lost");
  s.settle();
  CHECK(status(s).presence == Presence::offline);
  CHECK(status(s).reason == "connection lost");
  CHECK(s.listener->stands("g1", "offline"));
  s.run_for(1min);
  CHECK(status(s).presence == Presence::offline);
  CHECK_FALSE(s.listener->stands("g1", "silent"));
  CHECK(s.listener->count(Transition::raised, AlarmSource::blind) ==
        0);  // the one alarm stands for its points
  CHECK(status(s).blind_points == 1);
  g.send_state(s.now());
  s.settle();
  CHECK(status(s).presence == Presence::online);
  CHECK_FALSE(s.listener->stands("g1", "offline"));
}

TEST_CASE("host: a gateway that says nothing is silent, with one alarm for all its points") {
  HostScene s;
  s.start();
  TestGateway g{s.broker, "g1"};
  for (int i = 0; i < 20; ++i) {
    g.points.push_back(g.points[0]);
    g.points.back().name += std::to_string(i);
  }
  s.add(g);
  s.value(g, 0.5);
  s.run_for(19s);
  CHECK(status(s).presence == Presence::online);
  s.run_for(2s);
  CHECK(status(s).presence == Presence::silent);
  CHECK(s.listener->stands("g1", "silent"));
  CHECK(s.listener->count(Transition::raised, AlarmSource::blind) == 0);
  s.run_for(10min);
  CHECK(s.listener->count(Transition::raised, AlarmSource::gateway) == 1);
  s.value(g, 0.5);
  CHECK(status(s).presence == Presence::online);
  CHECK_FALSE(s.listener->stands("g1", "silent"));
}

TEST_CASE("host: a will that comes late does not hide a gateway that still sends") {
  HostScene s;
  s.start();
  TestGateway g{s.broker, "g1"};
  s.add(g);
  g.send_state(s.now(), false, "connection lost");
  s.settle();
  REQUIRE(status(s).presence == Presence::offline);
  s.run_for(100ms);
  s.value(g, 0.5);
  CHECK(status(s).presence == Presence::online);
}

TEST_CASE(
    "host: after a restart a gateway that never comes back is found missing, and what stood still stands") {
  HostScene s;
  s.start();
  TestGateway g{s.broker, "g1"};
  s.add(g);
  s.value(g, 1.5);
  REQUIRE(s.listener->count(Transition::raised) == 1);
  s.crash();
  s.broker.forget_retained();
  s.start();
  REQUIRE(s.listener->standing.size() == 1);
  CHECK(s.listener->points.contains("g1-T0"));
  CHECK(status(s).presence == Presence::unknown);
  s.run_for(25s);
  CHECK(status(s).presence == Presence::silent);
  CHECK(s.listener->stands("g1", "silent"));
  CHECK(s.listener->count(Transition::cleared) == 0);
  CHECK(s.listener->count(Transition::unknown) == 1);
  s.restart();
  s.run_for(25s);
  CHECK(status(s).presence == Presence::silent);
  CHECK(s.listener->count(Transition::raised, AlarmSource::gateway) == 0);  // it stands already
  CHECK(s.listener->standing.size() == 2);
}

TEST_CASE("host: without a broker one alarm says so; gateways get their time when it is back") {
  HostScene s;
  s.start();
  CHECK(s.core->broker_up());
  TestGateway one{s.broker, "g1"};
  TestGateway two{s.broker, "g2"};
  s.add(one);
  s.add(two);
  s.broker.refuse("not authorized");
  s.broker.cut_all();
  s.run_for(30s);
  CHECK_FALSE(s.core->broker_up());
  CHECK_FALSE(s.listener->health.broker_up);
  REQUIRE(s.listener->health.reasons.size() == 1);
  CHECK(s.listener->health.reasons[0].find("not authorized") != std::string::npos);
  CHECK(s.listener->stands("davy-host", "broker"));
  CHECK(s.listener->count(Transition::raised, AlarmSource::gateway) == 1);
  CHECK(s.listener->count(Transition::raised, AlarmSource::blind) == 0);
  CHECK(status(s, "g2").presence == Presence::silent);
  s.broker.refuse(std::nullopt);
  s.run_for(6s);
  CHECK(s.core->broker_up());
  CHECK(s.listener->health.reasons.empty());
  CHECK_FALSE(s.listener->stands("davy-host", "broker"));
  one.send_state(s.now());
  s.run_for(25s);
  CHECK(s.listener->stands("g2", "silent"));
}

TEST_CASE("host: reconnects with growing waits, and subscribes again") {
  HostScene s;
  s.start();
  s.broker.refuse("busy");
  s.broker.cut_all();
  const int before = s.link->connects();
  s.run_for(60s);
  CHECK(s.link->connects() - before >= 10);
  CHECK(s.link->connects() - before <= 25);
  s.broker.refuse(std::nullopt);
  s.run_for(7s);
  TestGateway g{s.broker, "g1"};
  s.add(g);
  s.value(g, 0.5);
  CHECK(s.acked(g).contains(1));
}

TEST_CASE("host: on coming to the broker it speaks first, to every gateway that is on line") {
  HostScene s;
  s.start();
  TestGateway known{s.broker, "g1"};
  TestGateway fresh{s.broker, "g2"};
  TestGateway gone{s.broker, "g3"};
  s.add(known);
  for (int i = 0; i < 3; ++i) s.value(known, 0.5);
  s.crash();
  fresh.send_birth();
  fresh.send_state(s.now());
  gone.send_birth();
  gone.send_state(s.now(), false, "stopped");
  const auto words = [&](const TestGateway& gateway) {
    return std::ranges::count(s.broker.log, gateway.topic_of(TopicKind::ack), &FakeBroker::Published::topic);
  };
  s.broker.log.clear();
  SUBCASE("a new host") { s.start(); }
  SUBCASE("the same host after the broker") {
    s.start();
    s.broker.cut_all();
    s.run_for(100ms);
    s.broker.log.clear();
    s.run_for(2s);
  }
  CHECK(words(known) == 1);
  CHECK(s.acked(known).ranges() == std::vector<Range>{{1, 3}});
  CHECK(words(fresh) == 1);
  CHECK(s.acked(fresh).empty());
  CHECK(words(gone) == 0);
  known.send_state(s.now());
  s.settle();
  CHECK(words(known) == 1);  // once is enough
}

TEST_CASE("host: a connection that breaks off again and again is an alarm, until it lasts") {
  HostScene s;
  s.start();
  s.run_for(11s);
  const int before = s.link->connects();
  for (int i = 1; i <= 6; ++i) {  // as another host of the same name would have it
    s.broker.cut_all();
    s.run_for(7s);
    CHECK(s.core->broker_up());
    CHECK(s.listener->stands("davy-host", "broker_unstable") == (i > 3));
  }
  CHECK(s.link->connects() - before == 6);
  CHECK(s.listener->count(Transition::raised, AlarmSource::gateway) == 1);
  CHECK(s.listener->health.reasons == std::vector<std::string>{"this host: broker_unstable: see its alarm"});
  SUBCASE("it lasts") { s.run_for(11s); }
  SUBCASE("it lasts after a restart") {
    s.restart();
    s.run_for(11s);
  }
  CHECK_FALSE(s.listener->stands("davy-host", "broker_unstable"));
  CHECK(s.listener->health.reasons.empty());
}

TEST_CASE("host: gaps, declared losses, and losses that came after all") {
  HostScene s;
  s.start();
  TestGateway g{s.broker, "g1"};
  s.add(g);
  std::vector<EncodedBlock> blocks;
  for (int i = 0; i < 9; ++i) {
    blocks.push_back(g.make(s.now(), {{0, 0.5}}));
    s.run_for(1s);
  }
  for (const std::size_t i : {0U, 1U, 5U, 8U}) g.send(blocks[i]);
  s.settle();
  const auto gaps = [&] { return s.reader()->gaps(wall_from_ms(0), s.clock.wall() + 1h).value(); };
  REQUIRE(gaps().size() == 1);
  CHECK(gaps()[0].gateway == "g1");
  CHECK(gaps()[0].missing == std::vector<Range>{{3, 5}, {7, 8}});
  s.run_for(1s);
  CHECK(status(s).missing_blocks == 5);
  Event dropped{
      .kind = EventKind::blocks_dropped, .at = s.clock.wall(), .first = 3, .last = 7, .text = "spool full"};
  g.send(g.make(s.now(), {}, {dropped}));
  s.settle();
  CHECK(s.listener->stands("g1", "lost"));
  REQUIRE(gaps().size() == 1);
  CHECK(gaps()[0].missing == std::vector<Range>{{8, 8}});
  REQUIRE(gaps()[0].lost.size() == 2);
  CHECK(gaps()[0].lost[0].seqs == Range{3, 5});
  CHECK(gaps()[0].lost[0].reason == "spool full");
  CHECK(gaps()[0].lost[1].seqs == Range{7, 7});
  for (const std::size_t i : {2U, 3U, 4U, 6U, 7U}) g.send(blocks[i]);
  s.run_for(2s);
  CHECK(gaps().empty());
  CHECK(status(s).missing_blocks == 0);
  CHECK(s.reader()->gaps(s.clock.wall() + 1h, s.clock.wall() + 2h).value().empty());
}

TEST_CASE("host: a spool that was replaced and readings that were lost are alarms of their gateway") {
  HostScene s;
  s.start();
  TestGateway g{s.broker, "g1"};
  s.add(g);
  g.send(g.make(s.now(), {},
                {{.kind = EventKind::spool_replaced, .at = s.clock.wall(), .text = "the old one was corrupt"},
                 {.kind = EventKind::input_lost, .at = s.clock.wall(), .first = 12, .text = "disk full"}}));
  s.settle();
  CHECK(s.listener->stands("g1", "spool_replaced"));
  CHECK(s.listener->stands("g1", "input_lost"));
  CHECK(s.listener->gateway_alarm("g1", "input_lost")->alarm.reason.find("12 readings") != std::string::npos);
  CHECK(s.number("SELECT count(*) FROM event") == 2);
}
