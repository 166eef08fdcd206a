#include <algorithm>
#include <filesystem>

#include "gateway/spool/spool_file.hpp"
#include "gateway/spool/sqlite_spool.hpp"
#include "gateway/spool/sqlite_spool_sql.hpp"

namespace davy {

using namespace spool;

namespace {

// Reading all of a big file would delay the first measurement by seconds: only when there is a reason to.
constexpr std::uint64_t check_always_below = 16 * 1024 * 1024;

Result<SqliteDatabase> open_database(const SpoolOptions& options) {
  auto db = SqliteDatabase::open({.path = options.path,
                                  .exclusive = true,
                                  .vfs = options.vfs,
                                  .busy_wait_ms = 200,
                                  .page_size = page_size});
  if (!db && db.error().code == Errc::conflict) {
    return fail(Errc::conflict, "spool " + options.path + " is in use" + name_of_holder(options.path) +
                                    ": only one davy-gateway may run on it");
  }
  if (!db) return fail(db.error().in("spool"));
  const auto log_bytes = log_bytes_max(options.bytes_max);
  const auto set = db->run("PRAGMA wal_autocheckpoint=" + std::to_string(log_bytes / 2 / page_size) +
                           "; PRAGMA journal_size_limit=" + std::to_string(log_bytes) +
                           "; PRAGMA cache_size=-1024; PRAGMA temp_store=MEMORY");
  if (!set) return fail(set.error().in("spool"));
  return db;
}

}  // namespace

Result<SqliteSpool::Opened> SqliteSpool::open(const SpoolOptions& options, WallTime now) {
  const bool on_disk = options.vfs.empty();
  if (on_disk) {
    if (auto made = make_private_file(options.path); !made) return fail(made.error());
  }
  auto opened = open_file(options, std::nullopt);
  if (opened || opened.error().code != Errc::corrupt || !on_disk) return opened;

  auto aside = set_aside(options.path, now);
  if (!aside) return fail(aside.error());
  if (auto made = make_private_file(options.path); !made) return fail(made.error());
  return open_file(options, opened.error().message + "; set aside as " + *aside);
}

Result<SqliteSpool::Opened> SqliteSpool::open_file(const SpoolOptions& options,
                                                   const std::optional<std::string>& replaced) {
  auto db = open_database(options);
  if (!db) return fail(db.error());
  std::unique_ptr<SqliteSpool> spool{new SqliteSpool{std::move(*db), options}};
  if (auto sound = spool->check(); !sound) return fail(sound.error());
  if (auto made = spool->create(replaced); !made) return fail(made.error());
  auto note = spool->load();
  if (!note) return fail(note.error());
  return Opened{std::move(spool), std::move(*note)};
}

// Is it ours, of a schema we know, and sound?
Status SqliteSpool::check() {
  const auto tables = db_.query_number("SELECT count(*) FROM sqlite_master");
  const auto id = db_.query_number("PRAGMA application_id");
  const auto version = db_.query_number("PRAGMA user_version");
  const auto size = db_.bytes_used();
  for (const auto* answer : {&tables, &id, &version, &size}) {
    if (!*answer) return fail(answer->error());
  }
  if (*tables == 0) return {};
  if (*id != application_id) {
    return fail(Errc::bad_config,
                options_.path + ": is a database of another program, not a spool: correct spool.path");
  }
  if (*version > schema_version) {
    return fail(Errc::bad_config,
                options_.path + ": was written by a newer Davy (schema " + std::to_string(*version) +
                    ", this one knows " + std::to_string(schema_version) +
                    "): install the newer one, or move the file away to begin a new stream");
  }
  if (*version < schema_version) {
    return fail(Errc::bad_config,
                options_.path + ": was written by an older Davy (schema " + std::to_string(*version) +
                    ", this one knows " + std::to_string(schema_version) +
                    "): let the older one send it all first, or move the file away to begin a new stream");
  }
  const bool suspect = options_.vfs.empty() && std::filesystem::exists(options_.path + suspect_suffix);
  if (!suspect && unsigned_number(*size) > check_always_below) return {};
  auto query = db_.prepare("PRAGMA quick_check(1)");
  if (!query) return fail(query.error());
  auto row = query->step();
  if (!row) return fail(row.error());
  const std::string verdict{query->text(0)};
  if (verdict != "ok") return fail(Errc::corrupt, options_.path + ": " + verdict);
  std::error_code ignored;
  if (suspect) std::filesystem::remove(options_.path + suspect_suffix, ignored);
  return {};
}

// In one transaction: after a crash there is a spool or an empty file, nothing between.
Status SqliteSpool::create(const std::optional<std::string>& replaced) {
  const auto version = db_.query_number("PRAGMA user_version");
  if (!version) return fail(version.error());
  if (*version == schema_version) return {};
  auto transaction = SqliteTransaction::begin(db_);
  if (!transaction) return fail(transaction.error());
  if (auto made = db_.run(schema); !made) return made;
  auto meta = db_.prepare("INSERT INTO meta VALUES(1, ?, ?, ?, 0, 0, 0)");
  if (!meta) return fail(meta.error());
  meta->bind_text(1, options_.gateway).bind_blob(2, as_bytes(options_.new_stream()));
  if (replaced) meta->bind_text(3, *replaced);
  if (auto done = meta->run(); !done) return done;
  const auto marked = db_.run("PRAGMA application_id=" + std::to_string(application_id) +
                              "; PRAGMA user_version=" + std::to_string(schema_version));
  if (!marked) return marked;
  return transaction->commit();
}

// Fills the state; returns the note on a replaced file while no block has been stored.
Result<std::optional<std::string>> SqliteSpool::load() {
  for (const char* text : sql_text) {
    auto statement = db_.prepare(text);
    if (!statement) return fail(statement.error());
    sql_.push_back(std::move(*statement));
  }
  std::optional<std::string> note;
  {
    auto meta = db_.prepare("SELECT gateway, stream, replaced FROM meta");
    if (!meta) return fail(meta.error());
    auto row = meta->step();
    if (!row) return fail(row.error());
    if (!*row || meta->blob(1).size() != state_.stream.size()) {
      return fail(Errc::corrupt, options_.path + ": does not say whose it is");
    }
    if (meta->text(0) != options_.gateway) {
      return fail(Errc::bad_config,
                  options_.path + ": is the spool of gateway " + std::string{meta->text(0)} + ", not of " +
                      options_.gateway +
                      ": correct the gateway's name, or move the file away to begin a new stream");
    }
    std::ranges::copy(meta->blob(1), state_.stream.begin());
    if (!meta->is_null(2)) note = meta->text(2);
  }
  {
    const StatementReset reset{sql_[newest_block]};
    auto row = sql_[newest_block].step();
    if (!row) return fail(row.error());
    if (*row) {
      const auto hash = sql_[newest_block].blob(2);
      if (hash.size() != state_.previous.size())
        return fail(Errc::corrupt, options_.path + ": last block is damaged");
      std::ranges::copy(hash, state_.previous.begin());
      state_.next_seq = unsigned_number(sql_[newest_block].number(0)) + 1;
      newest_is_empty_ = sql_[newest_block].number(1) == number(RowState::released);
    }
  }
  if (auto done = count_rows(); !done) return fail(done.error());
  if (auto done = refresh_oldest(); !done) return fail(done.error());
  if (auto done = load_births(); !done) return fail(done.error());
  return state_.next_seq == 1 ? note : std::nullopt;
}

Status SqliteSpool::count_rows() {
  auto meta = db_.prepare("SELECT counted_upto, blocks, bytes FROM meta");
  if (!meta) return fail(meta.error());
  if (auto row = meta->step(); !row) return fail(row.error());
  counted_upto_ = unsigned_number(meta->number(0));
  if (counted_upto_ != 0) {
    state_.blocks = unsigned_number(meta->number(1));
    state_.bytes = unsigned_number(meta->number(2));
  }
  const StatementReset reset{sql_[count_after]};
  sql_[count_after].bind(1, signed_number(counted_upto_));
  if (auto row = sql_[count_after].step(); !row) return fail(row.error());
  state_.blocks += unsigned_number(sql_[count_after].number(0));
  state_.bytes += unsigned_number(sql_[count_after].number(1));
  return {};
}

}  // namespace davy
