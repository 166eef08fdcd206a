#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "proto/base/clock.hpp"
#include "proto/model/event.hpp"
#include "proto/model/sample.hpp"
#include "proto/model/sighting.hpp"

namespace davy {

using Hash = std::array<std::uint8_t, 32>;  // BLAKE2b-256
using Uuid = std::array<std::uint8_t, 16>;

enum class Seq : std::uint64_t {};  // position in a stream, from 1; 0 is "none"
constexpr std::uint64_t to_number(Seq s) { return static_cast<std::uint64_t>(s); }

// How far the gateway itself trusts its wall clock.
enum class ClockQuality : std::uint8_t {
  unknown = 0,  // nothing is known
  unset = 1,    // before the build date: certainly wrong
  free = 2,     // set once, running free
  synced = 3,   // disciplined by NTP or the like
};

// Entries per block, samples and sightings and events together. A block is closed before it would hold more.
inline constexpr std::size_t block_entries_max = 512;

struct BlockHeader {
  std::string gateway;
  Uuid stream{};  // made with the spool
  Seq seq{};
  std::uint64_t boot =
      0;  // one number for each start of the gateway program; steady times compare within it only
  WallTime opened_at;
  SteadyTime opened_steady;  // the same instant on the steady clock: tells a clock step from a pause
  ClockQuality clock = ClockQuality::unknown;
  Hash birth{};     // which point table the indices refer to
  Hash previous{};  // hash of the block before in this stream; zero for the first
  bool urgent = false;

  bool operator==(const BlockHeader&) const = default;
};

// The unit of storage and transport. Encoded once and never changed again.
struct Block {
  BlockHeader header;
  std::vector<Sample> samples;
  std::vector<Sighting> sightings;
  std::vector<Event> events;

  std::size_t entries() const { return samples.size() + sightings.size() + events.size(); }
};

}  // namespace davy
