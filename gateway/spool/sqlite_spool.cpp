#include "gateway/spool/sqlite_spool.hpp"

#include <algorithm>
#include <fstream>

#include "gateway/spool/sqlite_spool_sql.hpp"
#include "proto/base/assert.hpp"

namespace davy {

using namespace spool;

SqliteSpool::SqliteSpool(SqliteDatabase db, SpoolOptions options)
    : db_{std::move(db)}, options_{std::move(options)} {}

SqliteSpool::~SqliteSpool() = default;

Status SqliteSpool::append(const EncodedBlock& block, bool keep, WallTime newest) {
  auto done = insert(block, keep, newest);
  if (makes_room(done)) done = insert(block, keep, newest);
  if (!done) return done;
  newest_is_empty_ = false;
  if (state_.oldest_seq == 0) state_.oldest_seq = state_.next_seq;
  state_.next_seq += 1;
  state_.previous = block.hash;
  state_.blocks += 1;
  state_.bytes += block.envelope.size();
  // Only a hint for the next start: the block is safe whatever becomes of it.
  if (state_.blocks % count_step == 0) {
    if (const auto counted = update_row_count(state_.blocks, state_.bytes)) counted_upto_ = *counted;
  }
  return {};
}

// The log could not grow: written back into the file, it begins anew in the room that it has.
bool SqliteSpool::makes_room(const Status& failed) {
  if (failed || failed.error().code != Errc::full) return false;
  return db_.run("PRAGMA wal_checkpoint(RESTART)").has_value();
}

Status SqliteSpool::insert(const EncodedBlock& block, bool keep, WallTime newest) {
  auto transaction = SqliteTransaction::begin(db_);
  if (!transaction) return broken(transaction.error());
  sql_[insert_block]
      .bind(1, signed_number(state_.next_seq))
      .bind(2, number(keep ? RowState::keep : RowState::ordinary))
      .bind(3, to_ms(newest))
      .bind_blob(4, as_bytes(block.hash))
      .bind_blob(5, block.envelope);
  if (auto done = sql_[insert_block].run(); !done) return broken(done.error());
  if (newest_is_empty_) {
    sql_[delete_block].bind(1, signed_number(newest_seq()));
    if (auto done = sql_[delete_block].run(); !done) return broken(done.error());
  }
  if (auto done = transaction->commit(); !done) return broken(done.error());
  return {};
}

Result<std::vector<StoredBlock>> SqliteSpool::read(Range seqs, std::size_t count_max) {
  std::vector<StoredBlock> out;
  const Range within = clamped(seqs);
  if (within.first > within.last) return out;
  const StatementReset reset{sql_[read_blocks]};
  sql_[read_blocks]
      .bind(1, signed_number(within.first))
      .bind(2, signed_number(within.last))
      .bind(3, signed_number(count_max));
  for (;;) {
    auto row = sql_[read_blocks].step();
    if (!row) return broken(row.error());
    if (!*row) return out;
    out.push_back(
        {Seq{unsigned_number(sql_[read_blocks].number(0))}, std::string{sql_[read_blocks].blob(1)}});
  }
}

Status SqliteSpool::release(const std::vector<Range>& ranges) {
  std::uint64_t blocks = 0;
  std::uint64_t bytes = 0;
  bool newest_goes = false;
  auto transaction = SqliteTransaction::begin(db_);
  if (!transaction) return broken(transaction.error());
  for (const Range& range : ranges) {
    const Range within = clamped(range);
    if (within.first > within.last) continue;
    auto live = live_rows(within);
    if (!live) return fail(live.error());
    if (live->count == 0) continue;
    if (auto done = remove_rows(within); !done) return done;
    newest_goes = newest_goes || (within.last == newest_seq() && !newest_is_empty_);
    blocks += live->count;
    bytes += live->bytes;
  }
  if (blocks == 0) return {};
  const auto counted = update_row_count(state_.blocks - blocks, state_.bytes - bytes);
  if (!counted) return fail(counted.error());
  if (auto done = transaction->commit(); !done) return broken(done.error());
  newest_is_empty_ = newest_is_empty_ || newest_goes;
  return removed(blocks, bytes, *counted);
}

// Ranges beyond what there is would not fit SQLite's signed numbers.
Range SqliteSpool::clamped(Range range) const {
  return {std::max<std::uint64_t>({range.first, state_.oldest_seq, 1}), std::min(range.last, newest_seq())};
}

Result<SqliteSpool::RowCount> SqliteSpool::live_rows(Range range) {
  const StatementReset reset{sql_[live_within]};
  sql_[live_within].bind(1, signed_number(range.first)).bind(2, signed_number(range.last));
  auto row = sql_[live_within].step();
  if (!row) return broken(row.error());
  return RowCount{unsigned_number(sql_[live_within].number(0)), unsigned_number(sql_[live_within].number(1))};
}

// The newest row stays, without its envelope: it carries the numbers on.
Status SqliteSpool::remove_rows(Range range) {
  const std::uint64_t last = std::min(range.last, newest_seq() - 1);
  if (range.first <= last) {
    sql_[delete_range].bind(1, signed_number(range.first)).bind(2, signed_number(last));
    if (auto done = sql_[delete_range].run(); !done) return broken(done.error());
  }
  if (range.last < newest_seq() || newest_is_empty_) return {};
  sql_[empty_block].bind(1, signed_number(newest_seq()));
  if (auto done = sql_[empty_block].run(); !done) return broken(done.error());
  return {};
}

// Part of a transaction that removes rows: a saved count has to follow or to be declared void. Returns up to
// which number meta counts from then on.
Result<std::uint64_t> SqliteSpool::update_row_count(std::uint64_t blocks, std::uint64_t bytes) {
  const bool worth_it = blocks >= count_step;
  if (!worth_it && counted_upto_ == 0) return 0;
  const std::uint64_t upto = worth_it ? newest_seq() : 0;
  sql_[save_count].bind(1, signed_number(upto)).bind(2, signed_number(blocks)).bind(3, signed_number(bytes));
  if (auto done = sql_[save_count].run(); !done) return broken(done.error());
  return upto;
}

// After the commit: the numbers in memory follow, and births that nothing refers to any more go.
Status SqliteSpool::removed(std::uint64_t blocks, std::uint64_t bytes, std::uint64_t counted_upto) {
  counted_upto_ = counted_upto;
  state_.blocks -= blocks;
  state_.bytes -= bytes;
  if (auto found = refresh_oldest(); !found) return found;
  if (births_ < 2) return {};
  const std::uint64_t needed_from = state_.oldest_seq != 0 ? state_.oldest_seq : state_.next_seq;
  sql_[forget_births].bind(1, signed_number(needed_from));
  if (auto done = sql_[forget_births].run(); !done) return broken(done.error());
  births_ -= unsigned_number(db_.changes());
  return {};
}

Status SqliteSpool::refresh_oldest() {
  const StatementReset reset{sql_[oldest_live]};
  auto row = sql_[oldest_live].step();
  if (!row) return broken(row.error());
  state_.oldest_seq = *row ? unsigned_number(sql_[oldest_live].number(0)) : 0;
  return {};
}

Status SqliteSpool::put_birth(const Hash& hash, std::string_view message) {
  if (hash == state_.birth) return {};  // every start says it again; the flash need not hear of it
  auto transaction = SqliteTransaction::begin(db_);
  if (!transaction) return broken(transaction.error());
  // A block that is being built right now may still refer to the birth before.
  sql_[retire_births].bind(1, signed_number(state_.next_seq));
  if (auto done = sql_[retire_births].run(); !done) return broken(done.error());
  sql_[spool::put_birth].bind_blob(1, as_bytes(hash)).bind_blob(2, message);
  if (auto done = sql_[spool::put_birth].run(); !done) return broken(done.error());
  if (auto done = transaction->commit(); !done) return broken(done.error());
  return load_births();
}

Status SqliteSpool::load_births() {
  auto count = db_.query_number("SELECT count(*) FROM birth");
  if (!count) return broken(count.error());
  births_ = unsigned_number(*count);
  const StatementReset reset{sql_[current_birth]};
  auto row = sql_[current_birth].step();
  if (!row) return broken(row.error());
  state_.birth.fill(0);
  if (!*row) return {};
  const auto hash = sql_[current_birth].blob(0);
  if (hash.size() != state_.birth.size()) return broken({Errc::corrupt, "a birth's hash has a wrong size"});
  std::ranges::copy(hash, state_.birth.begin());
  return {};
}

Result<std::optional<std::string>> SqliteSpool::birth(const Hash& hash) {
  const StatementReset reset{sql_[birth_message]};
  sql_[birth_message].bind_blob(1, as_bytes(hash));
  auto row = sql_[birth_message].step();
  if (!row) return broken(row.error());
  if (!*row) return std::nullopt;
  return std::string{sql_[birth_message].blob(0)};
}

std::unexpected<Error> SqliteSpool::broken(Error error) {
  if (error.code == Errc::corrupt && options_.vfs.empty()) std::ofstream{options_.path + suspect_suffix};
  return fail(error.in("spool"));
}

}  // namespace davy
