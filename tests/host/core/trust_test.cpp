#include "tests/host/core/host_scene.hpp"

// What cannot be trusted is neither stored nor acked, and somebody is told.
using namespace davy;
using namespace std::chrono_literals;

namespace {
// Nothing of it may have any effect but quarantine and an alarm.
void check_distrusted(HostScene& s, const TestGateway& g, const std::string& reason) {
  CHECK(s.blocks() == 0);
  CHECK(s.acked(g).empty());
  CHECK(s.number("SELECT count(*) FROM quarantine") == 1);
  REQUIRE(s.listener->stands(g.name(), "untrusted"));
  CAPTURE(s.listener->gateway_alarm(g.name(), "untrusted")->alarm.reason);
  CHECK(s.listener->gateway_alarm(g.name(), "untrusted")->alarm.reason.find(reason) != std::string::npos);
  CHECK_FALSE(s.listener->health.reasons.empty());
  s.run_for(1s);
  CHECK(s.listener->gateways.at(g.name()).quarantined_blocks == 1);
}
}  // namespace

TEST_CASE("host: untrustworthy blocks go to quarantine") {
  HostScene s;
  s.start();
  TestGateway g{s.broker, "g1"};
  s.add(g);
  EncodedBlock block = g.make(s.now(), {{0, 0.4}});
  SUBCASE("a bit is wrong") {
    block.envelope[block.envelope.size() / 2] ^= 1;
    g.send(block);
    s.settle();
    check_distrusted(s, g, "block: ");
  }
  SUBCASE("it says it is from somebody else") {
    TestGateway other{s.broker, "g2"};
    g.send(TopicKind::block, other.make(s.now(), {{0, 3.0}}).envelope);
    s.settle();
    check_distrusted(s, g, "gateway 'g2'");
  }
  SUBCASE("it is too big") {
    g.send(TopicKind::block, std::string(envelope_size_max + 1, 'x'));
    s.settle();
    check_distrusted(s, g, "too many");
  }
  SUBCASE("it names a point that its birth does not have") {
    g.send(g.make(s.now(), {{7, 0.4}}));
    s.settle();
    check_distrusted(s, g, "does not have");
  }
  SUBCASE("a birth of another mine") {
    g.send(TopicKind::birth, encode_birth({"south", "g1", g.points}).message);
    s.settle();
    check_distrusted(s, g, "south");
  }
  SUBCASE("a birth that is none") {
    g.send(TopicKind::birth, "rubbish");
    s.settle();
    check_distrusted(s, g, "birth: ");
  }
  SUBCASE("a state of another gateway") {
    TestGateway other{s.broker, "g2"};
    g.send(TopicKind::state, encode_state(other.state(s.now())));
    s.settle();
    check_distrusted(s, g, "state: ");
  }
}

TEST_CASE("host: rubbish that keeps coming is counted, and the alarm clears when it stops") {
  HostScene s;
  s.start();
  TestGateway g{s.broker, "g1"};
  s.add(g);
  for (int i = 0; i < 50; ++i) {
    g.send(TopicKind::block, "rubbish");
    g.send_state(s.now());
    s.run_for(100ms);
  }
  CHECK(s.number("SELECT count(*) FROM quarantine") == 1);
  CHECK(s.number("SELECT count FROM quarantine") >= 40);
  s.run_for(1s);
  CHECK(s.listener->gateways.at("g1").quarantined_blocks == 50);
  CHECK(s.listener->count(Transition::raised, AlarmSource::gateway) == 1);
  for (int i = 0; i < 70; ++i) {
    g.send_state(s.now());
    s.run_for(1s);
  }
  CHECK_FALSE(s.listener->stands("g1", "untrusted"));
  CHECK(s.listener->gateway_alarm("g1", "untrusted")->alarm.state == AlarmState::rtn_unacknowledged);
  CHECK(s.listener->health.reasons.empty());
}

TEST_CASE("host: a block of an unknown birth waits for the birth") {
  HostScene s;
  s.start();
  TestGateway g{s.broker, "g1"};
  g.send_state(s.now());
  const EncodedBlock block = g.make(s.now(), {{0, 0.4}});
  for (int i = 0; i < 10; ++i) g.send(block);
  s.settle();
  CHECK(s.blocks() == 0);
  CHECK(s.acked(g).empty());
  CHECK(s.number("SELECT count(*) FROM quarantine") == 0);
  REQUIRE(s.commands(g).size() == 1);
  CHECK(s.commands(g)[0].kind == CommandKind::rebirth);
  CHECK(s.commands(g)[0].birth == g.birth().hash);
  g.send_birth();
  g.send(block);
  s.settle();
  CHECK(s.blocks() == 1);
  CHECK(s.acked(g).contains(1));
  CHECK(s.latest("g1-T0").value == 0.4);
}

