#include <cmath>
#include <random>

#include <doctest/doctest.h>

#include "tests/gateway/interlock/lock_oracle.hpp"

using namespace davy;
using namespace davy::test;

// Whole lives of a heading from a seed: sensors that rise, fall, die, drift and are worked on, outputs that
// stick, restarts, keys. Each life is held to the oracle step by step, and to what must hold whatever the
// oracle says.
namespace {

class Life {
 public:
  explicit Life(std::uint64_t seed) : random_{seed}, oracle_{scene_.now.steady, false} {
    for (Sensor& s : sensors_) s.value = 0.2;
    sensors_[fan].value = sensors_[duct].value = 1;
  }

  // False at the first step that is not as it must be.
  bool step() {
    if (chance(400)) restart();
    if (chance(60)) turn_key();
    if (chance(300)) toggle_stuck();
    // Often harmless for minutes, so that locks settle and release, and then not.
    if (chance(150)) calm_ = 20 + pick(60);
    if (chance(250)) stormy_heading();
    move_sensors();
    pass();
    const auto before = tripped_now();
    const bool fan_was_acting = scene_.last.outputs[fan_lock].acting;
    scene_.step();
    oracle_.step({scene_.readings, scene_.reports, scene_.now.steady});
    if (restarted_) {
      restarted_ = false;
      return agrees();
    }
    return agrees() && nothing_released_wrongly(before) && fan_locked_by_gas_only(fan_was_acting) &&
           told(before);
  }

  std::string story() const {
    std::string out = "at " + std::to_string(scene_.now.steady.time_since_epoch().count()) + ": locks ";
    for (std::size_t l = 0; l < lock_count; ++l) {
      out += static_cast<char>('a' + l);
      out += scene_.tripped(l) ? '!' : '.';
      out += oracle_.tripped[l] ? '!' : '.';
    }
    for (std::size_t p = 0; p < point_count; ++p) {
      const InputReading& r = scene_.readings[p];
      out += "; " + scene_.points[p].name + " " + std::to_string(r.value) + " " +
             std::string{to_string(r.quality.validity)} + "/" +
             std::string{to_string(r.quality.maintenance)} + " " +
             std::to_string((scene_.now.steady - r.at).count()) + " ms";
    }
    return out;
  }
  std::size_t releases = 0;
  std::size_t fan_locks = 0;
  std::size_t keys = 0;
  std::size_t refused = 0;

 private:
  struct Sensor {
    double value = 0;
    Quality quality;
    int mute = 0;   // steps without a reading
    int wrong = 0;  // steps with this quality
  };

  std::uint64_t pick(std::uint64_t below) {
    return std::uniform_int_distribution<std::uint64_t>{0, below - 1}(random_);
  }
  bool chance(std::uint64_t one_in) { return pick(one_in) == 0; }

