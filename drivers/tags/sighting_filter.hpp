#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>

#include "proto/model/sighting.hpp"

namespace davy {

struct FilterSettings {
  Duration repeat_within{1'000};  // less frequent ones are no repeats
  std::int32_t move_min_cm = 100;
  Duration keep_alive{5'000};     // one passes at least so often
  Duration forget_after{60'000};  // a tag that has not been seen for so long
  std::size_t tags_max = 1024;
};

// Merges the many sightings of a tag that say the same. What passes: the first, SOS, a change of battery,
// SOS, reader or side, a move of `move_min_cm` from the last one that passed, and one every `keep_alive`, so
// that nobody who stands still counts as lost. For the sightings of one reader, or of all of a gateway.
//
// Never drops when in doubt: a sighting out of order passes, and so does everything of tags beyond
// `tags_max`.
class SightingFilter {
 public:
  explicit SightingFilter(FilterSettings settings = {}) : settings_{settings} {}

  // `now` is when it arrived; its own time may be earlier.
  bool passes(const Sighting& sighting, SteadyTime now);
  std::uint64_t merged() const { return merged_; }
  std::size_t tags() const { return tags_.size(); }

 private:
  struct Track {
    Sighting passed;     // the last one that did
    WallTime seen;       // the last one
    SteadyTime arrived;  // the last one
  };
  bool says_the_same(const Track& track, const Sighting& sighting) const;
  void forget(SteadyTime now);

  const FilterSettings settings_;
  std::unordered_map<std::uint64_t, Track> tags_;
  std::optional<SteadyTime> swept_;
  std::uint64_t merged_ = 0;
};

}  // namespace davy
