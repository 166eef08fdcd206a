#include "gateway/scan/limit_judge.hpp"

#include <limits>

#include <doctest/doctest.h>

using namespace davy;

namespace {

// T1 of a coal face: alarm 1.0, cut 1.5 with re-power below 1.0.
const Limit ch4[] = {
    {.side = Side::high, .level = LimitState::alarm, .at = 1.0, .clear_at = 1.0},
    {.side = Side::high, .level = LimitState::cut, .at = 1.5, .clear_at = 1.0},
};
const Limit air[] = {
    {.side = Side::low, .level = LimitState::warning, .at = 0.5, .clear_at = 0.6},
    {.side = Side::low, .level = LimitState::alarm, .at = 0.25, .clear_at = 0.3},
    {.side = Side::high, .level = LimitState::alarm, .at = 4.0, .clear_at = 4.0},
};
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

struct Step {
  double value;
  Validity validity;
  Maintenance maintenance;
  LimitState expected;
};

void run(std::span<const Limit> limits, std::span<const Step> steps) {
  LimitMemory memory;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    CAPTURE(i);
    const Step& s = steps[i];
    memory = judge(limits, memory, {s.value, {.validity = s.validity, .maintenance = s.maintenance}});
    CHECK(worst(limits, memory) == s.expected);
  }
}

using enum Validity;
constexpr auto none = Maintenance::none;

}  // namespace

TEST_CASE("limits: each limit keeps its own hysteresis and the worst raised one counts") {
  constexpr Step steps[] = {
      {0.40, good, none, LimitState::none},
      {1.00, good, none, LimitState::alarm},  // at the limit is beyond it
      {0.99, good, none, LimitState::none},   // "below 1.0 %" is strict, and enough
      {1.50, good, none, LimitState::cut},
      {1.20, good, none, LimitState::cut},  // the cut holds until below its re-power limit
      {1.00, good, none, LimitState::cut},
      {0.99, good, none, LimitState::none},
  };
  run(ch4, steps);
}

TEST_CASE("limits: no bad or doubtful reading ever clears") {
  constexpr Step steps[] = {
      {1.60, good, none, LimitState::cut},
      {nan, bad_comm, none, LimitState::cut},
      {nan, sensor_fault, none, LimitState::cut},
      {nan, disconnected, none, LimitState::cut},
      {nan, not_read, none, LimitState::cut},
      {0.00, good, Maintenance::calibrating, LimitState::cut},
      {0.00, good, Maintenance::warming_up, LimitState::cut},
      {0.00, good, Maintenance::forced, LimitState::cut},
      {-0.1, under_range, none, LimitState::cut},
      {0.10, good, none, LimitState::none},
  };
  run(ch4, steps);
}

TEST_CASE("limits: a reading beyond a limit raises it whatever is done to the sensor") {
  constexpr Step steps[] = {
      {1.10, good, Maintenance::calibrating, LimitState::alarm},
      {2.00, good, Maintenance::low_supply, LimitState::cut},
  };
  run(ch4, steps);
}

TEST_CASE("limits: the end of the range is beyond every limit on that side") {
  constexpr Step high[] = {
      {0.00, over_range, none, LimitState::cut},  // a catalytic bead reads low again above its range
      {0.00, under_range, none, LimitState::cut},
      {0.00, good, none, LimitState::none},
  };
  run(ch4, high);
  constexpr Step low[] = {
      {0.00, under_range, none, LimitState::alarm}, {0.35, good, none, LimitState::warning},
      {0.60, good, none, LimitState::warning},      {0.61, good, none, LimitState::none},
      {15.0, over_range, none, LimitState::alarm},
  };
  run(air, low);
}

TEST_CASE("limits: a point without limits is in none") {
  CHECK(worst({}, judge({}, {}, {9.0, {.validity = over_range}})) == LimitState::none);
}

TEST_CASE("range: a number beyond the point's own range says so, a bad one stays bad") {
  const Point head{.range_low = 0, .range_high = 4};
  const Point unlimited{};
  struct Row {
    const Point& point;
    double value;
    Validity before;
    Validity after;
  };
  const Row rows[] = {
      {head, 0, good, good},           {head, 4, good, good},
      {head, 4.01, good, over_range},  {head, -0.01, good, under_range},
      {head, nan, bad_comm, bad_comm}, {head, 9, sensor_fault, sensor_fault},
      {unlimited, 1e9, good, good},
  };
  for (const Row& r : rows) {
    CAPTURE(r.value);
    CHECK(within_range(r.point, {r.value, {.validity = r.before}}).quality.validity == r.after);
  }
}
