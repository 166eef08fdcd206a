#include <cmath>
#include <limits>

#include <doctest/doctest.h>

#include "gateway/interlock/lock_row.hpp"
#include "tests/gateway/interlock/lock_scene.hpp"

// Every row with every state of its inputs, every quality, every age and every state of the lock. What is
// expected is computed here from the clauses, in their own words.
using namespace davy;
using namespace davy::test;

namespace {

constexpr Duration stale_after{3000};
constexpr Duration settle{60'000};
constexpr SteadyTime t0{Duration{1'000'000}};

enum class Where : std::uint8_t { safe, between, at_limit, past, no_number };
constexpr Where wheres[] = {Where::safe, Where::between, Where::at_limit, Where::past, Where::no_number};
constexpr Duration ages[] = {Duration{0}, stale_after, stale_after + Duration{1}, Duration{3'600'000}};
constexpr int validity_count = 8;     // seven known ones and a code nobody knows
constexpr int maintenance_count = 7;  // six and one

struct State {
  Where where{};
  int validity = 0;
  int maintenance = 0;
  Duration age{};
};

// Numbers on both sides: gas is bad when high, air when low. Powers of two, so that none is rounded.
double number(Side side, Where where) {
  const double bad = side == Side::high ? 1 : -1;
  switch (where) {
    case Where::safe: return 2 - bad * 1;
    case Where::between: return 2 - bad * 0.5;  // exactly the release value: not below it
    case Where::at_limit: return 2;
    case Where::past: return 2 + bad * 1;
    case Where::no_number: break;
  }
  return std::numeric_limits<double>::quiet_NaN();
}

LockInput input_of(Side side, InputRole role = InputRole::value) {
  return {.role = role, .side = side, .trip_at = 2, .release_at = number(side, Where::between)};
}

InputReading reading_of(Side side, const State& s) {
  return {.value = number(side, s.where),
          .quality = {.validity = static_cast<Validity>(s.validity),
                      .maintenance = static_cast<Maintenance>(s.maintenance)},
          .at = t0 - s.age};
}

// The clauses. "Nobody knows" is not a value of a sensor, it is the absence of one.
struct Clauses {
  bool dangerous;  // the sensor says that it is bad out there, or that it cannot measure so much
  bool silent;     // nobody knows
  bool harmless;   // good, fresh, untouched, inside the release value
  bool sure;       // dangerous, and by a sensor that measures
  bool known;      // fresh, good, untouched
};

Clauses clauses_of(Side side, const State& s) {
  const auto v = static_cast<Validity>(s.validity);
  const auto m = static_cast<Maintenance>(s.maintenance);
  const bool fresh = s.age <= stale_after;
  const bool number_there = v == Validity::good && s.where != Where::no_number;
  const bool past_the_end = v == (side == Side::high ? Validity::over_range : Validity::under_range);
  const bool other_end = side == Side::low && v == Validity::over_range;
  const bool measures =
      m == Maintenance::none || m == Maintenance::calibrating || m == Maintenance::low_supply;
  const bool bad_value = s.where == Where::at_limit || s.where == Where::past;
  Clauses out{};
  out.dangerous = fresh && (past_the_end || (number_there && bad_value));
  out.silent = !fresh || !(number_there || past_the_end || other_end) || (!measures && !out.dangerous);
  out.known = fresh && number_there && m == Maintenance::none;
  out.harmless = out.known && s.where == Where::safe;
  out.sure = out.dangerous && (measures || m == Maintenance::forced);
  return out;
}

std::vector<State> all_states() {
  std::vector<State> out;
  for (const Where where : wheres) {
    for (int v = 0; v < validity_count; ++v) {
      for (int m = 0; m < maintenance_count; ++m) {
        for (const Duration age : ages) out.push_back({where, v, m, age});
      }
    }
  }
  return out;
}

// Enough of them to meet each class of state; for rows with several inputs.
std::vector<State> some_states() {
  return {{Where::safe, 0, 0, {}},     {Where::between, 0, 0, {}},
          {Where::at_limit, 0, 0, {}}, {Where::past, 0, 0, {}},
          {Where::past, 0, 1, {}},     {Where::safe, 0, 1, {}},
          {Where::past, 0, 2, {}},     {Where::safe, 0, 2, {}},
          {Where::past, 0, 4, {}},     {Where::safe, 0, 5, {}},
          {Where::past, 0, 5, {}},     {Where::past, 1, 0, {}},
          {Where::past, 2, 0, {}},     {Where::past, 3, 0, {}},
          {Where::safe, 4, 0, {}},     {Where::past, 5, 0, {}},
          {Where::past, 6, 0, {}},     {Where::past, 7, 0, {}},
          {Where::safe, 0, 6, {}},     {Where::past, 0, 0, stale_after + Duration{1}},
          {Where::past, 0, 6, {}},     {Where::safe, 0, 0, stale_after},
          {Where::no_number, 0, 0, {}}};
}

// Tripped before or not, and how long there has been no fault.
struct Before {
  bool tripped;
  Duration settled_in;  // still to wait; none when it is settled
};
constexpr Before befores[] = {
    {false, Duration{0}}, {true, Duration{0}}, {true, Duration{1}}, {true, settle}, {false, settle}};

struct Expected {
  bool trip;
  bool fault;
  bool release;
};

// By the clauses of one row.
Expected expect(LockRow row, std::span<const LockInput> inputs, std::span<const Clauses> c,
                bool device_fault) {
  const auto any = [&](auto what) { return std::ranges::any_of(c, what); };
  const auto all = [&](auto what) { return std::ranges::all_of(c, what); };
  const bool silent = any([](const Clauses& x) { return x.silent || (x.dangerous && !x.sure); });
  const bool harmless = all([](const Clauses& x) { return x.harmless; });
  const bool danger = any([](const Clauses& x) { return x.dangerous; });
  const bool mute = any([](const Clauses& x) { return x.silent; });
  switch (row) {
    case LockRow::methane_alarm: return {danger, silent, harmless};
    case LockRow::methane_face:
    case LockRow::methane_return:
    case LockRow::methane_intake:
    case LockRow::cut:
    case LockRow::wind: return {danger || mute, silent, harmless};
    case LockRow::device_fault: return {device_fault || danger || mute, true, !device_fault && harmless};
    case LockRow::fan_start: break;
  }
  bool gas = false;
  bool gas_gone = true;
  bool stopped = true;
  bool fan_known = true;
  for (std::size_t i = 0; i < c.size(); ++i) {
    if (inputs[i].role == InputRole::fan) {
      stopped = stopped && c[i].sure;
      fan_known = fan_known && c[i].known;
    } else {
      gas = gas || c[i].sure;
      gas_gone = gas_gone && c[i].harmless;
    }
  }
  return {gas && stopped, silent, gas_gone && fan_known};
}

void check_row(LockRow row, const std::vector<LockInput>& inputs, const std::vector<State>& states,
               bool device_fault = false) {
  std::vector<JudgedInput> judged;
  std::vector<Clauses> clauses;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    judged.push_back(judge_input(inputs[i], stale_after, reading_of(inputs[i].side, states[i]), t0));
    clauses.push_back(clauses_of(inputs[i].side, states[i]));
  }
  const Expected want = expect(row, inputs, clauses, device_fault);
  const RowVerdict verdict = judge_row(row, {inputs, judged, device_fault});
  const bool row_g = row == LockRow::device_fault;
  const bool fault = row_g ? want.trip : want.fault;
  bool good = verdict.trip == want.trip && verdict.fault == fault && verdict.may_release == want.release &&
              (!verdict.trip || verdict.cause.has_value() || device_fault);
  for (const Before& before : befores) {
    const LockMemory memory{.tripped = before.tripped, .settle_until = t0 + before.settled_in};
    const LockMemory after = next_memory(memory, verdict, settle, t0);
    const bool may = want.release && !fault && before.settled_in == Duration{0};
    good = good && after.tripped == (want.trip || (before.tripped && !may));
    if (fault) good = good && after.settle_until == t0 + settle;
  }
  if (good) return;
  for (std::size_t i = 0; i < states.size(); ++i) {
    INFO("input " << i << ": where " << static_cast<int>(states[i].where) << ", validity "
                  << states[i].validity << ", maintenance " << states[i].maintenance << ", age "
                  << states[i].age.count());
    CAPTURE(row_name(row));
    FAIL_CHECK("row does not do what its clauses say");
  }
}

}  // namespace

