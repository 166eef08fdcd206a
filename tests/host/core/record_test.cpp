#include <random>

#include "tests/host/core/host_scene.hpp"

// What people did, who may open the history, and what is read back from it.
using namespace davy;
using namespace std::chrono_literals;

namespace {
struct Answer {
  std::optional<Result<Alarm>> got;
  std::function<void(Result<Alarm>)> take() {
    return [this](Result<Alarm> r) { got = std::move(r); };
  }
};
}  // namespace

TEST_CASE("host: an acknowledgement is on record before it is answered") {
  HostScene s;
  s.start();
  TestGateway g{s.broker, "g1"};
  s.add(g);
  s.value(g, 1.5);
  const JournalEntry raised = s.listener->alarms.back();
  Answer answer;
  Answer stale;
  REQUIRE(s.core->acknowledge({raised.alarm.occurrence, raised.seq, "wang", "seen", answer.take()}));
  REQUIRE(s.core->acknowledge({raised.alarm.occurrence, raised.seq, "li", "", stale.take()}));
  CHECK(s.core->next_due() <= s.clock.steady());
  s.core->step(s.now());
  REQUIRE(answer.got);
  REQUIRE(*answer.got);
  CHECK((*answer.got)->state == AlarmState::acknowledged);
  CHECK((*answer.got)->acked_by == "wang");
  REQUIRE(stale.got);
  REQUIRE_FALSE(*stale.got);
  CHECK(stale.got->error().code == Errc::conflict);
  CHECK(s.listener->alarms.back().kind == Transition::acknowledged);
  const auto journal = s.reader()->newest_journal(1, no_point).value();
  REQUIRE(journal.size() == 1);
  CHECK(journal[0].user == "wang");
  CHECK(journal[0].comment == "seen");
  s.restart();
  REQUIRE(s.listener->standing.size() == 1);
  CHECK(s.listener->standing[0].state == AlarmState::acknowledged);
}

TEST_CASE("host: too many acknowledgements at once are refused, not lost") {
  HostScene s;
  s.start();
  std::size_t taken = 0;
  while (taken < 10'000 && s.core->acknowledge({"none", 1, "u", "", [](const Result<Alarm>&) {}})) ++taken;
  CHECK(taken == 1000);
  s.settle();
  CHECK(s.core->acknowledge({"none", 1, "u", "", [](const Result<Alarm>&) {}}));
}

TEST_CASE("host: one history, one host, one mine, one schema") {
  HostScene s;
  s.start();
  SUBCASE("a second host is refused while the first one runs") {
    FakeLink other_link{s.broker};
    HeardByAll nobody;
    const auto second = HostCore::open(s.config, s.database(), other_link, nobody, s.now());
    REQUIRE_FALSE(second);
    CHECK(second.error().code == Errc::conflict);
    CHECK(second.error().message.find("another davy-host") != std::string::npos);
    s.crash();
    CHECK(HostCore::open(s.config, s.database(), other_link, nobody, s.now()));
  }
  SUBCASE("another mine") {
    s.crash();
    s.config.mine = "south";
    const auto opened = s.open();
    REQUIRE_FALSE(opened);
    CHECK(opened.error().code == Errc::bad_config);
  }
  SUBCASE("a newer davy-host") {
    s.crash();
    REQUIRE(SqliteDatabase::open(s.database())->run("UPDATE meta SET value = '99' WHERE key = 'schema'"));
    const auto opened = s.open();
    REQUIRE_FALSE(opened);
    CHECK(opened.error().code == Errc::bad_config);
  }
  SUBCASE("somebody holds the database: nothing is lost and the core does not hang") {
    TestGateway g{s.broker, "g1"};
    s.add(g);
    auto holder = SqliteDatabase::open(s.database());
    REQUIRE(holder);
    REQUIRE(holder->run("BEGIN IMMEDIATE"));
    s.value(g, 1.5);
    CHECK_FALSE(s.listener->health.storing);
    CHECK(s.listener->count(Transition::raised) == 1);
    CHECK(s.acked(g).empty());
    Answer answer;
    REQUIRE(holder->run("COMMIT"));
    s.run_for(2s);
    CHECK(s.listener->health.storing);
    CHECK(s.acked(g).contains(1));
  }
}

TEST_CASE("host: stop() commits, acks and says good-bye") {
  HostScene s;
  s.start();
  TestGateway g{s.broker, "g1"};
  s.add(g);
  s.value(g, 0.5);
  s.core->stop(s.now());
  s.broker.step(s.clock.steady());
  CHECK_FALSE(s.broker.connected(s.config.broker.client_id));
  CHECK(s.acked(g).contains(1));
  CHECK(s.core->next_due() > s.clock.steady());
}

TEST_CASE("history: samples and trends agree with brute force over clocks, births, streams and restarts") {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random{seed};
    HostScene s;
    s.start();
    TestGateway g{s.broker, "g1"};
    Point other = g.points[0];
    other.name = "g1-T1";
    g.points.push_back(other);
    s.add(g);
    std::vector<HistorySample> truth;
    const WallTime begin = s.clock.wall();
    for (int i = 0; i < 300; ++i) {
      s.clock.advance(Duration{static_cast<std::int64_t>(1 + random() % 2000)});
      if (random() % 40 == 0) s.clock.advance(10min);
      if (random() % 30 == 0)
        g.clock_error = Duration{static_cast<std::int64_t>(random() % 20'000'000)} - 10'000s;
      if (random() % 50 == 0) g.new_stream();
      if (random() % 60 == 0) s.restart();
      if (random() % 25 == 0) std::swap(g.points[0], g.points[1]);
      g.send_birth();
      g.send_state(s.now());
      s.settle();
      // Taken within the last second; the gateway's clock keeps or is corrected to the host's.
      const auto place = static_cast<std::uint32_t>(g.points[0].name == "g1-T0" ? 0 : 1);
      const bool kept = std::chrono::abs(g.clock_error) <= s.config.times.clock_error;
      std::vector<TestGateway::Value> values;
      for (auto n = random() % 5; n > 0; --n) {
        TestGateway::Value v{place, static_cast<double>(random() % 400) / 100, {}, Duration{random() % 1000}};
        if (random() % 5 == 0) v.quality.validity = Validity::bad_comm;
        if (v.quality.validity != Validity::good) v.value = std::numeric_limits<double>::quiet_NaN();
        values.push_back(v);
        truth.push_back({s.clock.wall() - v.ago + (kept ? g.clock_error : 0ms), v.value, v.quality});
      }
      values.push_back({1 - place, 77, {}, 0ms});
      const EncodedBlock block = g.make(s.now(), values);
      g.send(block);
      s.settle();
    }
    const HostPointId point = s.listener->points.at("g1-T0").id;
    const auto reader = s.reader();
    std::ranges::stable_sort(truth, {}, &HistorySample::at);
    for (int query = 0; query < 20; ++query) {
      const auto span = (s.clock.wall() - begin).count();
      WallTime from = begin + Duration{static_cast<std::int64_t>(random()) & 0x3FFFFFFF} % span;
      WallTime to = begin + Duration{static_cast<std::int64_t>(random()) & 0x3FFFFFFF} % span;
      if (to < from) std::swap(from, to);
      to += 1ms;
      std::vector<HistorySample> expected;
      std::ranges::copy_if(truth, std::back_inserter(expected),
                           [&](const HistorySample& x) { return x.at >= from && x.at < to; });
      std::vector<HistorySample> got;
      REQUIRE(reader->samples(point, from, to, [&](const HistorySample& x) {
        got.push_back(x);
        return true;
      }));
      REQUIRE(got.size() == expected.size());
      REQUIRE(std::ranges::is_sorted(got, {}, &HistorySample::at));
      double sum = 0;
      double expected_sum = 0;
      for (std::size_t i = 0; i < got.size(); ++i) {
        REQUIRE(got[i].at == expected[i].at);
        if (!std::isnan(got[i].value)) sum += got[i].value;
        if (!std::isnan(expected[i].value)) expected_sum += expected[i].value;
      }
      CHECK(sum == doctest::Approx(expected_sum));
      const auto trend = reader->trend(point, from, to, 7).value();
      std::uint64_t count = 0;
      for (const TrendBucket& bucket : trend) count += bucket.count;
      CHECK(count == static_cast<std::uint64_t>(std::ranges::count_if(expected, [](const HistorySample& x) {
              return x.quality.validity == Validity::good;
            })));
    }
  }
}

