#include "host/core/latest_values.hpp"

#include <algorithm>
#include <limits>

#include "proto/base/assert.hpp"

namespace davy {

void LatestValues::define(HostPointId point) {
  const std::size_t number = to_number(point);
  DAVY_ASSERT(number > 0);
  while (entries_.size() < number) {
    const HostPointId id{static_cast<std::uint32_t>(entries_.size() + 1)};
    entries_.push_back({.value = {.point = id, .value = std::numeric_limits<double>::quiet_NaN()}});
  }
}

void LatestValues::take(const JudgedReading& reading, Now now) {
  Entry& entry = entries_[to_number(reading.point) - 1];
  // A late reading is shown only where there is nothing newer.
  if (!reading.live && entry.value.received != SteadyTime{} && reading.at <= entry.value.at) return;
  entry.value.value = reading.value;
  entry.value.quality = reading.quality;
  entry.value.at = reading.at;
  entry.value.received = now.steady;
  entry.value.age_at_receipt = std::max(Duration{0}, Duration{now.wall - reading.at});
  entry.value.late = !reading.live;
  entry.value.clock = reading.clock;
  if (entry.changed) return;
  entry.changed = true;
  changed_.push_back(reading.point);
}

const std::vector<LatestValue>& LatestValues::take_changed() {
  told_.clear();
  for (const HostPointId id : changed_) {
    Entry& entry = entries_[to_number(id) - 1];
    entry.changed = false;
    told_.push_back(entry.value);
  }
  changed_.clear();
  return told_;
}

}  // namespace davy