TEST_CASE("lock table: rows of one input, in every state, quality and age") {
  const auto states = all_states();
  CHECK(states.size() == 5 * 8 * 7 * 4);
  for (const LockRow row : {LockRow::methane_alarm, LockRow::methane_face, LockRow::methane_return,
                            LockRow::methane_intake, LockRow::cut, LockRow::device_fault}) {
    for (const State& state : states) {
      check_row(row, {input_of(Side::high)}, {state});
      if (row == LockRow::cut || row == LockRow::device_fault) check_row(row, {input_of(Side::low)}, {state});
    }
  }
  for (const bool fault : {false, true}) check_row(LockRow::device_fault, {}, {}, fault);
}

TEST_CASE("lock table: one of several methane inputs trips, all are needed to release") {
  for (const State& first : some_states()) {
    for (const State& second : all_states()) {
      check_row(LockRow::methane_face, {input_of(Side::high), input_of(Side::high)}, {first, second});
    }
  }
}

TEST_CASE("lock table: fan and duct, in every state of the one with each of the other") {
  const std::vector<LockInput> inputs{input_of(Side::low, InputRole::fan),
                                      input_of(Side::low, InputRole::duct)};
  for (const State& first : some_states()) {
    for (const State& second : all_states()) {
      check_row(LockRow::wind, inputs, {first, second});
      check_row(LockRow::wind, inputs, {second, first});
    }
  }
}

