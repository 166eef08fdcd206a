#include "tests/sim/lock_witness.hpp"

#include <algorithm>

namespace davy::sim {
namespace {

using namespace std::chrono_literals;

constexpr Duration reaction = 2s;  // AQ 6201 5.5.2.3
// The world looks once a second at least.
constexpr Duration look_every = 1s;
constexpr std::size_t complaints_max = 10;

}  // namespace

LockWitness::LockWitness(std::string name, Times times, std::size_t inputs)
    : name_{std::move(name)}, times_{times}, inputs_(inputs) {}

void LockWitness::on_reading(std::size_t input, double value, SteadyTime now) {
  inputs_[input].read = value;
  inputs_[input].read_at = now;
}

void LockWitness::on_start(SteadyTime now) {
  alive_since_ = now;
  disobeyed_since_.reset();
}

void LockWitness::look(const std::vector<TruePoint>& truth, const PowerNow& power, SteadyTime now) {
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    if (!truth[i].dangerous_at(now)) {
      inputs_[i].gas_since.reset();
    } else if (!inputs_[i].gas_since) {
      inputs_[i].gas_since = now;
    }
  }
  if (!power.relay_well) well_since_.reset();
  if (power.relay_well && !well_since_) well_since_ = now;
  if (power.alive) check_cut(truth, power, now);
  if (power.alive && power.on && !was_on_) check_feed(now);
  feeds_seen_ += power.on && !was_on_ ? 1 : 0;
  cuts_seen_ += !power.on && was_on_ ? 1 : 0;
  was_on_ = power.on;
}

void LockWitness::check_cut(const std::vector<TruePoint>& truth, const PowerNow& power, SteadyTime now) {
  for (std::size_t i = 0; i < inputs_.size() && !power.cuts; ++i) {
    const Input& input = inputs_[i];
    const Duration patience = times_.poll + reaction;
    if (input.gas_since && now - std::max(*input.gas_since, alive_since_) > patience)
      complain("does not cut though there is gas at " + truth[i].name(), now);
    if (now - std::max(input.read_at.value_or(alive_since_), alive_since_) > patience)
      complain("does not cut though nothing is heard of " + truth[i].name(), now);
  }
  if (!power.cuts || !power.on) return disobeyed_since_.reset();
  if (!disobeyed_since_) disobeyed_since_ = now;
  const Duration disobeyed = now - *disobeyed_since_;
  const Duration told_within = times_.read_back_within + look_every;
  if (disobeyed > told_within && !power.output_faulty)
    complain(
        "there is power for " + std::to_string(disobeyed.count()) + " ms though it cuts, and nobody says so",
        now);
  // It is told again at every look, so a relay that is well again follows soon.
  if (well_since_ && now - std::max(*well_since_, *disobeyed_since_) > told_within)
    complain("there is power though it cuts and the relay is well", now);
}

void LockWitness::check_feed(SteadyTime now) {
  if (now - alive_since_ < times_.settle) complain("power before it has settled", now);
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    const Input& input = inputs_[i];
    const std::string which = " though input " + std::to_string(i + 1);
    if (!input.read_at || now - *input.read_at > times_.stale_after) {
      complain("power comes" + which + " was not read lately", now);
    } else if (input.read >= TruePoint::clear_at) {
      complain("power comes" + which + " was read " + std::to_string(input.read), now);
    }
  }
}

void LockWitness::complain(const std::string& what, SteadyTime now) {
  if (complaints_.size() >= complaints_max) return;
  complaints_.push_back(name_ + " at " + std::to_string(to_ms(now)) + " ms: " + what);
}

}  // namespace davy::sim
