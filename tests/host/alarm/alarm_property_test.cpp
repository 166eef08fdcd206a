#include <cmath>
#include <map>
#include <random>
#include <set>

#include <doctest/doctest.h>

#include "tests/host/alarm/alarm_scene.hpp"

using namespace davy;

namespace {

constexpr int points = 4;
constexpr double values[] = {0.1, 0.5, 0.89, 0.95, 1.0, 1.2, 1.6, 3.0};

Point random_point(std::mt19937& random, int n) {
  const auto delay = [&] { return static_cast<int>(random() % 3) * 2000; };
  Point point = AlarmScene::methane({AlarmScene::high(LimitState::alarm, 1.0, 0.9, delay(), delay(), 2),
                                     AlarmScene::high(LimitState::cut, 1.5, 1.0, 0, delay(), 1)});
  point.name = "P" + std::to_string(n);
  return point;
}

// A book with its oracle: what a hostile stream of readings may and may not do.
struct World {
  explicit World(std::uint32_t seed) : random{seed} {
    for (int i = 1; i <= points; ++i)
      book.define(id(i), i <= 2 ? "gw1" : "gw2", random_point(random, i), read(clock));
  }
  static HostPointId id(int n) { return static_cast<HostPointId>(n); }

  void act() {
    const auto dice = random() % 100;
    if (dice < 70) return read_something();
    if (dice < 80) return acknowledge();
    if (dice < 84) return book.gateway_seen(random() % 2 ? "gw1" : "gw2", random() % 2, read(clock));
    if (dice < 86) return book.withdraw(id(1 + static_cast<int>(random() % points)), read(clock));
    if (dice < 90) {
      const int n = 1 + static_cast<int>(random() % points);
      return book.define(id(n), n <= 2 ? "gw1" : "gw2", random_point(random, n), read(clock));
    }
    clock.advance(Duration{static_cast<int>(random() % 3000)});
    book.step(read(clock));
  }

  void read_something() {
    PointReading r;
    r.point = id(1 + static_cast<int>(random() % points));
    r.value = values[random() % std::size(values)];
    if (random() % 2) r.quality.validity = static_cast<Validity>(random() % 7);
    if (random() % 3 == 0) r.quality.maintenance = static_cast<Maintenance>(random() % 6);
    if (!has_value(r.quality.validity)) r.value = std::nan("");
    r.at = clock.wall() - Duration{random() % 4 == 0 ? random() % 30'000 : 0};
    if (random() % 10 == 0) {
      book.on_historic(r, read(clock));
    } else {
      book.on_live(r, read(clock));
      if (may_clear(r.quality)) newest_good[r.point].insert({r.value, clock.wall()});
    }
  }

  void acknowledge() {
    const auto all = book.standing();
    if (all.empty()) return;
    const Alarm a = all[random() % all.size()];
    // Sometimes what the person saw is old.
    const std::uint64_t saw = random() % 2 ? a.seq : a.seq - random() % 3;
    const auto done = book.acknowledge(a.occurrence, saw, "li", "", read(clock));
    if (!done) return;
    REQUIRE(done->occurrence == a.occurrence);
    REQUIRE(saw == a.seq);
    REQUIRE(a.state != AlarmState::acknowledged);
  }

  // What the entries say must follow from what was delivered.
  void check(const JournalEntry& entry) {
    REQUIRE(entry.seq == ++seq);
    if (entry.late) {
      REQUIRE(entry.alarm.state == AlarmState::normal);
      REQUIRE(open.count(entry.alarm.occurrence) == 0);
      return;
    }
    const Alarm& a = entry.alarm;
    if (entry.kind == Transition::raised) {
      REQUIRE(open.emplace(a.occurrence, entry.recorded).second);
      REQUIRE(ever.insert(a.occurrence).second);
    }
    REQUIRE(open.count(a.occurrence) == 1);
    if (entry.kind == Transition::cleared && a.source == AlarmSource::limit) {
      // Some good reading, delivered since it was raised, was on the safe side.
      bool seen = false;
      for (const auto& [value, at] : newest_good[a.point]) {
        seen |= at >= open[a.occurrence] && value < (a.level == LimitState::cut ? 1.0 : 0.9);
      }
      REQUIRE(seen);
    }
    if (a.state == AlarmState::normal) {
      REQUIRE((entry.kind == Transition::acknowledged || entry.kind == Transition::cleared));
      REQUIRE_FALSE(a.acked_by.empty());  // nothing leaves that nobody acknowledged
      open.erase(a.occurrence);
    }
  }

  std::mt19937 random;
  ManualClock clock;
  AlarmBook book{AlarmBookTimes{}};
  std::uint64_t seq = 0;
  std::map<HostPointId, std::set<std::pair<double, WallTime>>> newest_good;
  std::map<std::string, WallTime> open;
  std::set<std::string> ever;
};

std::string line(const JournalEntry& e) {
  return std::to_string(e.seq) + " " + to_string(e.kind) + " " + e.alarm.occurrence + " " +
         to_string(e.alarm.state) + " " + to_string(e.alarm.condition) + " " + std::to_string(to_ms(e.at)) +
         " " + e.alarm.reason + e.comment;
}

}  // namespace

TEST_CASE(
    "property: whatever comes, nothing clears without a good safe reading and nothing leaves "
    "unacknowledged") {
  for (std::uint32_t seed = 1; seed <= 150; ++seed) {
    CAPTURE(seed);
    World world{seed};
    for (int i = 0; i < 1500; ++i) {
      world.act();
      for (const JournalEntry& entry : world.book.take_changes()) world.check(entry);
    }
    CHECK(world.book.standing().size() == world.open.size());
    CHECK(world.seq > 20);
  }
}

TEST_CASE("property: the same input gives the same transitions, occurrence ids included") {
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    World one{seed};
    World two{seed};
    for (int i = 0; i < 1500; ++i) {
      one.act();
      two.act();
      const auto a = one.book.take_changes();
      const auto b = two.book.take_changes();
      REQUIRE(a.size() == b.size());
      for (std::size_t k = 0; k < a.size(); ++k) REQUIRE(line(a[k]) == line(b[k]));
    }
  }
}

TEST_CASE("property: without a good reading inside the clear limit no limit alarm is ever cleared") {
  for (std::uint32_t seed = 1; seed <= 100; ++seed) {
    CAPTURE(seed);
    std::mt19937 random{seed};
    AlarmScene s;
    s.read_value(1.2);
    for (int i = 0; i < 500; ++i) {
      Quality q{static_cast<Validity>(random() % 7), static_cast<Maintenance>(random() % 6)};
      double value = values[random() % std::size(values)];
      if (may_clear(q) && value < 0.9) value = 0.95;
      if (!has_value(q.validity)) value = std::nan("");
      s.clock.advance(Duration{static_cast<int>(random() % 20'000)});
      s.read_value(value, q, Duration{static_cast<int>(random() % 2000)});
      for (const Alarm& a : s.book.standing()) {
        if (a.source == AlarmSource::limit) REQUIRE(a.condition != Condition::clear);
      }
    }
    CHECK_FALSE(s.book.standing().empty());
  }
}
