#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/base/clock.hpp"
#include "proto/base/result.hpp"
#include "proto/model/block.hpp"
#include "proto/model/range_set.hpp"
#include "proto/wire/block_codec.hpp"

namespace davy {

struct StoredBlock {
  Seq seq{};
  std::string envelope;
};

struct SpoolState {
  Uuid stream{};
  std::uint64_t next_seq = 1;    // what the next block has to carry
  Hash previous{};               // and its `previous`
  std::uint64_t blocks = 0;      // stored and not released
  std::uint64_t bytes = 0;       // of their envelopes
  std::uint64_t oldest_seq = 0;  // 0 when empty
  Hash birth{};                  // the one put last; zero before the first
};

// Blocks that were thinned out to make room; they will never reach the host, and the host has to be told.
struct Dropped {
  Range seqs;
  std::string reason;
};

// The gateway's only queue. What append() returned from survives power loss. Called from the edge's thread
// only. Errors: full (no room on disk), corrupt (set the file aside and start a new stream), unavailable
// (I/O).
class Spool {
 public:
  virtual ~Spool() = default;

  virtual SpoolState state() const = 0;
  // The block must carry state().next_seq and state().previous. `keep` marks what is thinned last: events,
  // interlock actions, SOS, limit crossings. `newest` is its youngest entry, for the bound in days.
  virtual Status append(const EncodedBlock& block, bool keep, WallTime newest) = 0;
  // Unreleased blocks with numbers in [first, last], in order, at most `count_max`.
  virtual Result<std::vector<StoredBlock>> read(Range seqs, std::size_t count_max) = 0;
  // The host has them for good. Unknown numbers are ignored.
  virtual Status release(const std::vector<Range>& ranges) = 0;
  // Thins when over its bounds: oldest ordinary blocks first, kept ones only when nothing else is left. What
  // it dropped stays on record until record_delivered(), so that a crash in between does not forget it.
  virtual Result<std::vector<Dropped>> thin(WallTime now) = 0;
  virtual Result<std::vector<Dropped>> undelivered_records() = 0;
  virtual Status record_delivered(const std::vector<Dropped>& records) = 0;

  // The birth in force from now on. One is kept as long as blocks refer to it: those appended up to one block
  // after the next put_birth().
  virtual Status put_birth(const Hash& hash, std::string_view message) = 0;
  virtual Result<std::optional<std::string>> birth(const Hash& hash) = 0;
};

}  // namespace davy
