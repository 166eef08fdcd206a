#pragma once

#include <cstdint>
#include <vector>

#include "proto/base/inbox.hpp"
#include "proto/model/event.hpp"
#include "proto/model/sample.hpp"

namespace davy {

// BusBatch::bus of what no bus brought: events of the local locks.
inline constexpr std::uint32_t no_bus = UINT32_MAX;

// What one step of one bus's scanner brought. The counts are of the whole bus since the program started.
struct BusBatch {
  std::uint32_t bus = 0;  // position in GatewayConfig::buses, or no_bus
  std::uint64_t failed_requests = 0;
  std::uint64_t missed_rounds = 0;
  std::vector<Sample> samples;
  std::vector<Event> events;
};

// From the bus threads to the edge's thread. A full one refuses: the scanner counts and reports what was
// lost.
using BatchInbox = Inbox<BusBatch>;

}  // namespace davy
