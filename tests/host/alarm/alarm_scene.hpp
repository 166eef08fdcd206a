#pragma once

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "host/alarm/alarm_book.hpp"
#include "proto/base/manual_clock.hpp"

namespace davy {

// A book, a clock and one methane point, so that a test reads as a story.
struct AlarmScene {
  static constexpr HostPointId ch4{1};
  static constexpr Quality good{};

  AlarmScene() : AlarmScene{methane()} {}
  explicit AlarmScene(const Point& point) { book.define(ch4, "gw1", point, now()); }

  static Limit high(LimitState level, double at, double clear_at, int on_ms = 0, int off_ms = 0,
                    int priority = 2) {
    return {.side = Side::high,
            .level = level,
            .at = at,
            .clear_at = clear_at,
            .on_delay = Duration{on_ms},
            .off_delay = Duration{off_ms},
            .priority = static_cast<std::uint8_t>(priority)};
  }
  static Point methane() { return methane({high(LimitState::alarm, 1.0, 0.9)}); }
  static Point methane(std::vector<Limit> limits) {
    return {.name = "N1201-T0",
            .title_en = "methane",
            .quantity = "CH4",
            .unit = "%CH4",
            .range_high = 4,
            .limits = std::move(limits)};
  }

  Now now() const { return read(clock); }
  void read_value(double value, Quality quality = good, Duration age = Duration{0}) {
    book.on_live({ch4, value, quality, clock.wall() - age}, now());
    book.step(now());
  }
  void wait(Duration d) {
    clock.advance(d);
    book.step(now());
  }
  // A reading every second for so long.
  void keep_reading(double value, int seconds, Quality quality = good) {
    for (int i = 0; i < seconds; ++i) {
      wait(Duration{1000});
      read_value(value, quality);
    }
  }
  Alarm only() const {
    const auto all = book.standing();
    REQUIRE(all.size() == 1);
    return all.front();
  }
  std::vector<Transition> kinds() {
    std::vector<Transition> out;
    for (const JournalEntry& entry : book.take_changes()) out.push_back(entry.kind);
    return out;
  }

  ManualClock clock;
  AlarmBook book{AlarmBookTimes{}};
};

}  // namespace davy
