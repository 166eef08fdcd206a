#include "drivers/tags/sighting_filter.hpp"

#include <cstdlib>

namespace davy {

bool SightingFilter::passes(const Sighting& sighting, SteadyTime now) {
  forget(now);
  const auto at = tags_.find(sighting.tag);
  if (at == tags_.end()) {
    if (tags_.size() < settings_.tags_max) {
      tags_.emplace(sighting.tag, Track{sighting, sighting.source_time, now});
    }
    return true;
  }
  Track& track = at->second;
  track.arrived = now;
  // From before the last one: history, which says nothing of what is now. Long before: a clock was set.
  if (sighting.source_time < track.seen) {
    if (track.seen - sighting.source_time > settings_.forget_after)
      track = {sighting, sighting.source_time, now};
    return true;
  }
  const bool merge = says_the_same(track, sighting);
  track.seen = sighting.source_time;
  if (merge) {
    ++merged_;
    return false;
  }
  track.passed = sighting;
  return true;
}

bool SightingFilter::says_the_same(const Track& track, const Sighting& sighting) const {
  const Sighting& passed = track.passed;
  const std::int64_t moved =
      std::llabs(std::int64_t{sighting.distance_cm} - std::int64_t{passed.distance_cm});
  return !sighting.sos && !passed.sos && sighting.low_battery == passed.low_battery &&
         sighting.reader == passed.reader && (sighting.distance_cm < 0) == (passed.distance_cm < 0) &&
         moved < settings_.move_min_cm && sighting.source_time - track.seen <= settings_.repeat_within &&
         sighting.source_time - passed.source_time < settings_.keep_alive;
}

// At most once in a while, so that many tags cost little.
void SightingFilter::forget(SteadyTime now) {
  if (!swept_) swept_ = now;
  if (now - *swept_ < settings_.forget_after / 4) return;
  swept_ = now;
  std::erase_if(tags_, [&](const auto& each) { return now - each.second.arrived >= settings_.forget_after; });
}

}  // namespace davy
