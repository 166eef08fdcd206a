#include <random>

#include "host/history/staging.hpp"
#include "tests/host/core/host_scene.hpp"

// Every block counts exactly once, whatever is doubled, reordered, lost or cut off.
using namespace davy;
using namespace std::chrono_literals;

TEST_CASE("host: a block is stored, acked and told once; the same again is only acked") {
  HostScene s;
  s.start();
  TestGateway g{s.broker, "g1"};
  s.add(g);
  const EncodedBlock block = g.make(s.now(), {{0, 0.4}});
  for (int i = 0; i < 3; ++i) {
    g.send(block);
    s.settle();
    CHECK(s.acked(g).ranges() == std::vector<Range>{{1, 1}});
    CHECK(s.blocks() == 1);
  }
  CHECK(s.latest("g1-T0").value == 0.4);
}

TEST_CASE(
    "host: nothing is acked before it is committed; a crash in between means only that it comes twice") {
  HostScene s;
  s.start();
  TestGateway g{s.broker, "g1"};
  s.add(g);
  const EncodedBlock block = g.make(s.now(), {{0, 0.4}});
  g.send(block);
  s.broker.step(s.clock.steady());
  SUBCASE("before the commit: it is not there, and not acked") {
    s.restart();
    CHECK(s.blocks() == 0);
    CHECK(s.acked(g).empty());
  }
  SUBCASE("after the commit, before the ack") {
    s.core->step(s.now());  // the ack is now in the link, which dies
    s.crash();
    s.start();
    CHECK(s.blocks() == 1);
    CHECK(s.acked(g).contains(1));  // the first word of the new host makes up for it
  }
  g.send(block);
  s.settle();
  CHECK(s.blocks() == 1);
  CHECK(s.acked(g).contains(1));
}

TEST_CASE("host: exactly once under duplicates, reordering, losses and restarts at any moment") {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random{seed};
    HostScene s;
    s.broker.faults = {.drop = 0.1, .duplicate = 0.2, .delay_min = 0ms, .delay_max = 40ms};
    s.start();
    TestGateway g{s.broker, "g1"};
    g.send_birth();
    std::vector<EncodedBlock> unacked_blocks;
    std::map<std::uint64_t, std::string> all;
    for (int round = 0; round < 400; ++round) {
      if (round < 60) {
        const std::uint64_t seq = g.next_seq();
        all[seq] = g.make(s.now(), {{0, static_cast<double>(seq) / 100}}).envelope;
      }
      // The gateway sends a few of those that are not acked, in any order.
      const RangeSet acked = s.acked(g);
      for (const auto& [seq, envelope] : all) {
        if (!acked.contains(seq) && random() % 4 == 0) g.send(TopicKind::block, envelope);
      }
      if (random() % 20 == 0) g.send_birth();
      s.clock.advance(Duration{static_cast<std::int64_t>(random() % 50)});
      s.broker.step(s.clock.steady());
      for (auto n = random() % 3; n > 0; --n) s.core->step(s.now());
      if (random() % 15 == 0) s.broker.cut_all();
      if (random() % 15 == 0) {
        s.crash();
        REQUIRE(s.open());
      }
    }
    s.broker.faults = {};
    s.run_for(1s);
    g.send_birth();
    s.settle();
    for (const auto& [seq, envelope] : all) g.send(TopicKind::block, envelope);
    s.run_for(1s);
    CHECK(s.acked(g).ranges() == std::vector<Range>{{1, 60}});
    CHECK(s.blocks() == 60);
    std::vector<double> values;
    const auto read = s.reader()->samples(HostPointId{1}, wall_from_ms(0), s.clock.wall() + 1h,
                                          [&](const HistorySample& sample) {
                                            values.push_back(sample.value);
                                            return true;
                                          });
    REQUIRE(read);
    REQUIRE(values.size() == 60);
    for (std::size_t i = 0; i < 60; ++i)
      CHECK(values[i] == doctest::Approx(static_cast<double>(i + 1) / 100));
    CHECK(s.reader()->gaps(wall_from_ms(0), s.clock.wall() + 1h).value().empty());
  }
}

TEST_CASE("host: two streams of one gateway are counted apart") {
  HostScene s;
  s.start();
  TestGateway g{s.broker, "g1"};
  s.add(g);
  s.value(g, 0.1);
  s.value(g, 0.2);
  const RangeSet first = s.acked(g);
  g.new_stream();
  s.value(g, 0.3);
  CHECK(first.ranges() == std::vector<Range>{{1, 2}});
  CHECK(s.acked(g).ranges() == std::vector<Range>{{1, 1}});
  CHECK(s.blocks() == 3);
  CHECK_FALSE(s.listener->stands("g1", "twin"));
  CHECK(s.latest("g1-T0").value == 0.3);
  CHECK_FALSE(s.latest("g1-T0").late);
}