TEST_CASE("host: an old birth that old blocks need does not become the one in force") {
  HostScene s;
  s.start();
  TestGateway g{s.broker, "g1"};
  const EncodedBirth old = g.birth();
  s.clock.advance(1h);
  const EncodedBlock old_block = g.make({s.clock.steady() - 30min, s.clock.wall() - 30min}, {{0, 0.4}});
  Point second = g.points[0];
  second.name = "g1-T1";
  g.points.insert(g.points.begin(), second);
  s.add(g);
  g.send(old_block);
  s.settle();
  REQUIRE(s.commands(g).size() == 1);
  CHECK(s.commands(g)[0].birth == old.hash);
  g.send(TopicKind::birth, old.message);
  g.send(old_block);
  s.settle();
  CHECK(s.acked(g).contains(1));
  CHECK_FALSE(s.listener->points.at("g1-T1").withdrawn);
  CHECK(s.listener->points.at("g1-T1").point == second);
}

TEST_CASE("host: a number that comes again with other content is a forgery or a copied box, and not acked") {
  HostScene s;
  s.start();
  TestGateway g{s.broker, "g1"};
  s.add(g);
  g.send(g.make(s.now(), {{0, 0.4}}));
  s.settle();
  Block forged;
  forged.header = g.header(s.now());
  forged.header.seq = Seq{1};
  forged.header.previous = {};
  forged.samples = {{PointIndex{0}, 0.1, {}, s.clock.wall()}};
  const auto acks =
      std::ranges::count(s.broker.log, g.topic_of(TopicKind::ack), &FakeBroker::Published::topic);
  g.send(TopicKind::block, BlockEncoder{}.encode(forged).envelope);
  s.settle();
  CHECK(s.blocks() == 1);
  CHECK(std::ranges::count(s.broker.log, g.topic_of(TopicKind::ack), &FakeBroker::Published::topic) == acks);
  CHECK(s.listener->stands("g1", "untrusted"));
}

TEST_CASE("host: a chain that does not fit is stored and reported") {
  HostScene s;
  s.start();
  TestGateway g{s.broker, "g1"};
  s.add(g);
  SUBCASE("against the block before") {
    s.value(g, 0.4);
    Block next;
    next.header = g.header(s.now());
    next.header.previous[0] ^= 1;
    g.send(g.seal(next));
    s.settle();
    CHECK(s.blocks() == 2);
    CHECK(s.listener->stands("g1", "chain"));
  }
  SUBCASE("against the block after, also from the history") {
    const EncodedBlock first = g.make(s.now(), {{0, 0.4}});
    Block second;
    second.header = g.header(s.now());
    second.header.previous[0] ^= 1;
    g.send(g.seal(second));
    s.settle();
    s.restart();
    CHECK_FALSE(s.listener->stands("g1", "chain"));
    g.send(first);
    s.settle();
    CHECK(s.listener->stands("g1", "chain"));
  }
  SUBCASE("a chain that fits, whatever the order") {
    std::vector<EncodedBlock> blocks;
    for (int i = 0; i < 30; ++i) blocks.push_back(g.make(s.now(), {{0, 0.4}}));
    for (int i = 29; i >= 0; i -= 2) g.send(blocks[static_cast<std::size_t>(i)]);
    s.settle();
    s.restart();
    for (int i = 0; i < 30; i += 2) g.send(blocks[static_cast<std::size_t>(i)]);
    s.settle();
    CHECK(s.blocks() == 30);
    CHECK(s.listener->gateway_alarm("g1", "chain") == nullptr);
  }
}

TEST_CASE("host: two boxes with one name are noticed by turns of their states") {
  HostScene s;
  s.start();
  TestGateway one{s.broker, "g1", 5};
  TestGateway two{s.broker, "g1", 9};
  s.add(one);
  CHECK_FALSE(s.listener->stands("g1", "twin"));
  s.add(two);
  CHECK_FALSE(s.listener->stands("g1", "twin"));
  s.add(one);
  CHECK(s.listener->stands("g1", "twin"));
}

TEST_CASE("host: messages for nobody are kept for whoever has to find out, and hurt nobody") {
  HostScene s;
  s.start();
  s.broker.publish("davy/north/b ad/block", "x");
  s.broker.publish("davy/north/unknown-box/state", "x");
  s.settle();
  CHECK(s.number("SELECT count(*) FROM quarantine") == 2);
  CHECK(s.blocks() == 0);
}
