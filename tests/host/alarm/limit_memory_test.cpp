#include "host/alarm/limit_memory.hpp"

#include <limits>

#include <doctest/doctest.h>

using namespace davy;

namespace {
constexpr double nan = std::numeric_limits<double>::quiet_NaN();
const Limit high{.side = Side::high, .at = 1.0, .clear_at = 0.9};
const Limit low{.side = Side::low, .at = 18.0, .clear_at = 18.5};

LimitReading at(int ms, Seen seen, bool fresh = true) {
  return {seen, wall_from_ms(1'000'000 + ms), steady_from_ms(5'000'000 + ms), fresh, Duration{3000}};
}
}  // namespace

TEST_CASE("limit: quality is judged before the value, and only a good reading can be inside") {
  struct Row {
    const Limit& limit;
    double value;
    Validity validity;
    Maintenance maintenance;
    Seen seen;
  };
  using V = Validity;
  using M = Maintenance;
  const Row rows[] = {
      {high, 1.0, V::good, M::none, Seen::beyond},  // at the limit is beyond it
      {high, 0.99, V::good, M::none, Seen::between},
      {high, 0.9, V::good, M::none, Seen::between},  // "below" is strict
      {high, 0.89, V::good, M::none, Seen::inside},
      {high, nan, V::good, M::none, Seen::cannot_tell},
      {high, 4.0, V::over_range, M::none, Seen::beyond},
      {high, 0.0, V::over_range, M::none, Seen::beyond},  // whatever number came with it
      {high, nan, V::over_range, M::none, Seen::beyond},
      {high, -0.1, V::under_range, M::none, Seen::cannot_tell},
      {high, nan, V::sensor_fault, M::none, Seen::cannot_tell},
      {high, 0.1, V::disconnected, M::none, Seen::cannot_tell},
      {high, 0.1, V::bad_comm, M::none, Seen::cannot_tell},
      {high, 0.1, V::not_read, M::none, Seen::cannot_tell},
      {high, 2.0, V::bad_comm, M::none, Seen::cannot_tell},
      {high, 2.0, V::good, M::calibrating, Seen::beyond},  // gas hidden by a calibration
      {high, 0.1, V::good, M::calibrating, Seen::cannot_tell},
      {high, 0.1, V::good, M::warming_up, Seen::cannot_tell},
      {high, 0.1, V::good, M::low_supply, Seen::cannot_tell},
      {high, 0.1, V::good, M::inhibited, Seen::cannot_tell},
      {high, 0.1, V::good, M::forced, Seen::cannot_tell},
      {low, 18.0, V::good, M::none, Seen::beyond},
      {low, 18.5, V::good, M::none, Seen::between},
      {low, 18.51, V::good, M::none, Seen::inside},
      {low, 30.0, V::over_range, M::none, Seen::cannot_tell},
      {low, 0.0, V::under_range, M::none, Seen::beyond},
  };
  for (const Row& row : rows) {
    CAPTURE(row.value);
    CAPTURE(to_string(row.validity));
    CAPTURE(to_string(row.maintenance));
    CHECK(judge_reading(row.limit, row.value, {row.validity, row.maintenance}) == row.seen);
  }
}

TEST_CASE("limit: on-delay and off-delay run on source time") {
  Limit limit = high;
  limit.on_delay = Duration{5000};
  limit.off_delay = Duration{4000};
  struct Row {
    int ms;
    Seen seen;
    bool active;
  };
  const Row rows[] = {
      {0, Seen::beyond, false},
      {2000, Seen::beyond, false},
      {4000, Seen::between, false},  // starts again
      {5000, Seen::beyond, false},
      {7000, Seen::cannot_tell, false},  // a bad reading does not help the sensor
      {9999, Seen::beyond, false},
      {10'000, Seen::beyond, true},
      {11'000, Seen::inside, true},
      {14'000, Seen::inside, true},
      {14'500, Seen::between, true},
      {15'000, Seen::inside, true},
      {17'000, Seen::inside, true},
      {18'000, Seen::cannot_tell, true},  // breaks the run
      {19'000, Seen::inside, true},
      {21'000, Seen::inside, true},
      {25'000, Seen::inside, true},  // too long a gap
      {27'000, Seen::inside, true},
      {29'000, Seen::inside, false},
  };
  LimitMemory memory;
  for (const Row& row : rows) {
    CAPTURE(row.ms);
    memory = judge(limit, memory, at(row.ms, row.seen));
    CHECK(memory.active == row.active);
  }
}

TEST_CASE("limit: a reading that is not fresh never clears, a fresh one after it does") {
  LimitMemory memory = judge(high, {}, at(0, Seen::beyond));
  CHECK(memory.active);
  memory = judge(high, memory, at(1000, Seen::inside, false));
  CHECK(memory.active);
  memory = judge(high, memory, at(2000, Seen::inside));
  CHECK_FALSE(memory.active);
}

TEST_CASE("limit: a sensor that falls silent beyond the limit meets the delay by the host's clock") {
  Limit limit = high;
  limit.on_delay = Duration{10'000};
  const LimitMemory memory = judge(limit, {}, at(0, Seen::beyond));
  const auto due = [&](const LimitMemory& m, int told_ms) {
    return silence_due(limit, m, steady_from_ms(5'000'000 + told_ms), Duration{3000}) -
           steady_from_ms(5'000'000);
  };
  CHECK(due(memory, 0) == Duration{10'000});
  CHECK(due(memory, 7000) == Duration{10'000});
  CHECK(due(memory, 9000) == Duration{12'000});  // its next reading is waited for
  CHECK(judge_silence(memory).active);
  SUBCASE("bad readings do not stop it") {
    CHECK(due(judge(limit, memory, at(1000, Seen::cannot_tell)), 0) == Duration{10'000});
  }
  SUBCASE("a source clock that is set back does not put it off for ever") {
    const LimitMemory back = judge(limit, memory, {Seen::beyond, wall_from_ms(0), steady_from_ms(5'012'000)});
    CHECK_FALSE(back.active);
    CHECK(due(back, 12'000) == Duration{13'000});
  }
  SUBCASE("a reading that is not beyond stops it") {
    CHECK(silence_due(limit, judge(limit, memory, at(1000, Seen::between)), {}, Duration{3000}) == never);
    CHECK(silence_due(limit, {}, {}, Duration{3000}) == never);
  }
}
