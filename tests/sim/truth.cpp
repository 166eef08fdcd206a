#include "tests/sim/truth.hpp"

#include <algorithm>
#include <utility>

namespace davy::sim {
namespace {

// A well mixed number for a seed and a second: no state, so any moment can be asked for in any order.
std::uint64_t mix(std::uint64_t seed, std::uint64_t second) {
  std::uint64_t x = seed * 0x9E3779B97F4A7C15ULL + second;
  x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27U)) * 0x94D049BB133111EBULL;
  return x ^ (x >> 31U);
}

}  // namespace

TruePoint::TruePoint(std::string name, std::uint64_t seed, SteadyTime start, Duration length)
    : name_{std::move(name)}, seed_{seed} {
  std::mt19937_64 random{seed};
  SteadyTime t = start;
  for (;;) {
    t += length / 20 +
         Duration{static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(length.count()))} / 2;
    const auto lasts =
        length / 100 +
        Duration{static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(length.count()))} / 8;
    if (t + lasts > start + length) break;
    hazards_.push_back({t, t + lasts});
    t += lasts;
  }
}

bool TruePoint::dangerous_at(SteadyTime t) const {
  return std::ranges::any_of(hazards_, [t](const Hazard& h) { return h.from <= t && t < h.to; });
}

double TruePoint::value_at(SteadyTime t) const {
  const auto noise = mix(seed_, static_cast<std::uint64_t>(to_ms(t)) / 1000);
  // Hundredths: safe 0.10 .. 0.80, dangerous 1.10 .. 1.60.
  const std::uint64_t hundredths = dangerous_at(t) ? 110 + noise % 51 : 10 + noise % 71;
  return static_cast<double>(hundredths) / 100.0;
}

}  // namespace davy::sim
