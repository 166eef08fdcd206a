#include "tests/host/core/host_scene.hpp"

// When it was true, whether that is now, and what follows from it.
using namespace davy;
using namespace std::chrono_literals;

TEST_CASE("host: a gateway in 1970 is corrected by the host's clock, and its alarms are live") {
  HostScene s;
  s.start();
  TestGateway g{s.broker, "g1"};
  g.clock = ClockQuality::unset;
  g.clock_error = wall_from_ms(100'000) - s.clock.wall();
  SUBCASE("with an estimate") {
    s.add(g);
    CHECK(s.listener->stands("g1", "clock"));
    s.value(g, 1.5);
    CHECK(s.listener->count(Transition::raised) == 1);
    CHECK(s.latest("g1-T0").clock == ClockMark::corrected);
    CHECK(s.latest("g1-T0").at == s.clock.wall());
    CHECK_FALSE(s.latest("g1-T0").late);
    const auto trend = s.reader()->trend(HostPointId{1}, s.clock.wall() - 1s, s.clock.wall() + 1s, 1);
    REQUIRE(trend);
    CHECK((*trend)[0].max == 1.5);
    g.clock_error = 0ms;
    g.send_state(s.now());
    s.settle();
    CHECK_FALSE(s.listener->stands("g1", "clock"));
  }
  SUBCASE("the estimate outlives a restart of the host") {
    s.add(g);
    s.restart();
    s.value(g, 1.5);
    CHECK(s.listener->count(Transition::raised) == 1);
  }
  SUBCASE("without one nothing is live, and says so") {
    g.send_birth();
    s.value(g, 1.5);
    CHECK(s.listener->count(Transition::raised) == 0);
    CHECK(s.latest("g1-T0").clock == ClockMark::unknown);
    CHECK(s.latest("g1-T0").late);
    CHECK(s.acked(g).contains(1));
  }
}

TEST_CASE(
    "host: a clock that is off by less than the limit keeps its times; one ahead never makes the future") {
  HostScene s;
  s.start();
  TestGateway g{s.broker, "g1"};
  SUBCASE("less") {
    g.clock_error = 1500ms;
    s.add(g);
    s.value(g, 0.5);
    CHECK(s.latest("g1-T0").at == s.clock.wall() + 1500ms);
    CHECK(s.latest("g1-T0").age_at_receipt == 0ms);
    CHECK(s.latest("g1-T0").clock == ClockMark::ok);
    CHECK_FALSE(s.listener->stands("g1", "clock"));
  }
  SUBCASE("ahead, before any estimate") {
    g.clock_error = 1h;
    g.send_birth();
    s.value(g, 0.5);
    CHECK(s.latest("g1-T0").at == s.clock.wall());
    CHECK_FALSE(s.latest("g1-T0").late);
    s.run_for(1s);
    g.send_state(s.now());
    s.value(g, 1.5);
    CHECK(s.listener->count(Transition::raised) == 1);
    CHECK(s.latest("g1-T0").clock == ClockMark::corrected);
  }
}

TEST_CASE("host: a step of the gateway's clock neither hides an alarm nor makes one") {
  for (const Duration step :
       {Duration{-30'000}, Duration{30'000}, Duration{-3'600'000}, Duration{3'600'000}}) {
    CAPTURE(step.count());
    HostScene s;
    s.start();
    TestGateway g{s.broker, "g1"};
    s.add(g);
    for (int i = 0; i < 5; ++i) {
      s.value(g, 0.5);
      s.run_for(1s);
    }
    g.clock_error += step;
    Event event{.kind = EventKind::clock_stepped, .at = g.wall(s.now())};
    event.first = static_cast<std::uint64_t>(step.count());
    g.send(g.make(s.now(), {{0, 1.5}}, {event}));
    s.settle();
    CHECK(s.listener->count(Transition::raised) == 1);
    CHECK(s.listener->stands("g1", "clock_stepped"));
    s.run_for(1s);
    s.value(g, 0.5);
    CHECK(s.listener->count(Transition::cleared) == 1);
    CHECK(s.latest("g1-T0").value == 0.5);
    CHECK(s.listener->count(Transition::late_raised) == 0);
  }
}

TEST_CASE("host: late data is recorded as late and never annunciated as now") {
  HostScene s;
  s.start();
  TestGateway g{s.broker, "g1"};
  s.add(g);
  std::vector<EncodedBlock> backlog;
  for (int i = 0; i < 100; ++i) {
    backlog.push_back(g.make(s.now(), {{0, i >= 20 && i < 40 ? 1.5 : 0.5}}));
    s.clock.advance(1s);
  }
  g.send_state(s.now());
  s.value(g, 0.6);  // newest first: now is seen at once
  CHECK(s.latest("g1-T0").value == 0.6);
  SUBCASE("in order") {
    for (const EncodedBlock& block : backlog) g.send(block);
  }
  SUBCASE("backwards") {
    for (auto block = backlog.rbegin(); block != backlog.rend(); ++block) g.send(*block);
  }
  s.settle();
  CHECK(s.acked(g).ranges() == std::vector<Range>{{1, 101}});
  CHECK(s.listener->count(Transition::raised) == 0);
  CHECK(s.listener->count(Transition::late_raised) >= 1);
  CHECK(s.latest("g1-T0").value == 0.6);
  CHECK_FALSE(s.latest("g1-T0").late);
}

TEST_CASE("host: the late limit divides now from then") {
  for (const bool live : {true, false}) {
    CAPTURE(live);
    HostScene s;
    s.start();
    TestGateway g{s.broker, "g1"};
    s.add(g);
    g.send(g.make(s.now(), {{0, 1.5, {}, s.config.times.late_after + (live ? 0ms : 1ms)}}));
    s.settle();
    CHECK(s.listener->count(Transition::raised) == (live ? 1 : 0));
    CHECK(s.listener->count(Transition::late_raised) == (live ? 0 : 1));
    CHECK(s.latest("g1-T0").late == !live);
    CHECK(s.latest("g1-T0").age_at_receipt >= 60s);
  }
}

TEST_CASE("host: what a restarted host gets of older blocks does not touch what is now") {
  HostScene s;
  s.start();
  TestGateway g{s.broker, "g1"};
  s.add(g);
  const EncodedBlock lost = g.make(s.now(), {{0, 0.4}});
  s.run_for(1s);
  s.value(g, 1.5);
  REQUIRE(s.listener->count(Transition::raised) == 1);
  s.restart();
  g.send(lost);
  s.settle();
  CHECK(s.acked(g).contains(1));
  CHECK(s.listener->count(Transition::cleared) == 0);
  REQUIRE(s.listener->standing.size() == 1);
  CHECK(s.listener->standing[0].state == AlarmState::unacknowledged);
  s.run_for(1s);
  s.value(g, 0.4);
  CHECK(s.listener->count(Transition::cleared) == 1);
}

TEST_CASE("host: a withdrawn point keeps its history under its number") {
  HostScene s;
  s.start();
  TestGateway g{s.broker, "g1"};
  s.add(g);
  s.value(g, 0.5);
  const Point old = g.points[0];
  g.points[0].name = "g1-T9";
  s.run_for(1s);
  s.add(g);
  s.value(g, 0.7);
  CHECK(s.listener->points.at("g1-T0").withdrawn);
  CHECK_FALSE(s.listener->points.at("g1-T9").withdrawn);
  CHECK(s.listener->gateways.at("g1").points == 1);
  s.restart();
  CHECK(s.listener->points.at("g1-T0").withdrawn);
  CHECK(s.listener->points.at("g1-T0").point == old);
  const auto day = [&](const char* name) {
    return s.reader()
        ->trend(s.listener->points.at(name).id, s.clock.wall() - 1h, s.clock.wall() + 1h, 1)
        .value()[0];
  };
  CHECK(day("g1-T0").max == 0.5);
  CHECK(day("g1-T9").max == 0.7);
  g.points.push_back(old);  // it comes back, at another place of the birth
  s.run_for(1s);
  s.add(g);
  g.send(g.make(s.now(), {{1, 0.9}, {0, 0.2}}));
  s.settle();
  CHECK_FALSE(s.listener->points.at("g1-T0").withdrawn);
  CHECK(day("g1-T0").max == 0.9);
  CHECK(day("g1-T0").count == 2);
}
