#include <doctest/doctest.h>

#include "tests/gateway/interlock/lock_scene.hpp"

using namespace davy;
using namespace davy::test;
using namespace std::chrono_literals;

namespace {

const KeyUse good_key{"F", "engineer Li", "drainage by plan 7"};

// A fan that stands in gas, everything cut and proven dead.
struct GasAtFan {
  explicit GasAtFan(double t1 = 3.2) : gas{t1} {
    scene.settle();
    scene.run(5s, [this] { air(); });
    scene.forget();
  }
  void air() {
    scene.read_all_good();
    scene.read(T1, gas);
    scene.read(fan, running ? 1 : 0);
    scene.read(duct, running ? 1 : 0);
  }
  void run(Duration span) {
    scene.run(span, [this] { air(); });
  }
  Status use(const KeyUse& key = good_key) {
    const Status used = scene.interlock->use_key(key, scene.now);
    scene.step();
    return used;
  }
  LockScene scene;
  double gas;
  bool running = false;
};

}  // namespace

TEST_CASE("fan lock: gas at a standing fan locks it, and only air below 1.5 % in both places frees it") {
  GasAtFan heading;
  LockScene& scene = heading.scene;
  CHECK(scene.acting(fan_lock));
  CHECK(scene.last.outputs[fan_lock].on);
  heading.gas = 1.5;
  heading.run(120s);
  CHECK(scene.acting(fan_lock));
  scene.pass(1s);
  heading.gas = 1.49;
  heading.air();
  scene.read(T2, 1.6);
  scene.step();
  CHECK(scene.acting(fan_lock));
  heading.run(1s);
  CHECK_FALSE(scene.acting(fan_lock));
  // A fan that runs is never locked, whatever the gas.
  heading.running = true;
  heading.gas = 3.9;
  heading.run(5s);
  CHECK_FALSE(scene.acting(fan_lock));
}

TEST_CASE("fan key: opens the lock for its time, says who and why, and the lock comes back") {
  GasAtFan heading;
  LockScene& scene = heading.scene;
  REQUIRE(heading.use());
  CHECK_FALSE(scene.acting(fan_lock));
  CHECK(scene.only(EventKind::key_used).text ==
        "row f open by key for 30 min by engineer Li, because: drainage by plan 7 | F");
  CHECK(scene.only(EventKind::lock_released).text == "row f released by key of engineer Li | F");
  heading.run(1799s);
  CHECK_FALSE(scene.acting(fan_lock));
  heading.run(1s);
  CHECK(scene.acting(fan_lock));
  CHECK(scene.only(EventKind::key_ended).text == "key of engineer Li ended: its time is over | F");
  CHECK(scene.only(EventKind::key_ended).first == scene.only(EventKind::key_used).first);
  CHECK(scene.count(EventKind::lock_tripped) == 1);
}

TEST_CASE("fan key: the usual way, the fan runs, the gas goes, the key ends, the power comes") {
  GasAtFan heading;
  LockScene& scene = heading.scene;
  REQUIRE(heading.use());
  heading.running = true;
  heading.run(60s);
  CHECK(scene.interlock->key_open(row_f));
  heading.gas = 1.2;
  heading.run(1s);
  CHECK(scene.only(EventKind::key_ended).text.find("the gas is gone") != std::string::npos);
  CHECK_FALSE(scene.acting(fan_lock));
  CHECK(scene.acting(cutter));
  heading.gas = 0.4;
  heading.run(1s);
  CHECK_FALSE(scene.acting(cutter));
}

