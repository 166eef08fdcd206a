#pragma once

#include <cstdint>
#include <vector>

#include "proto/base/inbox.hpp"
#include "proto/model/event.hpp"
#include "proto/model/sample.hpp"
#include "proto/model/sighting.hpp"

namespace davy {

// BusBatch::bus of what no bus brought: events of the local locks.
inline constexpr std::uint32_t no_bus = UINT32_MAX;

// Of one bus since the program started.
struct BusCounts {
  std::uint64_t failed_requests = 0;  // on CAN: error frames, lost frames and messages that stayed away
  std::uint64_t missed_rounds = 0;

  bool operator==(const BusCounts&) const = default;
};

// What one step of one bus's scanner brought.
struct BusBatch {
  std::uint32_t bus = 0;  // position in GatewayConfig::buses, or no_bus
  BusCounts counts;
  std::vector<Sample> samples;
  std::vector<Sighting> sightings;
  std::vector<Event> events;
};

// From the bus threads to the edge's thread. A full one refuses: the scanner counts and reports what was
// lost.
using BatchInbox = Inbox<BusBatch>;

}  // namespace davy
