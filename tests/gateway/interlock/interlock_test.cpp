#include <cmath>

#include <doctest/doctest.h>

#include "tests/gateway/interlock/lock_scene.hpp"

using namespace davy;
using namespace davy::test;
using namespace std::chrono_literals;

TEST_CASE("interlock: after power-up all is cut for the settling time, then nothing is") {
  LockScene scene;
  scene.read_all_good();
  scene.step();
  CHECK(scene.acting(cutter));
  CHECK_FALSE(scene.last.outputs[cutter].on);  // cut is without energy
  CHECK_FALSE(scene.acting(fan_lock));
  CHECK_FALSE(scene.acting(sounder));
  CHECK(scene.count(EventKind::lock_tripped) == 5);
  CHECK(scene.events[0].text ==
        "row b tripped: power-up, until all is good and settled; acts on C1 | B 面 / face");
  scene.run(59s, [&] { scene.read_all_good(); });
  CHECK(scene.acting(cutter));
  scene.run(1s, [&] { scene.read_all_good(); });
  CHECK_FALSE(scene.acting(cutter));
  CHECK(scene.last.outputs[cutter].on);
  CHECK(scene.count(EventKind::lock_released) == 5);
}

TEST_CASE(
    "interlock: a trip acts in the step that brings the reading, and says which row, point, value and "
    "limit") {
  LockScene scene;
  scene.settle();
  scene.forget();
  scene.pass(10ms);
  scene.read(T1, 1.52);
  scene.step();
  CHECK(scene.acting(cutter));
  CHECK(scene.acting(sounder));
  CHECK(scene.count(EventKind::lock_tripped) == 2);
  CHECK(scene.events[0].text == "row a tripped: T1 1.52 %CH4, at or above 1, good; acts on S1 | A");
  CHECK(scene.events[1].text ==
        "row b tripped: T1 1.52 %CH4, at or above 1.5, good; acts on C1 | B 面 / face");
  CHECK(scene.events[1].at == scene.now.wall);

  // Between the two values nothing changes; below, the lock that only tripped by value opens at once.
  scene.pass(1s);
  scene.read(T1, 1.0);
  scene.step();
  CHECK(scene.acting(cutter));
  scene.forget();
  scene.pass(1s);
  scene.read_all_good();
  scene.read(T1, 0.99);
  scene.step();
  CHECK_FALSE(scene.acting(cutter));
  CHECK(scene.events[1].text.starts_with("row b released: T1 0.99 %CH4, below 1, good"));
}

TEST_CASE("interlock: what cannot be told cuts, with its reason, and settles a minute after it is back") {
  struct Row {
    Quality quality;
    double value;
    const char* says;
  };
  const Row rows[] = {
      {{.validity = Validity::bad_comm}, NAN, "T2 lost: bad_comm;"},
      {{.validity = Validity::sensor_fault}, NAN, "T2 lost: sensor_fault;"},
      {{.maintenance = Maintenance::inhibited}, 0.1, "T2 lost: good, inhibited (reads 0.1 %CH4);"},
      {{.validity = Validity::over_range}, 4, "T2 4 %CH4, at or above 1, over_range;"},
      {{.maintenance = Maintenance::calibrating}, 2.5, "T2 2.5 %CH4, at or above 1, good, calibrating;"},
  };
  for (const Row& r : rows) {
    CAPTURE(r.says);
    LockScene scene;
    scene.settle();
    scene.forget();
    scene.pass(1s);
    scene.read_all_good();
    scene.read(T2, r.value, r.quality);
    scene.step();
    CHECK(scene.acting(cutter));
    const auto row_c_event = std::ranges::find_if(
        scene.events, [](const Event& e) { return e.text.starts_with("row c tripped: "); });
    REQUIRE(row_c_event != scene.events.end());
    CAPTURE(row_c_event->text);
    CHECK(row_c_event->text.find(r.says) != std::string::npos);
    const bool fault =
        r.quality.validity != Validity::over_range && r.quality.maintenance != Maintenance::calibrating;
    scene.pass(1s);
    scene.read_all_good();
    scene.step();
    CHECK(scene.acting(cutter) == fault);
    scene.run(60s, [&] { scene.read_all_good(); });
    CHECK_FALSE(scene.acting(cutter));
  }
}