TEST_CASE(
    "host: without room nothing is acked, alarms are told and recorded all the same, and all of it arrives "
    "in the end") {
  HostScene s;
  s.disk = std::make_unique<sim::SimDisk>("core-full", 3);
  s.start();
  TestGateway g{s.broker, "g1"};
  s.add(g);
  s.value(g, 0.4);
  REQUIRE(s.acked(g).contains(1));
  s.disk->set_full(true);
  std::vector<EncodedBlock> sent;
  for (int i = 0; i < 200; ++i) {
    s.clock.advance(1s);
    if (i % 5 == 0) g.send_state(s.now());
    sent.push_back(g.make(s.now(), {{0, i == 150 ? 1.5 : 0.5}}));
    g.send(sent.back());
    g.send(sent[s.disk->random() % sent.size()]);  // not acked, so they come again
    s.settle();
  }
  CHECK_FALSE(s.listener->health.storing);
  REQUIRE_FALSE(s.listener->health.reasons.empty());
  CHECK(s.listener->health.reasons[0].find("cannot be written") != std::string::npos);
  CHECK_FALSE(s.acked(g).contains(201));
  CHECK(s.listener->count(Transition::late_raised) == 0);
  CHECK(s.listener->count(Transition::raised) == 1);
  CHECK(s.listener->count(Transition::cleared) == 1);
  std::optional<Result<Alarm>> answer;
  const JournalEntry raised = s.listener->alarms.back();
  REQUIRE(
      s.core->acknowledge({raised.alarm.occurrence, raised.seq, "wang", "", [&](auto r) { answer = r; }}));
  s.settle();
  REQUIRE(answer);
  REQUIRE_FALSE(*answer);
  CHECK(answer->error().code == Errc::unavailable);

  s.disk->set_full(false);
  s.run_for(2s);
  CHECK(s.listener->health.storing);
  for (const EncodedBlock& block : sent) g.send(block);
  s.settle();
  CHECK(s.acked(g).ranges() == std::vector<Range>{{1, 201}});
  CHECK(s.listener->count(Transition::raised) == 1);  // judged once
  CHECK(s.listener->count(Transition::late_raised) == 0);
  s.crash();
  const auto journal = s.reader()->journal(0, 1000, no_point).value();
  CHECK(std::ranges::count(journal, Transition::raised, &JournalEntry::kind) == 1);
  for (std::size_t i = 0; i < journal.size(); ++i) CHECK(journal[i].seq == i + 1);
}

TEST_CASE("host: beyond what it can hold without room, blocks are judged once and left to their gateway") {
  HostScene s;
  s.disk = std::make_unique<sim::SimDisk>("core-full-long", 4);
  s.start();
  TestGateway g{s.broker, "g1"};
  s.add(g);
  s.disk->set_full(true);
  const auto big_event = [&] {
    Event event{.kind = EventKind::started, .at = s.clock.wall(), .text = {}};
    for (int i = 0; i < 400; ++i) event.text += static_cast<char>('!' + s.disk->random() % 90);
    return event;
  };
  std::vector<EncodedBlock> sent;
  std::size_t bytes = 0;
  while (bytes < Staging::bytes_max + 3'000'000) {
    s.clock.advance(1s);
    if (sent.size() % 5 == 0) g.send_state(s.now());
    std::vector<Event> events;
    for (int i = 0; i < 400; ++i) events.push_back(big_event());
    const bool beyond = sent.size() % 4 == 1;
    sent.push_back(g.make(s.now(), {{0, beyond ? 1.5 : 0.5}}, events));
    bytes += sent.back().envelope.size();
    for (int twice = 0; twice < 2; ++twice) g.send(sent.back());
    s.settle();
  }
  const std::size_t raised = s.listener->count(Transition::raised) + s.listener->count(Transition::reraised);
  CHECK(raised == (sent.size() + 2) / 4);
  s.disk->set_full(false);
  s.run_for(2s);
  CHECK_FALSE(s.acked(g).contains(sent.size()));
  for (const EncodedBlock& block : sent) g.send(block);
  s.settle();
  CHECK(s.acked(g).ranges() == std::vector<Range>{{1, sent.size()}});
  CHECK(s.listener->count(Transition::raised) + s.listener->count(Transition::reraised) == raised);
  CHECK(s.listener->count(Transition::late_raised) == 0);
  CHECK_FALSE(s.latest("g1-T0").late);
  s.crash();
  auto db = SqliteDatabase::open(s.database());
  REQUIRE(db);
  CHECK(db->query_number("SELECT count(*) FROM event") == static_cast<std::int64_t>(400 * sent.size()));
}

TEST_CASE("host: a power cut leaves all of a step or nothing of it") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    HostScene s;
    s.disk = std::make_unique<sim::SimDisk>("core-power-" + std::to_string(seed), seed);
    s.start();
    TestGateway g{s.broker, "g1"};
    s.add(g);
    std::vector<EncodedBlock> sent;
    for (int i = 0; i < 40; ++i) {
      s.clock.advance(1s);
      sent.push_back(g.make(s.now(), {{0, i % 7 == 0 ? 1.5 : 0.5}}));
      g.send(sent.back());
      s.broker.step(s.clock.steady());
      s.core->step(s.now());
      if (s.disk->random() % 5 != 0) continue;
      s.disk->power_loss();
      s.core->step(s.now());
      s.restart();
      // What was acked is there: sent again it is acked again, and nothing of it is judged twice.
      s.settle();
    }
    s.restart();
    const RangeSet acked_before = s.acked(g);
    for (const EncodedBlock& block : sent) g.send(block);
    s.settle();
    CHECK(s.acked(g).ranges() == std::vector<Range>{{1, 40}});
    s.crash();
    const auto reader = s.reader();
    std::size_t count = 0;
    REQUIRE(reader->samples(HostPointId{1}, wall_from_ms(0), s.clock.wall() + 1h, [&](const HistorySample&) {
      ++count;
      return true;
    }));
    CHECK(count == 40);
  }
}
