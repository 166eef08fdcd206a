#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/spool/spool.hpp"
#include "proto/store/sqlite_database.hpp"
#include "proto/wire/hash.hpp"

namespace davy {

namespace spool {
enum Sql : std::uint8_t;
}

struct SpoolOptions {
  std::string path;
  std::string gateway;                          // whose blocks; a spool never changes hands
  std::uint64_t bytes_max = 512 * 1024 * 1024;  // of the files on disk, overhead and write-ahead log included
  std::uint32_t days_max = 30;                  // 0: no bound
  std::string vfs;                              // empty: the machine's own; tests name a faulty one
  std::function<Uuid()> new_stream = random_uuid;
};

// The spool in one SQLite file. Opened exclusively, write-ahead log, a commit is on the disk when it returns.
//
//   block(seq, state, newest, hash, envelope)  the newest row is never deleted, only emptied: it carries the
//   next
//                                              number and the next `previous`, so that no number is ever used
//                                              again
//   birth(hash, message, last_seq)             kept until no stored block can refer to it
//   dropped(first, last, reason)               written in the transaction that deletes the blocks
//   meta                                       gateway, stream, and a count of rows that saves reading them
//   all at start
class SqliteSpool final : public Spool {
 public:
  struct Opened {
    std::unique_ptr<SqliteSpool> spool;
    // The file could not be trusted and was set aside; a new stream has begun. Says which stream was in it,
    // what was wrong and where it lies now. Told at every open until the first block is stored.
    std::optional<std::string> replaced;
  };
  // Makes folder (0700) and file (0600). Errors: conflict (another process has it; names it), bad_config
  // (another gateway's, another program's or a newer Davy's file), denied, full, unavailable.
  static Result<Opened> open(const SpoolOptions& options, WallTime now);

  ~SqliteSpool() override;

  SpoolState state() const override { return state_; }
  Status append(const EncodedBlock& block, bool keep, WallTime newest) override;
  Result<std::vector<StoredBlock>> read(Range seqs, std::size_t count_max) override;
  Status release(const std::vector<Range>& ranges) override;
  // At most age_drops_max blocks a call go by age: a clock that jumps ahead by years for a minute must not
  // empty the spool. Kept blocks never go by age. Blocks stamped before believable_from have no age.
  Result<std::vector<Dropped>> thin(WallTime now) override;
  Result<std::vector<Dropped>> undelivered_records() override;
  Status record_delivered(const std::vector<Dropped>& records) override;
  Status put_birth(const Hash& hash, std::string_view message) override;
  Result<std::optional<std::string>> birth(const Hash& hash) override;

  static constexpr std::size_t age_drops_max = 128;
  static constexpr WallTime believable_from{std::chrono::sys_days{std::chrono::year{2024} / 1 / 1}};

 private:
  struct Row {
    std::uint64_t seq = 0;
    std::uint64_t bytes = 0;
  };
  struct RowCount {
    std::uint64_t count = 0;
    std::uint64_t bytes = 0;
  };
  struct Room {
    std::uint64_t bytes = 0;
    std::string reason;  // why there is no more
  };
  SqliteSpool(SqliteDatabase db, SpoolOptions options);

  // sqlite_spool_open.cpp
  static Result<Opened> open_file(const SpoolOptions& options, const std::optional<std::string>& replaced);
  Status check();
  Status create(const std::optional<std::string>& replaced);
  Result<std::optional<std::string>> load();
  Status count_rows();

  // sqlite_spool_thin.cpp
  Status thin_by_age(WallTime now, std::vector<Dropped>& out);
  Status thin_by_size(std::vector<Dropped>& out);
  Result<Room> bytes_allowed();
  Result<std::vector<Row>> oldest(bool keep, std::size_t count_max, std::optional<WallTime> older_than);
  Status drop(const std::vector<Row>& rows, const std::string& reason, std::vector<Dropped>& out);
  Status add_record(Dropped record);
  Status write_record(const Dropped& record);
  Result<std::vector<Dropped>> records(spool::Sql query, Range within);

  bool makes_room(const Status& failed);
  Status insert(const EncodedBlock& block, bool keep, WallTime newest);
  Range clamped(Range range) const;
  Result<RowCount> live_rows(Range range);
  Status remove_rows(Range range);
  Result<std::uint64_t> update_row_count(std::uint64_t blocks, std::uint64_t bytes);
  Status removed(std::uint64_t blocks, std::uint64_t bytes, std::uint64_t counted_upto);
  Status load_births();
  Status refresh_oldest();
  std::uint64_t newest_seq() const { return state_.next_seq - 1; }
  // Every failure of the database passes through here: a corrupt file is marked for a full check at the next
  // start.
  std::unexpected<Error> broken(Error error);

  SqliteDatabase db_;
  SpoolOptions options_;
  std::vector<SqliteStatement> sql_;  // by spool::Sql
  SpoolState state_;
  bool newest_is_empty_ = false;    // the newest row only carries its number
  std::uint64_t counted_upto_ = 0;  // meta holds a valid count of the rows up to here; 0: it does not
  std::uint64_t ordinary_from_ =
      1;  // no ordinary block is older: saves reading the kept ones again and again
  std::uint64_t births_ = 0;
};

}  // namespace davy
