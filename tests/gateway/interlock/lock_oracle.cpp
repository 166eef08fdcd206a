#include "tests/gateway/interlock/lock_oracle.hpp"

#include <cmath>

namespace davy::test {
namespace {

constexpr Duration minute{60'000};
constexpr Duration half_hour{1'800'000};
constexpr Duration believed{3000};
constexpr Duration follows_within{2000};

}  // namespace

LockOracle::LockOracle(SteadyTime now, bool fan_was_locked) {
  for (const L l : {row_b, row_c, row_d, row_e, row_g}) tripped[l] = true;
  tripped[row_f] = fan_was_locked;
  fault_over_.fill(now);
}

// A methane sensor. Nobody knows: too old, no number, a device that says it is none, a drifted zero, a sensor
// that is paused, warming up or made to say something harmless.
LockOracle::Told LockOracle::gas(const World& world, std::size_t point, double trip, double release) const {
  const InputReading& r = world.readings[point];
  const auto m = r.quality.maintenance;
  const bool over = r.quality.validity == Validity::over_range;
  if (world.now - r.at > believed) return {};
  if (!over && (r.quality.validity != Validity::good || std::isnan(r.value))) return {};
  const bool paused = m == Maintenance::warming_up || m == Maintenance::inhibited;
  if (over || r.value >= trip) return {Word::bad, !paused, !over && m == Maintenance::none};
  if (paused || m == Maintenance::forced) return {};
  const bool clean = m == Maintenance::none;
  return {clean && r.value < release ? Word::fine : Word::band, true, clean};
}

// A contact of fan or duct: 0 is bad.
LockOracle::Told LockOracle::contact(const World& world, std::size_t point) const {
  const InputReading& r = world.readings[point];
  const auto m = r.quality.maintenance;
  const auto v = r.quality.validity;
  if (world.now - r.at > believed) return {};
  const bool paused = m == Maintenance::warming_up || m == Maintenance::inhibited;
  const bool zero = v == Validity::under_range || (v == Validity::good && r.value <= 0);
  if (zero) return {Word::bad, !paused, v == Validity::good && m == Maintenance::none};
  if (paused || m == Maintenance::forced) return {};
  if (v == Validity::over_range) return {Word::band, true, false};
  if (v != Validity::good || std::isnan(r.value)) return {};
  return {m == Maintenance::none ? Word::fine : Word::band, true, m == Maintenance::none};
}

void LockOracle::lock(std::size_t which, bool trips, bool fault, bool all_fine, SteadyTime now) {
  if (fault || fault_now_[which]) fault_over_[which] = now;
  fault_now_[which] = fault;
  if (trips) tripped[which] = true;
  if (!trips && all_fine && now - fault_over_[which] >= minute) tripped[which] = false;
}

// An output that for two seconds has not read back as wanted is faulty, until it does.
void LockOracle::watch_outputs(const World& world) {
  for (std::size_t o = 0; o < output_count && !first_; ++o) {
    const OutputReport& report = world.reports[o];
    const bool energised = o == cutter ? !wanted_[o] : wanted_[o];
    const bool right = report.on && *report.on == energised && report.at >= wanted_since_[o] &&
                       world.now - report.at <= follows_within;
    if (right) {
      wrong_[o] = faulty_[o] = false;
      continue;
    }
    if (!wrong_[o]) wrong_since_[o] = world.now;
    wrong_[o] = true;
    if (world.now - wrong_since_[o] >= follows_within) faulty_[o] = true;
  }
}

void LockOracle::step(const World& world) {
  const Told a = gas(world, T1, 1.0, 1.0);
  const Told b = gas(world, T1, 1.5, 1.0);
  const Told c = gas(world, T2, 1.0, 1.0);
  const Told d = gas(world, T3, 0.5, 0.5);
  const Told f1 = gas(world, T1, 3.0, 1.5);
  const Told f2 = gas(world, T2, 3.0, 1.5);
  const Told runs = contact(world, fan);
  const Told blows = contact(world, duct);
  watch_outputs(world);
  const auto cuts = [](const Told& t) { return t.word == Word::bad || t.word == Word::nobody_knows; };
  const auto fine = [](const Told& t) { return t.word == Word::fine; };
  const auto now = world.now;
  lock(row_a, a.word == Word::bad, broken(a), fine(a), now);
  lock(row_b, cuts(b), broken(b), fine(b), now);
  lock(row_c, cuts(c), broken(c), fine(c), now);
  lock(row_d, cuts(d), broken(d), fine(d), now);
  lock(row_e, cuts(runs) || cuts(blows), broken(runs) || broken(blows), fine(runs) && fine(blows), now);
  const auto sure = [](const Told& t) { return t.word == Word::bad && t.trustworthy; };
  const bool gas_at_standing_fan = sure(runs) && (sure(f1) || sure(f2));
  const bool fan_free = fine(f1) && fine(f2) && runs.clean;
  const bool f_fault = broken(f1) || broken(f2) || broken(runs);
  lock(row_f, gas_at_standing_fan && !key_until_, f_fault, fan_free, now);
  const bool devices = broken(a) || broken(b) || broken(c) || broken(d) || broken(runs) || broken(blows) ||
                       f_fault || faulty_[cutter] || faulty_[fan_lock] || faulty_[sounder];
  lock(row_g, devices, devices, !devices, now);

  const InputReading& feed_reading = world.readings[feed];
  const bool believable = now - feed_reading.at <= believed && may_clear(feed_reading.quality);
  fed_ = believable ? std::optional{feed_reading.value > 0} : std::nullopt;
  feed_read_at_ = feed_reading.at;
  const bool cut = tripped[row_b] || tripped[row_c] || tripped[row_d] || tripped[row_e] || tripped[row_g];
  const bool over = key_until_ && ((fan_free && now - fault_over_[row_f] >= minute) || now >= *key_until_ ||
                                   !cut || fed_ == true);
  if (over) {
    key_until_.reset();
    const auto still_there = [&](const Told& t) { return sure(t) || (t.word == Word::band && t.clean); };
    if (sure(runs) && (still_there(f1) || still_there(f2))) tripped[row_f] = true;
  }
  const std::array<bool, output_count> wants{cut, tripped[row_f], tripped[row_a]};
  for (std::size_t o = 0; o < output_count; ++o) {
    if (!first_ && wanted_[o] == wants[o]) continue;
    wanted_[o] = wants[o];
    wanted_since_[o] = now;
    if (!wrong_[o]) wrong_since_[o] = now;
    wrong_[o] = true;
  }
  first_ = false;
}

// Nobody starts a fan into gas unless everything it blows over is proven to be without power.
bool LockOracle::key_fits(SteadyTime now) const {
  const bool dead = fed_ == false && now - feed_read_at_ <= believed;
  return !first_ && (tripped[row_f] || key_until_) && wanted_[cutter] && !wrong_[cutter] && dead;
}

void LockOracle::turn_key(SteadyTime now) {
  key_until_ = now + half_hour;
  tripped[row_f] = false;
}

}  // namespace davy::test
