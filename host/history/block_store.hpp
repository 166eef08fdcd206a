#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/history/batch.hpp"
#include "proto/base/result.hpp"
#include "proto/model/range_set.hpp"
#include "proto/store/sqlite_database.hpp"

namespace davy {

// What the history held when the host was started.
struct Inventory {
  std::vector<GatewayRow> gateways;
  std::vector<StreamRow> streams;
  std::vector<PointRow> points;
  std::vector<BirthRow> births;  // those in force and those that points were last described by
  std::vector<ClockRow> clocks;
  std::uint32_t births_made = 0;  // highest number given out
};

struct StoredBirth {
  BirthId id{};
  GatewayId gateway{};
  std::string message;
};

// The writer of the history: blocks as they came, the ledger that makes every block count once, births,
// points, losses and what could not be trusted. Works on the host core's one connection and inside the
// transaction that the core began, so that blocks and alarm journal are committed together or not at all. Not
// thread-safe.
class BlockStore {
 public:
  // Makes or checks the tables. Errors: bad_config (newer schema, another mine), corrupt.
  static Result<std::unique_ptr<BlockStore>> open(SqliteDatabase& db, const std::string& mine, WallTime now);
  ~BlockStore();
  BlockStore(const BlockStore&) = delete;
  BlockStore& operator=(const BlockStore&) = delete;

  Result<Inventory> load();

  // Inside a transaction. Blocks must be new to the ledger.
  Status write(const Batch& batch);
  // The transaction of write(batch) was rolled back: the ledger forgets it too.
  void undo(const Batch& batch);

  // What is on record of a stream, for good once its transaction is committed.
  const RangeSet& received(StreamId stream) const;
  const RangeSet& lost(StreamId stream) const;  // declared lost by the gateway; may be received all the same
  // Numbers between 1 and the highest known that are neither here nor declared lost.
  std::uint64_t missing_count(StreamId stream) const;

  Result<std::optional<std::string>> envelope(StreamId stream, Seq seq);
  Result<std::optional<WallTime>> began(StreamId stream, Seq seq);  // corrected time of its oldest entry
  Result<std::optional<StoredBirth>> birth(const Hash& hash);

 private:
  struct Statements;
  struct Ledger {
    RangeSet received;
    RangeSet lost;
  };
  BlockStore(SqliteDatabase& db, std::unique_ptr<Statements> statements);

  Ledger& ledger(StreamId stream);
  Status load_ledgers();
  Status write_names(const Batch& batch);
  Status write_blocks(const Batch& batch);
  Status write_ledger(const std::vector<BlockRow>& blocks);
  Status write_range(StreamId stream, Range range);
  Status write_findings(const Batch& batch);
  Status write_quarantine(const QuarantineRow& row);

  SqliteDatabase& db_;
  std::unique_ptr<Statements> statements_;
  std::vector<Ledger> ledgers_;  // by stream number
};

}  // namespace davy
