#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "proto/base/clock.hpp"

namespace davy::sim {

// A stretch of true time in which a point's air is dangerous.
struct Hazard {
  SteadyTime from;
  SteadyTime to;
};

// What the air at one point really is, whatever anybody measures of it. A pure function of the seed and of
// true time.
class TruePoint {
 public:
  TruePoint(std::string name, std::uint64_t seed, SteadyTime start, Duration length);

  static constexpr double limit = 1.0;  // %CH4
  static constexpr double clear_at = 0.9;
  static constexpr double safe_max = 0.8;    // never above this outside a hazard
  static constexpr double hazard_min = 1.1;  // never below this inside one

  double value_at(SteadyTime t) const;  // steps of 0.01, changes every second
  bool dangerous_at(SteadyTime t) const;
  const std::string& name() const { return name_; }
  const std::vector<Hazard>& hazards() const { return hazards_; }

 private:
  std::string name_;
  std::uint64_t seed_;
  std::vector<Hazard> hazards_;
};

}  // namespace davy::sim