TEST_CASE("interlock: a bus that hangs cuts when its readings are stale, at next_due and not before") {
  LockScene scene;
  scene.settle();
  scene.pass(1s);
  scene.read_all_good();
  scene.step();
  const SteadyTime read_at = scene.now.steady;
  while (!scene.acting(cutter)) {
    REQUIRE(scene.last.next_due > scene.now.steady);
    scene.pass(scene.last.next_due - scene.now.steady);
    scene.step();
  }
  CHECK(scene.now.steady - read_at == 3001ms);
}

TEST_CASE("interlock: calibrating with harmless gas neither cuts nor releases") {
  LockScene scene;
  scene.settle();
  const Quality calibrating{.maintenance = Maintenance::calibrating};
  scene.run(10s, [&] {
    scene.read_all_good();
    scene.read(T1, 0, calibrating);
  });
  CHECK_FALSE(scene.acting(cutter));
  scene.read(T1, 2, calibrating);
  scene.step();
  CHECK(scene.acting(cutter));
  scene.run(10s, [&] {
    scene.read_all_good();
    scene.read(T1, 0, calibrating);
  });
  CHECK(scene.acting(cutter));
  scene.read_all_good();
  scene.step();
  CHECK_FALSE(scene.acting(cutter));
}

TEST_CASE("interlock: two locks hold one cutter; the release tells who still does") {
  LockScene scene;
  scene.settle();
  scene.read(T2, 1.2);
  scene.read(fan, 0);
  scene.step();
  scene.forget();
  scene.pass(1s);
  scene.read_all_good();
  scene.read(T2, 1.2);
  scene.step();
  CHECK(scene.acting(cutter));
  CHECK(scene.only(EventKind::lock_released).text.find("; still held by C | E") != std::string::npos);
}

TEST_CASE(
    "interlock: an output that does not follow is told, and cuts its area until a minute after it does") {
  for (const bool silent : {false, true}) {
    CAPTURE(silent);
    LockScene scene;
    scene.settle();
    scene.forget();
    if (silent) {
      scene.reports_come = false;
    } else {
      scene.stuck[sounder] = true;  // it sounds and sounds
    }
    scene.run(4s, [&] { scene.read_all_good(); });
    CHECK(scene.acting(cutter));
    CHECK(scene.interlock->faulty(sounder));
    CHECK(scene.tripped(row_g));
    CHECK_FALSE(scene.acting(fan_lock));
    CHECK(scene.count(EventKind::output_fault) == (silent ? 3 : 1));
    const auto told = std::ranges::find_if(
        scene.events, [](const Event& e) { return e.text.starts_with("row g tripped: output "); });
    CHECK(told != scene.events.end());
    scene.forget();
    scene.reports_come = true;
    scene.stuck.clear();
    scene.run(55s, [&] { scene.read_all_good(); });
    CHECK(scene.acting(cutter));
    CHECK(scene.count(EventKind::output_restored) == (silent ? 3 : 1));
    scene.run(10s, [&] { scene.read_all_good(); });
    CHECK_FALSE(scene.acting(cutter));
  }
}

TEST_CASE("interlock: begin and end of one thing have one number, and no other thing has it") {
  LockScene scene;
  scene.settle();
  for (int i = 0; i < 3; ++i) {
    scene.read(T1, 1.6);
    scene.step();
    scene.read_all_good();
    scene.step();
  }
  std::map<std::uint64_t, std::vector<EventKind>> by_number;
  for (const Event& e : scene.events) by_number[e.first].push_back(e.kind);
  for (const auto& [number, kinds] : by_number) {
    CHECK(number > 0);
    CHECK(kinds == std::vector{EventKind::lock_tripped, EventKind::lock_released});
  }
  CHECK(by_number.size() == 5 + 3 * 2);
}

TEST_CASE("interlock: what the program leaves behind") {
  LockScene scene;
  CHECK(scene.interlock->exit_level(cutter) == false);  // cut
  CHECK(scene.interlock->exit_level(fan_lock) == std::nullopt);
  CHECK(scene.interlock->exit_level(sounder) == false);  // silent
}

TEST_CASE("interlock: no text is longer than an event holds, and the cause is within it") {
  auto settings = heading();
  settings.locks[row_b].title = std::string(120, 'x');
  settings.locks[row_b].title_en = std::string(120, 'y');
  LockScene scene{settings};
  scene.settle();
  scene.forget();
  scene.read(T1, 2.123456789);
  scene.step();
  const auto& text = scene.events.at(1).text;
  CHECK(text.starts_with("row b tripped: T1 2.12346 %CH4, at or above 1.5, good; acts on C1 | B xxx"));
  CHECK(text.size() < 400);
}