TEST_CASE("history: questions that make no sense are refused with the reason") {
  HostScene s;
  s.start();
  const auto reader = s.reader();
  const auto nobody =
      reader->samples(HostPointId{5}, wall_from_ms(0), wall_from_ms(9), [](const auto&) { return true; });
  REQUIRE_FALSE(nobody);
  CHECK(nobody.error().code == Errc::not_found);
  CHECK_FALSE(reader->trend(HostPointId{1}, wall_from_ms(9), wall_from_ms(9), 5));
  CHECK_FALSE(reader->trend(HostPointId{1}, wall_from_ms(0), wall_from_ms(9), 0));
}

TEST_CASE("host: events of gateways are read back in the order in which they happened, whenever they came") {
  HostScene s;
  s.start();
  TestGateway g{s.broker, "g1"};
  s.add(g);
  const auto event = [&](EventKind kind, Duration ago, const char* text) {
    return Event{.kind = kind, .at = g.wall(s.now()) - ago, .first = 1, .last = 0, .text = text};
  };
  const EncodedBlock before =
      g.make(s.now(), {},
             {event(EventKind::lock_tripped, 9s, "row e"), event(EventKind::lock_tripped, 9s, "row b")});
  const EncodedBlock after = g.make(s.now(), {}, {event(EventKind::lock_released, 2s, "row b again")});
  g.send(after);  // after an outage the newest comes first
  s.settle();
  g.send(before);
  s.settle();
  const EventQuestion all{.from = s.now().wall - 1h, .to = s.now().wall + 1h, .gateway = "g1", .limit = 10};
  const auto told = s.reader()->events(all).value();
  REQUIRE(told.size() == 3);
  CHECK(told[0].event.text == "row e");
  CHECK(told[1].event.text == "row b");
  CHECK(told[2].event.text == "row b again");
  CHECK(told[2].event.kind == EventKind::lock_released);
  CHECK(told[0].gateway == "g1");
  CHECK(told[0].event.at == s.now().wall - 9s);
  EventQuestion newest = all;
  newest.limit = 1;
  CHECK(s.reader()->events(newest).value().at(0).event.text == "row b again");
  EventQuestion other = all;
  other.gateway = "g2";
  CHECK(s.reader()->events(other).value().empty());
}