TEST_CASE("fan key: refused, with the reason on record, unless everything is in order") {
  struct Row {
    const char* title;
    KeyUse key;
    void (*spoil)(GasAtFan&);
    Errc code;
    const char* says;
  };
  const auto nothing = [](GasAtFan&) {};
  const Row rows[] = {
      {"no such lock", {"X", "Li", "plan"}, nothing, Errc::not_found, "there is no lock \"X\""},
      {"a lock that cuts", {"B", "Li", "plan"}, nothing, Errc::denied, "B cuts power"},
      {"nobody", {"F", "", "plan"}, nothing, Errc::bad_data, "name of a person"},
      {"no reason", {"F", "Li", "  "}, nothing, Errc::bad_data, "a reason"},
      {"not text", {"F", "Li", "\xff"}, nothing, Errc::bad_data, "a reason"},
      {"not locked", good_key,
       [](GasAtFan& h) {
         h.gas = 0.2;
         h.run(1s);
       },
       Errc::conflict, "is not locked"},
      {"still fed", good_key,
       [](GasAtFan& h) {
         h.scene.read(feed, 1);
         h.scene.step();
       },
       Errc::unavailable, "FEED must say that there is no power, and says: fed"},
      {"feed unknown", good_key,
       [](GasAtFan& h) {
         h.scene.read(feed, 0, {.validity = Validity::bad_comm});
         h.scene.step();
       },
       Errc::unavailable, "nobody knows"},
      {"feed old", good_key, [](GasAtFan& h) { h.scene.pass(4s); }, Errc::unavailable, "nobody knows"},
      {"cutter does not follow", good_key,
       [](GasAtFan& h) {
         h.scene.stuck[cutter] = true;
         h.run(1s);
       },
       Errc::unavailable, "C1 is told to cut and does not read back as cut"},
      {"nothing is cut", good_key,
       [](GasAtFan& h) {
         h.scene.settings.locks[row_b].outputs.clear();
         h.scene.settings.locks[row_e].outputs.clear();
         h.run(1s);
       },
       Errc::unavailable, "C1 does not cut"},
  };
  for (const Row& r : rows) {
    CAPTURE(r.title);
    GasAtFan heading;
    r.spoil(heading);
    heading.scene.forget();
    const Status used = heading.scene.interlock->use_key(r.key, heading.scene.now);
    REQUIRE_FALSE(used);
    CHECK(used.error().code == r.code);
    CAPTURE(used.error().message);
    CHECK(used.error().message.find(r.says) != std::string::npos);
    const bool was_locked = heading.scene.acting(fan_lock);
    heading.scene.step();
    CHECK(heading.scene.acting(fan_lock) == was_locked);
    CHECK(heading.scene.only(EventKind::key_refused).text.find("refused: ") != std::string::npos);
  }
}

TEST_CASE("fan key: power behind the cutter ends it at once, a bad poll of the feed does not") {
  GasAtFan heading;
  LockScene& scene = heading.scene;
  REQUIRE(heading.use());
  scene.read(feed, 0, {.validity = Validity::bad_comm});
  scene.step();
  CHECK_FALSE(scene.acting(fan_lock));
  scene.read(feed, 1);
  scene.step();
  CHECK(scene.acting(fan_lock));
  CHECK(scene.only(EventKind::key_ended).text.find("C1 may have power behind it again") != std::string::npos);
}

TEST_CASE("fan key: given back, the lock returns if the fan surely stands in gas, and not on a guess") {
  struct Row {
    double gas;
    Quality quality;
    bool running;
    bool locked;
  };
  constexpr Row rows[] = {{3.2, {}, false, true},
                          {2.0, {}, false, true},  // between: it would never have been freed
                          {3.2, {}, true, false},
                          {2.0, {.validity = Validity::bad_comm}, false, false},
                          {2.0, {.maintenance = Maintenance::calibrating}, false, false}};
  for (const Row& r : rows) {
    GasAtFan heading;
    REQUIRE(heading.use());
    heading.running = r.running;
    heading.gas = r.gas;
    heading.run(2s);
    heading.scene.read(T1, r.gas, r.quality);
    REQUIRE(heading.scene.interlock->end_key({"F", "Wang", "shift ends"}, heading.scene.now));
    heading.scene.step();
    CHECK(heading.scene.acting(fan_lock) == r.locked);
    CHECK(heading.scene.only(EventKind::key_ended).text ==
          "key of engineer Li ended: given back by Wang, because: shift ends | F");
    CHECK_FALSE(heading.scene.interlock->end_key(good_key, heading.scene.now));
  }
}

TEST_CASE("fan lock: survives a restart, with or without a key; a key does not") {
  for (const bool key : {false, true}) {
    CAPTURE(key);
    GasAtFan heading;
    LockScene& scene = heading.scene;
    CHECK(scene.interlock->locked_fans() == std::vector<std::string>{"F"});
    if (key) REQUIRE(heading.use());
    CHECK_FALSE(scene.last.memory_changed);
    scene.restart();
    scene.forget();
    heading.gas = 2.0;  // would not lock a fan anew
    heading.run(1s);
    CHECK(scene.acting(fan_lock));
    const auto told = std::ranges::find_if(scene.events, [](const Event& e) {
      return e.text.starts_with("row f tripped: it was locked before");
    });
    CHECK(told != scene.events.end());
    heading.gas = 0.2;
    heading.run(61s);
    CHECK_FALSE(scene.acting(fan_lock));
    CHECK(scene.interlock->locked_fans().empty());
  }
}

TEST_CASE("fan lock: memory_changed tells exactly when there is something to write down") {
  GasAtFan heading{0.2};
  LockScene& scene = heading.scene;
  CHECK_FALSE(scene.last.memory_changed);
  scene.read(T1, 3.0);
  scene.step();
  CHECK(scene.last.memory_changed);
  scene.step();
  CHECK_FALSE(scene.last.memory_changed);
  const std::vector<std::string> stranger{"gone"};
  Interlock other{scene.settings, scene.points, stranger, scene.now};
  CHECK(other.locked_fans().empty());
  CHECK(other.step(scene.readings, scene.reports, scene.now).memory_changed);
}
