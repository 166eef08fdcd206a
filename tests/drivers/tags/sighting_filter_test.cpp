#include "drivers/tags/sighting_filter.hpp"

#include <cstdlib>
#include <map>
#include <random>
#include <vector>

#include <doctest/doctest.h>

using namespace davy;

namespace {

Sighting seen(std::uint64_t tag, std::int64_t ms, std::int32_t distance_cm = 300) {
  return {.tag = tag, .reader = "r", .source_time = wall_from_ms(ms), .distance_cm = distance_cm};
}

// Whether it passes when it arrives as it happens.
bool passes(SightingFilter& filter, const Sighting& sighting) {
  return filter.passes(sighting, steady_from_ms(to_ms(sighting.source_time)));
}

}  // namespace

TEST_CASE("filter: a tag that stands still passes once, and again every five seconds") {
  SightingFilter filter;
  std::vector<std::int64_t> passed;
  for (std::int64_t ms = 0; ms <= 12'000; ms += 500) {
    if (passes(filter, seen(1, ms))) passed.push_back(ms);
  }
  CHECK(passed == std::vector<std::int64_t>{0, 5000, 10'000});
  CHECK(filter.merged() == 22);
}

TEST_CASE("filter: each change passes at once") {
  struct Row {
    const char* what;
    void (*change)(Sighting&);
    bool passes;
  };
  const Row rows[] = {
      {"nothing", [](Sighting&) {}, false},
      {"99 cm", [](Sighting& s) { s.distance_cm += 99; }, false},
      {"1 m", [](Sighting& s) { s.distance_cm += 100; }, true},
      {"1 m back", [](Sighting& s) { s.distance_cm -= 100; }, true},
      {"SOS", [](Sighting& s) { s.sos = true; }, true},
      {"battery", [](Sighting& s) { s.low_battery = true; }, true},
      {"another reader", [](Sighting& s) { s.reader = std::string{"q"}; }, true},
      {"signal strength", [](Sighting& s) { s.rssi_dbm = -90; }, false},
      {"away for more than a second", [](Sighting& s) { s.source_time += Duration{701}; }, true},
      {"an older one", [](Sighting& s) { s.source_time -= Duration{500}; }, true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    SightingFilter filter;
    CHECK(passes(filter, seen(1, 1000)));
    Sighting next = seen(1, 1300);
    row.change(next);
    CHECK(passes(filter, next) == row.passes);
  }
  SightingFilter filter;
  CHECK(passes(filter, seen(1, 0, -20)));
  CHECK(passes(filter, seen(1, 100, 20)));  // the other side
  CHECK_FALSE(passes(filter, seen(1, 200, 0)));
}

TEST_CASE("filter: SOS passes every time, and so does its end") {
  SightingFilter filter;
  Sighting sighting = seen(1, 0);
  for (int i = 0; i < 5; ++i) {
    sighting.sos = true;
    sighting.source_time += Duration{100};
    CHECK(passes(filter, sighting));
  }
  sighting.sos = false;
  sighting.source_time += Duration{100};
  CHECK(passes(filter, sighting));
  sighting.source_time += Duration{100};
  CHECK_FALSE(passes(filter, sighting));
}

TEST_CASE("filter: slow steps add up") {
  SightingFilter filter;
  int passed = 0;
  for (int i = 0; i <= 40; ++i) passed += passes(filter, seen(1, i * 100, 300 + i * 10)) ? 1 : 0;
  CHECK(passed == 5);  // at 3, 4, 5, 6 and 7 m
}

TEST_CASE("filter: beyond its memory everything passes, and what is gone is forgotten") {
  SightingFilter filter{{.tags_max = 3}};
  for (std::uint64_t tag = 1; tag <= 3; ++tag) CHECK(passes(filter, seen(tag, 0)));
  for (int i = 1; i <= 5; ++i) {
    CHECK(passes(filter, seen(9, i * 100)));
    CHECK_FALSE(passes(filter, seen(1, i * 100)));
  }
  CHECK(filter.tags() == 3);
  CHECK(passes(filter, seen(9, 100'000)));  // the others have gone
  CHECK_FALSE(passes(filter, seen(9, 100'100)));
  CHECK(filter.tags() == 1);
}

TEST_CASE("filter: a clock that was set back does not let everything through for ever") {
  SightingFilter filter;
  CHECK(passes(filter, seen(1, 10'000'000)));
  CHECK(passes(filter, seen(1, 1000)));
  CHECK_FALSE(passes(filter, seen(1, 1100)));
}

// Whoever has only what passed knows, at any moment, of every tag: its flags, its side and its place to a
// metre, as they were at its last sighting.
TEST_CASE("filter: from what passes, the last state of every tag can be told") {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random{seed};
    const auto below = [&](std::uint64_t n) { return static_cast<std::int64_t>(random() % n); };
    SightingFilter filter{{.tags_max = 6}};
    std::map<std::uint64_t, Sighting> last;
    std::map<std::uint64_t, Sighting> passed;
    std::uint64_t merged = 0;
    std::int64_t ms = 0;
    for (int i = 0; i < 2000; ++i) {
      ms += below(300);
      if (below(200) == 0) ms += 70'000;
      const auto tag = static_cast<std::uint64_t>(1 + below(8));
      Sighting now = last.contains(tag) ? last[tag] : seen(tag, ms);
      now.source_time = wall_from_ms(ms);
      now.distance_cm += static_cast<std::int32_t>(below(81) - 40);
      if (below(30) == 0) now.sos = !now.sos;
      if (below(30) == 0) now.low_battery = !now.low_battery;
      last[tag] = now;
      if (passes(filter, now)) {
        passed[tag] = now;
      } else {
        ++merged;
        CHECK_FALSE(now.sos);
      }
      const Sighting& known = passed.at(tag);
      CHECK(known.sos == now.sos);
      CHECK(known.low_battery == now.low_battery);
      CHECK((known.distance_cm < 0) == (now.distance_cm < 0));
      CHECK(std::abs(known.distance_cm - now.distance_cm) < 100);
      CHECK(now.source_time - known.source_time < Duration{5000});
      CHECK(filter.tags() <= 6);
    }
    CHECK(merged > 100);
    CHECK(merged == filter.merged());
  }
}
