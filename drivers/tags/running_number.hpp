#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_map>

#include "proto/model/sighting.hpp"

// The numbers by which a reader counts its sightings: what they say of gaps, repeats and restarts.
namespace davy {

// How far `number` is ahead of `last`, both below `modulus`; nothing when it went back. Who counts round and
// round can be read in two ways; a jump over the end of the numbers is taken for one while it is short.
std::optional<std::uint64_t> steps_ahead(std::uint64_t last, std::uint64_t number, std::uint64_t modulus);

// The latest sightings with their numbers, to know those that come again.
class SeenSightings {
 public:
  // `aged`: the reader tells the age of a sighting, so its time is known well.
  SeenSightings(std::size_t count_max, bool aged) : count_max_{count_max}, aged_{aged} {}

  void set_count_max(std::size_t count_max) { count_max_ = count_max; }
  void remember(std::uint64_t number, const Sighting& sighting);
  bool has(std::uint64_t number) const { return by_number_.contains(number); }
  // This very sighting: same number, same content, same time.
  bool knows(std::uint64_t number, const Sighting& sighting) const;
  // The same without its time, for when our own clock may have been set meanwhile.
  bool looks_known(std::uint64_t number, const Sighting& sighting) const;

 private:
  struct Entry {
    Sighting sighting;
    std::uint64_t stamp = 0;
  };
  const Entry* find(std::uint64_t number, const Sighting& sighting) const;

  std::size_t count_max_;
  const bool aged_;
  std::uint64_t stamp_ = 0;
  std::unordered_map<std::uint64_t, Entry> by_number_;
  std::deque<std::pair<std::uint64_t, std::uint64_t>> order_;  // number and stamp, the oldest first
};

// Follows the numbers of sightings that come one by one.
class RunningNumber {
 public:
  RunningNumber(std::uint64_t modulus, bool aged);

  struct Verdict {
    bool repeated = false;   // drop it
    bool restarted = false;  // the reader counts anew
    std::uint64_t lost = 0;  // so many are missing before this one
  };
  Verdict take(std::uint64_t number, const Sighting& sighting);

 private:
  const std::uint64_t modulus_;
  std::optional<std::uint64_t> last_;
  SeenSightings seen_;
};

}  // namespace davy
