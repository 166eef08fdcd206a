#include "proto/store/sqlite_database.hpp"

#include <utility>

#include <sqlite3.h>

namespace davy {
namespace {

Errc consequence(int code) {
  switch (code & 0xFF) {
    case SQLITE_FULL: return Errc::full;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return Errc::corrupt;
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return Errc::conflict;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH: return Errc::denied;
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
    case SQLITE_RANGE: return Errc::bad_data;
    default: return Errc::unavailable;
  }
}

std::unexpected<Error> failure(sqlite3* db, int code, std::string_view doing) {
  std::string message{doing};
  message.append(": ").append(db != nullptr ? sqlite3_errmsg(db) : sqlite3_errstr(code));
  return fail(consequence(code), std::move(message));
}

std::string pragmas(const SqliteOptions& o) {
  std::string sql = "PRAGMA busy_timeout=" + std::to_string(o.busy_wait_ms) + ";";
  if (o.exclusive) sql += "PRAGMA locking_mode=EXCLUSIVE;";
  if (!o.read_only) {
    sql += "PRAGMA page_size=" + std::to_string(o.page_size) +
           ";PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;";
  }
  return sql + "PRAGMA foreign_keys=ON;";
}

}  // namespace

Result<SqliteDatabase> SqliteDatabase::open(const SqliteOptions& options) {
  sqlite3* handle = nullptr;
  const int flags = (options.read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE) |
                    SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2(options.path.c_str(), &handle, flags,
                                   options.vfs.empty() ? nullptr : options.vfs.c_str());
  SqliteDatabase db{handle, options.path};
  if (code != SQLITE_OK) return failure(handle, code, "open " + options.path);
  // SQLite falls back to reading without a word.
  if (!options.read_only && sqlite3_db_readonly(handle, "main") == 1) {
    return fail(Errc::denied,
                "open " + options.path +
                    ": is write-protected for the user we run as; see its owner and permissions");
  }
  if (auto set = db.run(pragmas(options)); !set) return fail(set.error().in("open " + options.path));
  // An exclusive lock is only taken with the first access, and a file that is no database is only noticed
  // then.
  if (auto touched =
          db.run(options.exclusive ? "BEGIN IMMEDIATE;COMMIT;" : "SELECT count(*) FROM sqlite_master;");
      !touched) {
    return fail(touched.error().in("open " + options.path));
  }
  return db;
}

SqliteDatabase::~SqliteDatabase() { sqlite3_close_v2(handle_); }
SqliteDatabase::SqliteDatabase(SqliteDatabase&& other) noexcept
    : handle_{std::exchange(other.handle_, nullptr)}, path_{std::move(other.path_)} {}
SqliteDatabase& SqliteDatabase::operator=(SqliteDatabase&& other) noexcept {
  std::swap(handle_, other.handle_);
  std::swap(path_, other.path_);
  return *this;
}

Status SqliteDatabase::run(std::string_view sql) {
  const std::string text{sql};
  const int code = sqlite3_exec(handle_, text.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return failure(handle_, code, path_);
  return {};
}

Result<SqliteStatement> SqliteDatabase::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return failure(handle_, code, path_);
  return SqliteStatement{handle_, statement};
}

Result<std::int64_t> SqliteDatabase::query_number(std::string_view sql) {
  auto statement = prepare(sql);
  if (!statement) return fail(statement.error());
  auto row = statement->step();
  if (!row) return fail(row.error());
  if (!*row) return fail(Errc::not_found, path_ + ": no row");
  return statement->number(0);
}

Status SqliteDatabase::in_place() const {
  int moved = 0;
  const int code = sqlite3_file_control(handle_, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
  if (code != SQLITE_OK || moved == 0) return {};  // a file system of tests may not know
  return fail(Errc::corrupt,
              path_ +
                  ": was deleted or replaced while in use, nothing can be stored in it any more: "
                  "restart, and put files back only while nobody runs on them");
}

std::int64_t SqliteDatabase::last_insert_rowid() const { return sqlite3_last_insert_rowid(handle_); }
std::int64_t SqliteDatabase::changes() const { return sqlite3_changes64(handle_); }

Result<std::int64_t> SqliteDatabase::bytes_used() {
  const auto pages = query_number("PRAGMA page_count");
  if (!pages) return fail(pages.error());
  const auto unused = query_number("PRAGMA freelist_count");
  if (!unused) return fail(unused.error());
  const auto size = query_number("PRAGMA page_size");
  if (!size) return fail(size.error());
  return (*pages - *unused) * *size;
}

SqliteStatement::~SqliteStatement() { sqlite3_finalize(handle_); }
SqliteStatement::SqliteStatement(SqliteStatement&& other) noexcept
    : db_{other.db_}, handle_{std::exchange(other.handle_, nullptr)} {}
SqliteStatement& SqliteStatement::operator=(SqliteStatement&& other) noexcept {
  std::swap(db_, other.db_);
  std::swap(handle_, other.handle_);
  return *this;
}

SqliteStatement& SqliteStatement::bind(int position, std::int64_t value) {
  sqlite3_bind_int64(handle_, position, value);
  return *this;
}
SqliteStatement& SqliteStatement::bind(int position, double value) {
  sqlite3_bind_double(handle_, position, value);
  return *this;
}
SqliteStatement& SqliteStatement::bind_text(int position, std::string_view value) {
  sqlite3_bind_text64(handle_, position, value.data(), value.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  return *this;
}
SqliteStatement& SqliteStatement::bind_blob(int position, std::string_view value) {
  // A null pointer would bind NULL instead of an empty blob.
  sqlite3_bind_blob64(handle_, position, value.empty() ? "" : value.data(), value.size(), SQLITE_TRANSIENT);
  return *this;
}
SqliteStatement& SqliteStatement::bind_null(int position) {
  sqlite3_bind_null(handle_, position);
  return *this;
}

Result<bool> SqliteStatement::step() {
  const int code = sqlite3_step(handle_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  auto error = failure(db_, code, "database");
  sqlite3_reset(handle_);
  return error;
}

Status SqliteStatement::run() {
  for (;;) {
    auto row = step();
    if (!row) return fail(row.error());
    if (!*row) break;
  }
  reset();
  return {};
}

void SqliteStatement::reset() { sqlite3_reset(handle_); }

std::int64_t SqliteStatement::number(int column) const { return sqlite3_column_int64(handle_, column); }
double SqliteStatement::real(int column) const { return sqlite3_column_double(handle_, column); }
std::string_view SqliteStatement::text(int column) const {
  const auto* text = sqlite3_column_text(handle_, column);
  if (text == nullptr) return {};
  return {reinterpret_cast<const char*>(text),
          static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
}
std::string_view SqliteStatement::blob(int column) const {
  const void* data = sqlite3_column_blob(handle_, column);
  if (data == nullptr) return {};
  return {static_cast<const char*>(data), static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
}
bool SqliteStatement::is_null(int column) const {
  return sqlite3_column_type(handle_, column) == SQLITE_NULL;
}

Result<SqliteTransaction> SqliteTransaction::begin(SqliteDatabase& db) {
  if (auto there = db.in_place(); !there) return fail(there.error());
  if (auto begun = db.run("BEGIN IMMEDIATE"); !begun) return fail(begun.error());
  return SqliteTransaction{db};
}

SqliteTransaction::~SqliteTransaction() {
  if (db_ != nullptr) static_cast<void>(db_->run("ROLLBACK"));
}

Status SqliteTransaction::commit() {
  SqliteDatabase* db = std::exchange(db_, nullptr);
  auto done = db->run("COMMIT");
  if (!done) static_cast<void>(db->run("ROLLBACK"));
  return done;
}

}  // namespace davy
