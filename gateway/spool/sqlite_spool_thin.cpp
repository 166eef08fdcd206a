#include <algorithm>
#include <filesystem>

#include "gateway/spool/sqlite_spool.hpp"
#include "gateway/spool/sqlite_spool_sql.hpp"

// How the spool makes room, and the record of what that cost.
namespace davy {

using namespace spool;

namespace {

constexpr std::size_t rows_per_drop = 256;  // in one transaction
constexpr int drops_per_call = 64;          // thin() stays short; the next call goes on
// When the disk itself is nearly full, blocks have to fit into the file as it is.
constexpr std::uint64_t disk_reserve = 8 * 1024 * 1024;
constexpr std::uint64_t free_inside = 512 * 1024;

}  // namespace

Result<std::vector<Dropped>> SqliteSpool::thin(WallTime now) {
  std::vector<Dropped> out;
  if (auto done = thin_by_age(now, out); !done) return fail(done.error());
  if (auto done = thin_by_size(out); !done) return fail(done.error());
  return out;
}

Status SqliteSpool::thin_by_age(WallTime now, std::vector<Dropped>& out) {
  if (options_.days_max == 0 || now < believable_from) return {};
  const WallTime limit = now - std::chrono::days{options_.days_max};
  auto rows = oldest(false, age_drops_max, limit);
  if (!rows) return fail(rows.error());
  if (rows->empty()) return {};
  return drop(*rows, "older than " + std::to_string(options_.days_max) + " days", out);
}

Status SqliteSpool::thin_by_size(std::vector<Dropped>& out) {
  for (int i = 0; i < drops_per_call; ++i) {
    auto room = bytes_allowed();
    if (!room) return fail(room.error());
    const auto used = db_.bytes_used();
    if (!used) return broken(used.error());
    const auto bytes = unsigned_number(*used);
    if (bytes <= room->bytes) return {};
    // A little more than needed, so that the next block does not bring us here again.
    const std::uint64_t excess = bytes - room->bytes + room->bytes / 64;
    auto rows = oldest(false, rows_per_drop, std::nullopt);
    if (rows && rows->empty()) rows = oldest(true, rows_per_drop, std::nullopt);
    if (!rows) return fail(rows.error());
    std::uint64_t freed = 0;
    const auto enough =
        std::ranges::find_if(*rows, [&](const Row& row) { return (freed += row.bytes) > excess; });
    if (enough != rows->end()) rows->erase(std::next(enough), rows->end());
    if (rows->empty()) return {};  // the newest block alone: nothing more to give
    auto done = drop(*rows, room->reason, out);
    if (makes_room(done)) done = drop(*rows, room->reason, out);
    if (!done) return done;
  }
  return {};
}

Result<SqliteSpool::Room> SqliteSpool::bytes_allowed() {
  const Room configured{bytes_in_file_max(options_.bytes_max),
                        "spool full: " + std::to_string(options_.bytes_max / 1024) + " KiB"};
  if (!options_.vfs.empty()) return configured;
  std::error_code unknown;
  const auto disk = std::filesystem::space(std::filesystem::path{options_.path}.parent_path(), unknown);
  if (unknown || disk.available >= disk_reserve) return configured;
  const auto pages = db_.query_number("PRAGMA page_count");
  if (!pages) return broken(pages.error());
  const std::uint64_t file = unsigned_number(*pages) * page_size;
  const std::uint64_t inside = file > 2 * free_inside ? file - free_inside : file / 2;
  if (inside >= configured.bytes) return configured;
  return Room{inside, "disk full: " + std::to_string(disk.available / 1024) + " KiB left beside the spool"};
}

// The oldest of one kind, never the newest block of all.
Result<std::vector<SqliteSpool::Row>> SqliteSpool::oldest(bool keep, std::size_t count_max,
                                                          std::optional<WallTime> older_than) {
  std::vector<Row> out;
  const StatementReset reset{sql_[oldest_of_state]};
  sql_[oldest_of_state]
      .bind(1, number(keep ? RowState::keep : RowState::ordinary))
      .bind(2, signed_number(keep ? 1 : ordinary_from_))
      .bind(3, signed_number(newest_seq()));
  bool first = true;
  while (out.size() < count_max) {
    auto row = sql_[oldest_of_state].step();
    if (!row) return broken(row.error());
    if (!*row && first && !keep) ordinary_from_ = std::max<std::uint64_t>(newest_seq(), 1);
    if (!*row) break;
    const Row found{unsigned_number(sql_[oldest_of_state].number(0)),
                    unsigned_number(sql_[oldest_of_state].number(1))};
    const WallTime newest = wall_from_ms(sql_[oldest_of_state].number(2));
    if (first && !keep) ordinary_from_ = found.seq;
    first = false;
    if (older_than && newest < believable_from) continue;  // no age to judge by
    if (older_than && newest >= *older_than) break;
    out.push_back(found);
  }
  return out;
}

Status SqliteSpool::drop(const std::vector<Row>& rows, const std::string& reason, std::vector<Dropped>& out) {
  std::vector<Dropped> records;
  std::uint64_t bytes = 0;
  auto transaction = SqliteTransaction::begin(db_);
  if (!transaction) return broken(transaction.error());
  for (const Row& row : rows) {
    sql_[delete_block].bind(1, signed_number(row.seq));
    if (auto done = sql_[delete_block].run(); !done) return broken(done.error());
    bytes += row.bytes;
    if (!records.empty() && records.back().seqs.last + 1 == row.seq) {
      records.back().seqs.last = row.seq;
    } else {
      records.push_back({{row.seq, row.seq}, reason});
    }
  }
  for (const Dropped& record : records) {
    if (auto done = add_record(record); !done) return done;
  }
  const auto counted = update_row_count(state_.blocks - rows.size(), state_.bytes - bytes);
  if (!counted) return fail(counted.error());
  if (auto done = transaction->commit(); !done) return broken(done.error());
  for (const Dropped& record : records) {
    if (!out.empty() && out.back().seqs.last + 1 == record.seqs.first && out.back().reason == reason) {
      out.back().seqs.last = record.seqs.last;
    } else {
      out.push_back(record);
    }
  }
  return removed(rows.size(), bytes, *counted);
}

// One that follows the one before for the same reason makes it longer: the table grows with holes, not with
// blocks.
Status SqliteSpool::add_record(Dropped record) {
  {
    const StatementReset reset{sql_[record_ending]};
    sql_[record_ending].bind(1, signed_number(record.seqs.first - 1)).bind_text(2, record.reason);
    auto row = sql_[record_ending].step();
    if (!row) return broken(row.error());
    if (*row) record.seqs.first = unsigned_number(sql_[record_ending].number(0));
  }
  return write_record(record);
}

Status SqliteSpool::write_record(const Dropped& record) {
  sql_[put_record]
      .bind(1, signed_number(record.seqs.first))
      .bind(2, signed_number(record.seqs.last))
      .bind_text(3, record.reason);
  if (auto done = sql_[put_record].run(); !done) return broken(done.error());
  return {};
}

Result<std::vector<Dropped>> SqliteSpool::records(Sql query, Range within) {
  std::vector<Dropped> out;
  const StatementReset reset{sql_[query]};
  if (query == records_within) {
    sql_[query].bind(1, signed_number(within.last)).bind(2, signed_number(within.first));
  }
  for (;;) {
    auto row = sql_[query].step();
    if (!row) return broken(row.error());
    if (!*row) return out;
    const Range seqs{unsigned_number(sql_[query].number(0)), unsigned_number(sql_[query].number(1))};
    out.push_back({seqs, std::string{sql_[query].text(2)}});
  }
}

Result<std::vector<Dropped>> SqliteSpool::undelivered_records() { return records(all_records, {}); }

// By number, not by row: a record may have grown since it was sent.
Status SqliteSpool::record_delivered(const std::vector<Dropped>& delivered) {
  if (delivered.empty()) return {};
  auto transaction = SqliteTransaction::begin(db_);
  if (!transaction) return broken(transaction.error());
  for (const Dropped& known : delivered) {
    const Range seqs{known.seqs.first, std::min(known.seqs.last, newest_seq())};
    auto rows = records(records_within, seqs);
    if (!rows) return fail(rows.error());
    for (const Dropped& row : *rows) {
      sql_[remove_record].bind(1, signed_number(row.seqs.first));
      if (auto done = sql_[remove_record].run(); !done) return broken(done.error());
      RangeSet left;
      left.add(row.seqs);
      left.remove(seqs);
      for (const Range& rest : left.ranges()) {
        if (auto done = write_record({rest, row.reason}); !done) return done;
      }
    }
  }
  if (auto done = transaction->commit(); !done) return broken(done.error());
  return {};
}

}  // namespace davy
