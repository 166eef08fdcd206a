#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "gateway/edge/block_builder.hpp"
#include "gateway/spool/spool.hpp"
#include "proto/wire/block_codec.hpp"
#include "proto/wire/messages.hpp"

namespace davy {

// Gives closed blocks their place in the stream and puts them into the spool, in the order they come.
//   storing --(append failed)--> failing --(append worked)--> storing
// While failing it thins, tries again every retry_wait and holds a bounded number of blocks; what it has to
// give up it counts, and says so in an input_lost event when the spool works again. It also keeps the spool
// within its bounds and turns what was thinned into blocks_dropped events; their records leave the spool when
// the block that carries them is in it: from then on that block is the record, and it is among the last to be
// thinned.
class SpoolWriter {
 public:
  static constexpr Duration retry_wait{1000};
  static constexpr Duration thin_every{60'000};
  static constexpr std::size_t waiting_max = 64;
  // When one call of thin() dropped this many there is more to drop.
  static constexpr std::uint64_t thin_more = 100;

  // Every block is stored under `birth`, which is stored before the first of them.
  SpoolWriter(Spool& spool, std::string gateway, std::uint64_t boot, EncodedBirth birth, Now now);

  void put(ClosedBlock block, Now now);
  void step(Now now);
  SteadyTime next_due() const;

  // Events that this brought about, for the next block.
  void take_events(std::vector<Event>& out);
  // Blocks that are stored and whose memory can be used again; false when there is none.
  bool take_done(ClosedBlock& out);

  bool failing() const { return failing_since_.has_value(); }
  // Why nothing can be stored any more in this process: the file is corrupt and has to be opened anew.
  const std::optional<Error>& broken() const { return broken_; }
  std::uint64_t stored_blocks() const { return stored_blocks_; }
  // Entries given up since the start.
  std::uint64_t lost_entries() const { return lost_total_; }

 private:
  void store_waiting(Now now);
  Status store(ClosedBlock& closed);
  void deliver_records(const Block& block);
  void on_failure(const Error& error, Now now);
  void on_recovery(Now now);
  void give_up_one();

  void thin(Now now);
  void tell_dropped(const std::vector<Dropped>& records, WallTime at);

  Spool& spool_;
  const std::string gateway_;
  const std::uint64_t boot_;
  const EncodedBirth birth_;
  bool birth_stored_ = false;
  BlockEncoder encoder_;
  std::deque<ClosedBlock> waiting_;
  std::vector<ClosedBlock> done_;
  std::vector<Event> events_;
  SteadyTime retry_at_ = never;  // while failing
  SteadyTime thin_at_;
  std::optional<SteadyTime> failing_since_;
  std::optional<Error> broken_;
  std::string failure_;             // the last one
  std::uint64_t lost_entries_ = 0;  // not yet told
  bool lost_records_ = false;       // a block with blocks_dropped events was among them
  std::uint64_t lost_total_ = 0;
  std::uint64_t stored_blocks_ = 0;
};

}  // namespace davy
