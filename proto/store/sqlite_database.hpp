#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "proto/base/result.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace davy {

// How a database is opened. Always WAL and synchronous=FULL: a commit that returned survives power loss.
struct SqliteOptions {
  std::string path;
  bool exclusive =
      false;  // nobody else may open it while we do (the spool); a second opener gets Errc::conflict
  bool read_only = false;
  std::string vfs;  // empty: the machine's own; tests name a faulty one
  std::uint32_t busy_wait_ms = 2000;
  std::int32_t page_size = 4096;
};

class SqliteStatement;

// One SQLite connection; the only file that knows the library. Not thread-safe: one connection per thread.
// Errors are sorted by what to do: full (SQLITE_FULL, ENOSPC), corrupt (SQLITE_CORRUPT, NOTADB), conflict
// (BUSY), denied (READONLY, PERM, AUTH), bad_data (constraint), unavailable (the rest: I/O). A file that was
// deleted or replaced while in use takes no transaction any more (corrupt): what is written then is lost.
class SqliteDatabase {
 public:
  static Result<SqliteDatabase> open(const SqliteOptions& options);
  ~SqliteDatabase();
  SqliteDatabase(SqliteDatabase&&) noexcept;
  SqliteDatabase& operator=(SqliteDatabase&&) noexcept;

  // Runs one or more statements without results.
  Status run(std::string_view sql);
  Result<SqliteStatement> prepare(std::string_view sql);
  Result<std::int64_t> query_number(
      std::string_view sql);  // first column of the first row; not_found if none

  std::int64_t last_insert_rowid() const;
  std::int64_t changes() const;
  // Pages used by data times page size; free pages are not counted.
  Result<std::int64_t> bytes_used();
  const std::string& path() const { return path_; }
  // The file is still the one that stands under its path.
  Status in_place() const;

 private:
  SqliteDatabase(sqlite3* handle, std::string path) : handle_{handle}, path_{std::move(path)} {}
  sqlite3* handle_ = nullptr;
  std::string path_;
};

// A prepared statement. Bind with 1-based positions, then step(); reset() before the next use. Column views
// live until the next step or reset. Outlived by its database.
class SqliteStatement {
 public:
  ~SqliteStatement();
  SqliteStatement(SqliteStatement&&) noexcept;
  SqliteStatement& operator=(SqliteStatement&&) noexcept;

  SqliteStatement& bind(int position, std::int64_t value);
  SqliteStatement& bind(int position, double value);
  SqliteStatement& bind_text(int position, std::string_view value);
  SqliteStatement& bind_blob(int position, std::string_view value);
  SqliteStatement& bind_null(int position);

  Result<bool> step();  // true: a row is there
  Status run();         // steps to the end and resets
  void reset();

  std::int64_t number(int column) const;
  double real(int column) const;
  std::string_view text(int column) const;
  std::string_view blob(int column) const;
  bool is_null(int column) const;

 private:
  friend class SqliteDatabase;
  SqliteStatement(sqlite3* db, sqlite3_stmt* handle) : db_{db}, handle_{handle} {}
  sqlite3* db_ = nullptr;
  sqlite3_stmt* handle_ = nullptr;
};

// BEGIN IMMEDIATE ... COMMIT; rolls back when destroyed without commit().
class SqliteTransaction {
 public:
  static Result<SqliteTransaction> begin(SqliteDatabase& db);
  ~SqliteTransaction();
  SqliteTransaction(SqliteTransaction&& other) noexcept : db_{other.db_} { other.db_ = nullptr; }
  SqliteTransaction& operator=(SqliteTransaction&&) = delete;

  // On failure nothing of it is in the database and the transaction is over.
  Status commit();

 private:
  explicit SqliteTransaction(SqliteDatabase& db) : db_{&db} {}
  SqliteDatabase* db_;
};

}  // namespace davy
