#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "proto/store/sqlite_database.hpp"

namespace davy::spool {

// Small pages: a block of some hundred bytes is one page in the log instead of four times as much.
inline constexpr std::int32_t page_size = 1024;
inline constexpr int schema_version = 1;
inline constexpr std::int64_t application_id = 0x44617679;  // "Davy"
// With more blocks than this their count is kept in meta, so that a start after a long outage does not read
// them all.
inline constexpr std::uint64_t count_step = 4096;

// What of the bound is left for the pages, the rest being the log's.
constexpr std::uint64_t log_bytes_max(std::uint64_t bytes_max) {
  return std::clamp<std::uint64_t>(bytes_max / 8, 64 * 1024, 8 * 1024 * 1024);
}
constexpr std::uint64_t bytes_in_file_max(std::uint64_t bytes_max) {
  return std::max<std::uint64_t>(bytes_max, 256 * 1024) - log_bytes_max(bytes_max);
}

// Beside a file that turned out corrupt while in use: the next start checks all of it.
inline constexpr const char* suspect_suffix = ".suspect";

enum class RowState : std::uint8_t { ordinary = 0, keep = 1, released = 2 };
constexpr std::int64_t number(RowState s) { return static_cast<std::int64_t>(s); }

// SQLite's numbers are signed; ours stay far below 2^63.
constexpr std::int64_t signed_number(std::uint64_t n) { return static_cast<std::int64_t>(n); }
constexpr std::uint64_t unsigned_number(std::int64_t n) { return static_cast<std::uint64_t>(n); }

// A query left in the middle would hold its read transaction.
struct StatementReset {
  explicit StatementReset(SqliteStatement& s) : statement{s} {}
  ~StatementReset() { statement.reset(); }
  StatementReset(const StatementReset&) = delete;
  StatementReset& operator=(const StatementReset&) = delete;
  SqliteStatement& statement;
};

inline constexpr const char* schema = R"(
  CREATE TABLE meta(id INTEGER PRIMARY KEY CHECK(id = 1), gateway TEXT NOT NULL, stream BLOB NOT NULL,
                    replaced TEXT, counted_upto INTEGER NOT NULL, blocks INTEGER NOT NULL,
                    bytes INTEGER NOT NULL) STRICT;
  CREATE TABLE block(seq INTEGER PRIMARY KEY, state INTEGER NOT NULL, newest INTEGER NOT NULL,
                     hash BLOB NOT NULL, envelope BLOB NOT NULL) STRICT;
  CREATE TABLE birth(hash BLOB PRIMARY KEY, message BLOB NOT NULL, last_seq INTEGER) STRICT;
  CREATE TABLE dropped(first INTEGER PRIMARY KEY, last INTEGER NOT NULL, reason TEXT NOT NULL) STRICT;
)";

// The statements, prepared once. state 2 is RowState::released.
enum Sql : std::uint8_t {
  insert_block,
  read_blocks,
  newest_block,
  oldest_live,
  oldest_of_state,
  live_within,
  delete_block,
  delete_range,
  empty_block,
  count_after,
  save_count,
  all_records,
  records_within,
  record_ending,
  put_record,
  remove_record,
  birth_message,
  current_birth,
  retire_births,
  put_birth,
  forget_births,
  sql_count,
};
inline constexpr std::array<const char*, sql_count> sql_text{
    "INSERT INTO block VALUES(?, ?, ?, ?, ?)",
    "SELECT seq, envelope FROM block WHERE seq BETWEEN ? AND ? AND state < 2 ORDER BY seq LIMIT ?",
    "SELECT seq, state, hash FROM block ORDER BY seq DESC LIMIT 1",
    "SELECT seq FROM block WHERE state < 2 ORDER BY seq LIMIT 1",
    "SELECT seq, length(envelope), newest FROM block WHERE state = ? AND seq >= ? AND seq < ? ORDER BY seq",
    "SELECT count(*), total(length(envelope)) FROM block WHERE seq BETWEEN ? AND ? AND state < 2",
    "DELETE FROM block WHERE seq = ?",
    "DELETE FROM block WHERE seq BETWEEN ? AND ?",
    "UPDATE block SET state = 2, envelope = x'' WHERE seq = ?",
    "SELECT count(*), total(length(envelope)) FROM block WHERE seq > ? AND state < 2",
    "UPDATE meta SET counted_upto = ?, blocks = ?, bytes = ?",
    "SELECT first, last, reason FROM dropped ORDER BY first",
    "SELECT first, last, reason FROM dropped WHERE first <= ? AND last >= ?",
    "SELECT first FROM dropped WHERE last = ? AND reason = ?",
    "INSERT OR REPLACE INTO dropped VALUES(?, ?, ?)",
    "DELETE FROM dropped WHERE first = ?",
    "SELECT message FROM birth WHERE hash = ?",
    "SELECT hash FROM birth WHERE last_seq IS NULL",
    "UPDATE birth SET last_seq = ? WHERE last_seq IS NULL",
    "INSERT OR REPLACE INTO birth VALUES(?, ?, NULL)",
    "DELETE FROM birth WHERE last_seq < ?",
};

}  // namespace davy::spool
