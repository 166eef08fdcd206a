#pragma once

#include <cstddef>
#include <vector>

#include "proto/base/clock.hpp"
#include "proto/model/block.hpp"
#include "proto/model/quality.hpp"

namespace davy {

// A block as it was collected. Its place in a stream is given to it when it is stored.
struct ClosedBlock {
  Block block;
  bool keep = false;  // thinned last: it holds an event, an SOS or a changed quality
  WallTime newest;    // its youngest entry
};

// Collects entries into blocks. A block is closed when it has been open for close_after, when it is full, or
// at once when an entry is urgent: the quality of a point changed (its limit state is part of that), an event
// that cannot wait, an SOS. Urgent closes keep a distance of urgent_gap: a chattering sensor makes 20 blocks
// a second, not one a sample.
class BlockBuilder {
 public:
  static constexpr Duration urgent_gap{50};
  // Of event texts in one block: far below what an envelope may hold.
  static constexpr std::size_t text_bytes_max = 64 * 1024;

  BlockBuilder(Duration close_after, std::size_t point_count)
      : close_after_{close_after}, last_quality_(point_count) {}

  void add(const Sample& sample, Now now);
  void add(Sighting sighting, Now now);
  void add(Event event, Now now);

  void step(Now now);   // closes the open block if it is due
  void close(Now now);  // closes it in any case
  SteadyTime next_due() const { return open_.block.entries() == 0 ? never : close_at_; }

  void set_clock(ClockQuality clock) { clock_ = clock; }

  // Moves the oldest closed block out; false when there is none.
  bool take(ClosedBlock& out);
  // Gives the memory of a block that is no longer needed back for the next one.
  void recycle(ClosedBlock block);

 private:
  void open(Now now);
  void make_urgent(Now now);
  void added(WallTime at, Now now);

  const Duration close_after_;
  std::vector<Quality>
      last_quality_;  // by point; a point starts as good, so that a bad first sample is urgent
  ClockQuality clock_ = ClockQuality::unknown;
  ClosedBlock open_;
  std::size_t text_bytes_ = 0;
  SteadyTime close_at_ = never;
  SteadyTime next_urgent_ = SteadyTime::min();
  std::vector<ClosedBlock> closed_;
  ClosedBlock spare_;
};

}  // namespace davy
