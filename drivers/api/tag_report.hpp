#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "proto/model/sighting.hpp"

namespace davy {

// What a reader of tags has told. Everything that reads one appends to it; who takes the report empties it.
struct TagReport {
  std::vector<Sighting> sightings;  // in the reader's order
  std::uint64_t lost = 0;        // sightings that the reader had and that will never come: at least so many
  std::uint64_t repeated = 0;    // came again and were dropped
  std::uint64_t unreadable = 0;  // slots, frames or lines that should hold a sighting and hold none
  bool restarted =
      false;            // the reader counts anew: what it had and had not told is lost, nobody knows how much
  std::string message;  // the last thing that went wrong, for a person

  bool empty() const {
    return sightings.empty() && lost + repeated + unreadable == 0 && !restarted && message.empty();
  }
};

}  // namespace davy
