#include "gateway/scan/fast_lane.hpp"

#include <algorithm>

namespace davy {
namespace {

std::chrono::microseconds part(Duration period, double share) {
  return std::chrono::microseconds{
      static_cast<std::int64_t>(1000.0 * share * static_cast<double>(period.count()))};
}

}  // namespace

FastLane::FastLane(Duration period, std::size_t devices, double ordinary_load)
    : period_{period},
      near_max_{part(period, std::clamp(0.9 - ordinary_load, 0.0, 0.5))},
      beyond_max_{part(period, std::clamp(0.95 - ordinary_load, 0.0, 0.75))},
      shares_(devices) {}

void FastLane::take(std::size_t device, std::chrono::microseconds cost) {
  taken_ += cost - shares_[device];
  shares_[device] = cost;
}

bool FastLane::has_room(std::size_t device, std::chrono::microseconds cost, bool beyond_limit) const {
  return taken_ - shares_[device] + cost <= (beyond_limit ? beyond_max_ : near_max_);
}

}  // namespace davy
