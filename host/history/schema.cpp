#include "host/history/schema.hpp"

#include <cstdlib>

#include "host/history/batch.hpp"
#include "proto/base/assert.hpp"

namespace davy {
namespace {

// Times are UTC milliseconds; 64-bit numbers without a sign (boot) are stored as their two's complement.
constexpr const char* tables = R"sql(
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE gateway(
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, birth INTEGER, quarantined INTEGER NOT NULL) STRICT;
CREATE TABLE stream(
  id INTEGER PRIMARY KEY, gateway INTEGER NOT NULL, uuid BLOB NOT NULL, first_seen_ms INTEGER NOT NULL,
  UNIQUE(gateway, uuid)) STRICT;
CREATE TABLE ledger(
  stream INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
  PRIMARY KEY(stream, first)) STRICT, WITHOUT ROWID;
CREATE TABLE lost(
  stream INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, reason TEXT NOT NULL,
  recorded_ms INTEGER NOT NULL, PRIMARY KEY(stream, first, last)) STRICT, WITHOUT ROWID;
CREATE TABLE birth(
  id INTEGER PRIMARY KEY, gateway INTEGER NOT NULL, hash BLOB NOT NULL UNIQUE, received_ms INTEGER NOT NULL,
  message BLOB NOT NULL) STRICT;
CREATE TABLE point(
  id INTEGER PRIMARY KEY, gateway INTEGER NOT NULL, name TEXT NOT NULL, birth INTEGER NOT NULL,
  position INTEGER NOT NULL, UNIQUE(gateway, name)) STRICT;
CREATE TABLE block(
  id INTEGER PRIMARY KEY, gateway INTEGER NOT NULL, birth INTEGER NOT NULL, received_ms INTEGER NOT NULL,
  from_ms INTEGER NOT NULL, to_ms INTEGER NOT NULL, clock_error_ms INTEGER NOT NULL, clock INTEGER NOT NULL,
  envelope BLOB NOT NULL) STRICT;
CREATE INDEX block_time ON block(gateway, from_ms, to_ms);
CREATE INDEX block_long ON block(gateway, from_ms, to_ms) WHERE to_ms - from_ms > 120000;
CREATE TABLE event(
  id INTEGER PRIMARY KEY, block INTEGER NOT NULL, kind INTEGER NOT NULL, at_ms INTEGER NOT NULL,
  first INTEGER NOT NULL, last INTEGER NOT NULL, text TEXT NOT NULL) STRICT;
CREATE TABLE quarantine(
  id INTEGER PRIMARY KEY, gateway TEXT NOT NULL, hash BLOB NOT NULL UNIQUE, topic TEXT NOT NULL,
  reason TEXT NOT NULL, first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL, count INTEGER NOT NULL,
  size INTEGER NOT NULL, bytes BLOB NOT NULL) STRICT;
CREATE INDEX quarantine_gateway ON quarantine(gateway);
CREATE TABLE clock(
  gateway INTEGER NOT NULL, boot INTEGER NOT NULL, wall_minus_steady_ms INTEGER NOT NULL,
  heard_ms INTEGER NOT NULL, PRIMARY KEY(gateway, boot)) STRICT, WITHOUT ROWID;
)sql";
// Came later than the tables: a history that was made before has it from the next start on.
constexpr const char* event_index = "CREATE INDEX IF NOT EXISTS event_time ON event(at_ms)";
static_assert(long_block == Duration{120000}, "the text of block_long names it too");

Status put_meta(SqliteDatabase& db, const char* key, const std::string& value) {
  auto insert = db.prepare("INSERT INTO meta(key, value) VALUES(?, ?)");
  if (!insert) return fail(insert.error());
  return insert->bind_text(1, key).bind_text(2, value).run();
}

Result<std::string> meta(SqliteDatabase& db, const char* key) {
  auto select = db.prepare("SELECT value FROM meta WHERE key = ?");
  if (!select) return fail(select.error());
  auto row = select->bind_text(1, key).step();
  if (!row) return fail(row.error());
  if (!*row) return fail(Errc::corrupt, db.path() + ": table meta has no " + key);
  return std::string{select->text(0)};
}

Status create(SqliteDatabase& db, const std::string& mine, WallTime now) {
  auto transaction = SqliteTransaction::begin(db);
  if (!transaction) return fail(transaction.error());
  if (auto made = db.run(tables); !made) return made;
  if (auto made = db.run(event_index); !made) return made;
  if (auto put = put_meta(db, "schema", std::to_string(history_schema)); !put) return put;
  if (auto put = put_meta(db, "mine", mine); !put) return put;
  if (auto put = put_meta(db, "created_ms", std::to_string(to_ms(now))); !put) return put;
  return transaction->commit();
}

// There has been one schema so far: an older one is damage or somebody's trial.
Error other_schema(const std::string& path, const std::string& found) {
  const bool newer = std::strtoll(found.c_str(), nullptr, 10) > history_schema;
  return {Errc::bad_config, path + ": made by " + (newer ? "a newer" : "an older") + " davy-host (schema " +
                                found + ", this one knows " + std::to_string(history_schema) + "): " +
                                (newer ? "install that one, or a newer one still"
                                       : "convert it with the davy-host that made it") +
                                ", or set `data` to another folder; nothing was changed"};
}

}  // namespace

Status prepare_history(SqliteDatabase& db, const std::string& mine, WallTime now) {
  const auto known =
      db.query_number("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'meta'");
  if (!known) return fail(known.error());
  if (*known == 0) {
    const auto others = db.query_number("SELECT count(*) FROM sqlite_master");
    if (!others) return fail(others.error());
    if (*others != 0) return fail(Errc::corrupt, db.path() + ": a database, but not a history of davy-host");
    return create(db, mine, now);
  }
  const auto schema = meta(db, "schema");
  if (!schema) return fail(schema.error());
  if (*schema != std::to_string(history_schema)) return fail(other_schema(db.path(), *schema));
  const auto stored_mine = meta(db, "mine");
  if (!stored_mine) return fail(stored_mine.error());
  if (*stored_mine != mine) {
    return fail(Errc::bad_config, db.path() + ": is the history of mine '" + *stored_mine +
                                      "', the configuration says '" + mine +
                                      "': correct `mine`, or give this mine a folder of its own");
  }
  return db.run(event_index);
}

std::int64_t block_key(std::uint32_t stream, std::uint64_t seq) {
  DAVY_ASSERT(stream <= stream_count_max && seq <= seq_max);
  return static_cast<std::int64_t>(std::uint64_t{stream} << 40U | seq);
}

}  // namespace davy