TEST_CASE("lock table: the fan lock knows gas and standstill, and no loss of anything") {
  const std::vector<LockInput> inputs{input_of(Side::high), input_of(Side::high),
                                      input_of(Side::low, InputRole::fan)};
  for (const State& t1 : some_states()) {
    for (const State& t2 : some_states()) {
      for (const State& stopped : some_states()) check_row(LockRow::fan_start, inputs, {t1, t2, stopped});
    }
  }
  for (const State& t1 : all_states()) {
    for (const State& stopped : some_states()) {
      check_row(LockRow::fan_start, {inputs[0], inputs[2]}, {t1, stopped});
      check_row(LockRow::fan_start, {inputs[0], inputs[2]}, {stopped, t1});
    }
  }
}

TEST_CASE("lock table: of two fans that stand in for each other one is enough") {
  const State runs{Where::safe, 0, 0, {}};
  const State stands{Where::at_limit, 0, 0, {}};
  const State lost{Where::safe, 5, 0, {}};
  struct Row {
    State first, second;
    bool trips, releases;
  };
  const Row rows[] = {{runs, runs, false, true},   {runs, stands, false, true},
                      {stands, runs, false, true}, {stands, stands, true, false},
                      {runs, lost, true, false},   {stands, lost, true, false}};
  const std::vector<LockInput> inputs{input_of(Side::low, InputRole::fan),
                                      input_of(Side::low, InputRole::fan),
                                      input_of(Side::low, InputRole::duct)};
  for (const Row& r : rows) {
    std::vector<JudgedInput> judged;
    for (const State& s : {r.first, r.second, runs})
      judged.push_back(judge_input(inputs[0], stale_after, reading_of(Side::low, s), t0));
    const RowVerdict verdict = judge_row(LockRow::wind, {inputs, judged});
    CHECK(verdict.trip == r.trips);
    CHECK(verdict.may_release == r.releases);
  }
}

TEST_CASE("lock table: after power-up what cuts is tripped, the sounder silent, the fan free") {
  for (std::size_t row = 0; row < lock_row_count; ++row) {
    const auto r = static_cast<LockRow>(row);
    CHECK(starts_tripped(r) == (r != LockRow::methane_alarm && r != LockRow::fan_start));
  }
}
