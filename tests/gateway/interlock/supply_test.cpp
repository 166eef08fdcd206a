#include <doctest/doctest.h>

#include "tests/gateway/interlock/lock_scene.hpp"

// Is there electricity where there should be none, or none where there should be some; and does air go with
// the fan?
using namespace davy;
using namespace davy::test;
using namespace std::chrono_literals;

namespace {

// A scene that has settled, whose feed sensor says what the test wants.
struct Supply {
  explicit Supply(Duration within = 2s) {
    scene.settings.outputs[cutter].feed_within = within;
    scene.settle();
    scene.run(3s, [&] { scene.read_all_good(); });
    scene.forget();
    scene.feed_follows = false;
  }
  void say(std::optional<double> fed, bool cut) {
    scene.read_all_good();
    if (cut) scene.read(T2, 1.5);
    if (fed) scene.read(feed, *fed);
  }
  // Half a second at a time.
  void run(Duration span, std::optional<double> fed, bool cut) {
    for (Duration done{0}; done < span; done += 500ms) {
      scene.pass(500ms);
      say(fed, cut);
      scene.step();
    }
  }
  LockScene scene;
};

}  // namespace

TEST_CASE(
    "feed: cut and still fed is abnormal after 2 s on the spot and 40 s far away, and ends when it is dead") {
  for (const Duration within : {2s, 40s}) {
    Supply supply{within};
    LockScene& scene = supply.scene;
    scene.pass(500ms);
    supply.say(1, true);
    scene.step();
    supply.run(within - 500ms, 1, true);
    CHECK(scene.count(EventKind::feed_abnormal) == 0);
    supply.run(500ms, 1, true);
    CHECK(scene.only(EventKind::feed_abnormal).text ==
          "C1 is told to cut, and FEED says: fed (1, good) | C1 断电器 / cutter");
    supply.run(5s, 1, true);
    CHECK(scene.count(EventKind::feed_abnormal) == 1);
    supply.run(500ms, 0, true);
    CHECK(scene.only(EventKind::feed_abnormal_ended).first == scene.only(EventKind::feed_abnormal).first);
    supply.run(500ms, 1, true);  // fed again: at once
    CHECK(scene.count(EventKind::feed_abnormal) == 2);
    supply.run(500ms, 1, false);
    CHECK(scene.count(EventKind::feed_abnormal_ended) == 2);
  }
}

TEST_CASE("feed: a sensor that says nothing while it is cut is abnormal too, and one bad poll is not") {
  Supply supply;
  LockScene& scene = supply.scene;
  supply.run(5s, 0, true);
  CHECK(scene.count(EventKind::feed_abnormal) == 0);
  supply.run(3s, std::nullopt, true);  // still believed
  CHECK(scene.count(EventKind::feed_abnormal) == 0);
  supply.run(500ms, 0, true);
  supply.run(8s, std::nullopt, true);
  CHECK(scene.only(EventKind::feed_abnormal).text.find("says: nobody knows") != std::string::npos);
}

TEST_CASE(
    "feed: power that goes without a command is an outage; power that nobody switched on again is none") {
  Supply supply;
  LockScene& scene = supply.scene;
  supply.run(2s, 1, false);
  supply.run(2s, 0, false);
  CHECK(scene.count(EventKind::feed_lost) == 0);
  supply.run(500ms, 0, false);
  CHECK(scene.only(EventKind::feed_lost).text.starts_with("C1 is not told to cut, and FEED says: not fed"));
  supply.run(500ms, 1, false);
  CHECK(scene.only(EventKind::feed_lost_ended).first == scene.only(EventKind::feed_lost).first);
  scene.forget();
  supply.run(3s, 0, true);
  supply.run(60s, 0, false);  // released; somebody has to close the switch
  CHECK(scene.count(EventKind::feed_lost) == 0);
}

TEST_CASE("flow: a fan that says it runs and a duct without air contradict each other, after a while") {
  LockScene scene;
  scene.settle();
  scene.forget();
  const auto no_air = [&] {
    scene.read_all_good();
    scene.read(duct, 0);
  };
  scene.run(10s, no_air);
  CHECK(scene.acting(cutter));
  CHECK(scene.count(EventKind::flow_contradiction) == 0);
  scene.run(1s, no_air);
  CHECK(
      scene.only(EventKind::flow_contradiction).text ==
      "the fan says it runs and the duct has no air: FAN 1, above 0, good; DUCT 0, at or below 0, good | E");
  const auto unknown = [&] {
    scene.read_all_good();
    scene.read(duct, 0, {.validity = Validity::bad_comm});
  };
  scene.run(5s, unknown);  // takes nothing back
  CHECK(scene.count(EventKind::flow_contradiction_ended) == 0);
  scene.run(1s, [&] { scene.read_all_good(); });
  CHECK(scene.only(EventKind::flow_contradiction_ended).text.starts_with("fan and duct agree again: "));
  scene.forget();
  scene.run(60s, [&] {
    no_air();
    scene.read(fan, 0);  // both agree: it is stopped
  });
  CHECK(scene.count(EventKind::flow_contradiction) == 0);
}

TEST_CASE("feed: two seconds of nobody knows are borne, counted from when it was known last") {
  Supply supply;
  LockScene& scene = supply.scene;
  supply.run(10s, 0, true);
  const auto unreadable = [&](Duration span) {
    for (Duration done{0}; done < span; done += 500ms) {
      scene.pass(500ms);
      supply.say(std::nullopt, true);
      scene.read(feed, 0, {.validity = Validity::bad_comm});
      scene.step();
    }
  };
  unreadable(1500ms);
  CHECK(scene.count(EventKind::feed_abnormal) == 0);
  unreadable(500ms);
  CHECK(scene.count(EventKind::feed_abnormal) == 1);
}

TEST_CASE("output: what it read back before a command is no answer to it") {
  const OutputSettings output{.name = "C", .energise_to_act = true};
  const SteadyTime t{Duration{50'000}};
  const OutputReport sticks_on{.on = true, .at = t};
  OutputMemory memory = command({}, false, true, t - 1s);
  memory = watch_output(output, memory, sticks_on, t + 1ms);
  CHECK_FALSE(memory.agrees());
  memory = command(memory, true, false, t + 2ms);
  memory = watch_output(output, memory, sticks_on, t + 3ms);
  CHECK_FALSE(memory.agrees());
  memory = watch_output(output, memory, {.on = true, .at = t + 4ms}, t + 5ms);
  CHECK(memory.agrees());
  // A command that changes all the time gives no new time to an output that never follows.
  for (int i = 1; i <= 40; ++i) {
    memory = command(memory, i % 2 == 0, false, t + i * 100ms);
    memory = watch_output(output, memory, {.on = i % 2 != 0, .at = t + i * 100ms}, t + i * 100ms);
  }
  CHECK(memory.faulty);
}