  void pass() {
    switch (pick(4)) {
      case 0: return scene_.pass(Duration{static_cast<std::int64_t>(1 + pick(300))});
      case 1: {  // exactly when it is due, which may be now
        const auto due = scene_.last.next_due;
        const auto wait = due == never ? Duration{1000} : due - scene_.now.steady;
        return scene_.pass(std::clamp(wait, Duration{1}, Duration{3000}));
      }
      case 2: return scene_.pass(Duration{1000});
      default: break;
    }
    scene_.pass(chance(40) ? Duration{static_cast<std::int64_t>(pick(90'000))} : Duration{500});
  }

  // Gas at a fan that stands: what row f is about.
  void stormy_heading() {
    calm_ = 0;
    sensors_[fan].value = 0;
    sensors_[chance(2) ? T1 : T2].value = 3.0 + static_cast<double>(pick(3)) / 2;
  }

  void move_sensors() {
    constexpr double levels[] = {0.0, 0.4, 0.5, 0.99, 1.0, 1.2, 1.49, 1.5, 2.0, 2.99, 3.0, 3.9};
    calm_ = calm_ > 0 ? calm_ - 1 : 0;
    for (std::size_t p = 0; p < point_count; ++p) {
      Sensor& s = sensors_[p];
      const bool methane = p == T1 || p == T2 || p == T3;
      if (calm_ > 0) {
        s = {.value = methane ? 0.2 : 1.0};
        if (calm_ > 15 && chance(2)) s.value = methane ? 0.3 : 1;
      } else {
        if (chance(25)) s.value = methane ? levels[pick(std::size(levels))] : static_cast<double>(pick(2));
        if (chance(80)) s.mute = static_cast<int>(pick(30));
        if (chance(60)) {
          s.wrong = static_cast<int>(pick(10));
          s.quality = {.validity = static_cast<Validity>(chance(2) ? pick(7) : 0),
                       .maintenance = static_cast<Maintenance>(chance(2) ? pick(6) : 0)};
        }
      }
      if (p == feed && chance(10)) s.value = scene_.last.outputs[cutter].acting ? 0 : 1;
      if (s.mute > 0) {
        --s.mute;
        continue;
      }
      if (s.wrong > 0) --s.wrong;
      if (s.wrong == 0) s.quality = {};
      const double seen = has_value(s.quality.validity) ? s.value : NAN;
      scene_.read(p, seen, s.quality);
    }
  }

  void toggle_stuck() {
    const auto output = static_cast<std::size_t>(pick(output_count));
    if (scene_.stuck.erase(output) == 0) scene_.stuck[output] = pick(2) == 0;
    if (calm_ > 0) scene_.stuck.clear();
  }

  void restart() {
    const bool remembered = oracle_.fan_remembered();
    right_ = right_ && scene_.interlock->locked_fans().empty() != remembered;
    scene_.restart();
    oracle_ = LockOracle{scene_.now.steady, remembered};
    restarted_ = true;
  }

  void turn_key() {
    // The feed sensor follows, as it does behind a cutter that works.
    if (chance(2)) scene_.read(feed, 0);
    const bool nameless = chance(6);
    const bool fits = oracle_.key_fits(scene_.now.steady);
    const Status used =
        scene_.interlock->use_key({"F", nameless ? "" : "engineer Li", "drainage by plan 7"}, scene_.now);
    right_ = right_ && used.has_value() == (fits && !nameless);
    if (used) {
      oracle_.turn_key(scene_.now.steady);
      ++keys;
    } else {
      ++refused;
    }
  }

  std::vector<bool> tripped_now() const {
    std::vector<bool> out;
    for (std::size_t l = 0; l < lock_count; ++l) out.push_back(scene_.tripped(l));
    return out;
  }

  bool agrees() const {
    bool same = right_;
    for (std::size_t l = 0; l < lock_count; ++l) same = same && scene_.tripped(l) == oracle_.tripped[l];
    const bool cut = scene_.tripped(row_b) || scene_.tripped(row_c) || scene_.tripped(row_d) ||
                     scene_.tripped(row_e) || scene_.tripped(row_g);
    return same && scene_.acting(cutter) == cut && scene_.last.outputs[cutter].on == !cut &&
           scene_.acting(fan_lock) == scene_.tripped(row_f) &&
           scene_.acting(sounder) == scene_.tripped(row_a) &&
           scene_.interlock->faulty(cutter) == oracle_.cutter_faulty() &&
           scene_.interlock->key_open(row_f) == oracle_.key_open() &&
           scene_.last.next_due > scene_.now.steady;  // never at once: that would be a loop without end
  }

  bool bad(std::size_t point) const {
    const InputReading& r = scene_.readings[point];
    return !may_clear(r.quality) || std::isnan(r.value) || scene_.now.steady - r.at > Duration{3000};
  }

  // No lock is ever released while one of its inputs is not good, or inside no release value.
  bool nothing_released_wrongly(const std::vector<bool>& before) {
    for (std::size_t l = 0; l < lock_count; ++l) {
      if (!before[l] || scene_.tripped(l)) continue;
      ++releases;
      for (const LockInput& input : scene_.settings.locks[l].inputs) {
        const double value = scene_.readings[input.point].value;
        const bool fan_state = l == row_f && input.role == InputRole::fan;  // known is enough
        const bool inside = input.side == Side::high ? value < input.release_at : value > input.release_at;
        if (bad(input.point) || (!fan_state && !inside)) return false;
      }
      for (std::size_t p = 0; l == row_g && p < feed; ++p) {
        const Quality& q = scene_.readings[p].quality;
        if (!has_value(q.validity) || scene_.now.steady - scene_.readings[p].at > Duration{3000})
          return false;
      }
    }
    return true;
  }

  // A fan is locked by gas above the release value that is measured now while the fan is seen to stand, or
  // not at all: nothing that is lost, broken or unknown can do it.
  bool fan_locked_by_gas_only(bool was_acting) {
    if (was_acting || !scene_.acting(fan_lock)) return true;
    ++fan_locks;
    const auto measured = [&](std::size_t p) {
      const InputReading& r = scene_.readings[p];
      const auto v = r.quality.validity;
      return scene_.now.steady - r.at <= Duration{3000} && has_value(v);
    };
    const bool gas = (measured(T1) && (scene_.readings[T1].value >= 1.5 ||
                                       scene_.readings[T1].quality.validity == Validity::over_range)) ||
                     (measured(T2) && (scene_.readings[T2].value >= 1.5 ||
                                       scene_.readings[T2].quality.validity == Validity::over_range));
    return gas && measured(fan) &&
           (scene_.readings[fan].value <= 0 ||
            scene_.readings[fan].quality.validity == Validity::under_range);
  }

  // What acts is told, with words.
  bool told(const std::vector<bool>& before) const {
    for (std::size_t l = 0; l < lock_count; ++l) {
      if (before[l] == scene_.tripped(l)) continue;
      const auto kind = before[l] ? EventKind::lock_released : EventKind::lock_tripped;
      const std::string name = " | " + scene_.settings.locks[l].name;
      const bool found = std::ranges::any_of(scene_.last.events, [&](const Event& e) {
        return e.kind == kind && e.first > 0 && e.text.find(name) != std::string::npos &&
               e.text.starts_with("row ");
      });
      if (!found) return false;
    }
    return true;
  }

  std::mt19937_64 random_;
  LockScene scene_;
  LockOracle oracle_;
  std::array<Sensor, point_count> sensors_{};
  std::uint64_t calm_ = 100;
  bool right_ = true;
  bool restarted_ = false;
};

}  // namespace

TEST_CASE("locks: whole lives do what the clauses say, release nothing unseen, and lock no fan without gas") {
  std::size_t releases = 0;
  std::size_t fan_locks = 0;
  std::size_t keys = 0;
  std::size_t refused = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Life life{seed};
    for (int step = 0; step < 3000; ++step) {
      if (life.step()) continue;
      CAPTURE(seed);
      CAPTURE(step);
      FAIL(life.story());
    }
    releases += life.releases;
    fan_locks += life.fan_locks;
    keys += life.keys;
    refused += life.refused;
  }
  // The lives were worth living.
  MESSAGE(releases << " releases, " << fan_locks << " fan locks, " << keys << " keys used, " << refused
                   << " refused");
  CHECK(releases > 1000);
  CHECK(fan_locks > 100);
  CHECK(keys > 20);
  CHECK(refused > 100);
}
