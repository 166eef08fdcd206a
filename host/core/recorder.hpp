#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "host/alarm/alarm.hpp"
#include "host/alarm/journal.hpp"
#include "host/history/block_store.hpp"
#include "host/history/staging.hpp"
#include "proto/base/clock.hpp"
#include "proto/store/sqlite_database.hpp"

namespace davy {

// Puts what a step brought into the database, all of it in one transaction: after a crash there is either all
// of it or nothing, so an alarm is never on record without the block that raised it.
//   recording --(commit failed)--> failing --(commit worked, tried every retry_wait)--> recording
// While failing it keeps everything. When there is no room it records at least the journal and the names in
// it, which are small, and lets the blocks wait.
class Recorder {
 public:
  static constexpr Duration retry_wait{1000};

  Recorder(SqliteDatabase& db, BlockStore& store, Journal& journal, Staging& staging)
      : db_{db}, store_{store}, journal_{journal}, staging_{staging} {}

  void start_after(std::uint64_t seq) { recorded_seq_ = seq; }
  void add(std::vector<JournalEntry> entries);
  void add_peaks(std::vector<Alarm> peaks);

  // Blocks that are now in the history for good.
  std::vector<BlockRow> step(Now now);
  SteadyTime next_due() const { return failure_ ? retry_at_ : never; }

  // Every alarm transition up to this one is on record.
  std::uint64_t recorded_seq() const { return recorded_seq_; }
  // Why nothing is recorded; nothing when all is well.
  const std::optional<Error>& failure() const { return failure_; }

 private:
  Status commit(const Batch& batch);
  Status commit_small();
  void recorded();

  SqliteDatabase& db_;
  BlockStore& store_;
  Journal& journal_;
  Staging& staging_;
  std::vector<JournalEntry> entries_;  // not on record yet
  std::vector<Alarm> peaks_;
  std::uint64_t recorded_seq_ = 0;
  std::optional<Error> failure_;
  SteadyTime retry_at_ = SteadyTime::min();
};

}  // namespace davy
