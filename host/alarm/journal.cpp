#include "host/alarm/journal.hpp"

#include <utility>

#include "host/alarm/journal_row.hpp"
#include "proto/wire/hash.hpp"

namespace davy {
namespace {

constexpr std::string_view alarm_table_columns =
    "occurrence TEXT NOT NULL, source TEXT NOT NULL, cause TEXT NOT NULL, point INTEGER NOT NULL, name TEXT "
    "NOT NULL,"
    "gateway TEXT NOT NULL, level TEXT NOT NULL, side TEXT NOT NULL, limit_at REAL, priority INTEGER NOT "
    "NULL,"
    "state TEXT NOT NULL, condition TEXT NOT NULL, raised_ms INTEGER NOT NULL, cleared_ms INTEGER, acked_ms "
    "INTEGER,"
    "acked_by TEXT NOT NULL, ack_comment TEXT NOT NULL, value REAL, peak REAL, reason TEXT NOT NULL";

// The first trigger also stops INSERT OR REPLACE, which deletes without asking the others.
std::string schema() {
  const std::string columns{alarm_table_columns};
  return "CREATE TABLE IF NOT EXISTS alarm_journal(seq INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL,"
         "recorded_ms INTEGER NOT NULL, kind TEXT NOT NULL, late INTEGER NOT NULL, user TEXT NOT NULL,"
         "comment TEXT NOT NULL," +
         columns +
         ", chain BLOB NOT NULL);"
         "CREATE INDEX IF NOT EXISTS alarm_journal_by_point ON alarm_journal(point, seq);"
         "CREATE TRIGGER IF NOT EXISTS alarm_journal_no_holes BEFORE INSERT ON alarm_journal"
         " WHEN NEW.seq <> (SELECT coalesce(max(seq),0)+1 FROM alarm_journal)"
         " BEGIN SELECT RAISE(ABORT,'the alarm journal has no holes'); END;"
         "CREATE TRIGGER IF NOT EXISTS alarm_journal_no_update BEFORE UPDATE ON alarm_journal"
         " BEGIN SELECT RAISE(ABORT,'the alarm journal is never changed'); END;"
         "CREATE TRIGGER IF NOT EXISTS alarm_journal_no_delete BEFORE DELETE ON alarm_journal"
         " BEGIN SELECT RAISE(ABORT,'the alarm journal is never deleted'); END;"
         "CREATE TABLE IF NOT EXISTS alarm_standing(" +
         columns + ", seq INTEGER NOT NULL, PRIMARY KEY(occurrence)) WITHOUT ROWID;";
}

std::string marks(int count) {
  std::string text = "?";
  for (int i = 1; i < count; ++i) text += ",?";
  return text;
}

}  // namespace

struct Journal::Statements {
  SqliteStatement last;
  SqliteStatement standing;
  SqliteStatement since;
  SqliteStatement insert;
  SqliteStatement keep;
  SqliteStatement end;
  SqliteStatement peak;
};

Journal::Journal(std::unique_ptr<Statements> statements) : statements_{std::move(statements)} {}
Journal::~Journal() = default;
Journal::Journal(Journal&&) noexcept = default;
Journal& Journal::operator=(Journal&&) noexcept = default;

Result<Journal> Journal::open(SqliteDatabase& db) {
  if (auto made = db.run(schema()); !made) return fail(made.error().in("alarm journal"));
  const std::string columns{alarm_columns};
  auto last = db.prepare("SELECT seq, chain FROM alarm_journal ORDER BY seq DESC LIMIT 1");
  auto standing = db.prepare("SELECT " + columns + ", seq FROM alarm_standing ORDER BY occurrence");
  auto since = db.prepare(
      "SELECT at_ms FROM alarm_journal WHERE point=? AND occurrence=? AND kind IN ('raised','reraised') "
      "ORDER BY seq DESC LIMIT 1");
  auto insert = db.prepare("INSERT INTO alarm_journal(" + std::string{entry_columns} + "," + columns +
                           ",chain) VALUES(" + marks(entry_column_count + alarm_column_count + 1) + ")");
  auto keep = db.prepare("INSERT OR REPLACE INTO alarm_standing(" + columns + ",seq) VALUES(" +
                         marks(alarm_column_count + 1) + ")");
  auto end = db.prepare("DELETE FROM alarm_standing WHERE occurrence=?");
  auto peak = db.prepare("UPDATE alarm_standing SET value=?, peak=? WHERE occurrence=?");
  for (const auto* one : {&last, &standing, &since, &insert, &keep, &end, &peak}) {
    if (!*one) return fail(one->error().in("alarm journal"));
  }
  return Journal{std::make_unique<Statements>(
      Statements{std::move(*last), std::move(*standing), std::move(*since), std::move(*insert),
                 std::move(*keep), std::move(*end), std::move(*peak)})};
}

Result<Journal::State> Journal::load() {
  State state;
  for (;;) {
    auto row = statements_->standing.step();
    if (!row) return fail(row.error().in("alarm journal"));
    if (!*row) break;
    auto alarm = read_alarm(statements_->standing, 0);
    if (!alarm) {
      statements_->standing.reset();
      return fail(alarm.error());
    }
    alarm->seq = static_cast<std::uint64_t>(statements_->standing.number(alarm_column_count));
    state.standing.push_back(std::move(*alarm));
  }
  statements_->standing.reset();
  auto last = statements_->last.step();
  if (!last) return fail(last.error().in("alarm journal"));
  if (*last) state.last_seq = static_cast<std::uint64_t>(statements_->last.number(0));
  statements_->last.reset();
  for (const Alarm& alarm : state.standing) {
    if (alarm.source != AlarmSource::limit) continue;
    auto& since = statements_->since;
    since.bind(1, std::int64_t{to_number(alarm.point)}).bind_text(2, alarm.occurrence);
    const auto found = since.step();
    if (!found) return fail(found.error().in("alarm journal"));
    if (*found) state.since[alarm.occurrence] = wall_from_ms(since.number(0));
    since.reset();
  }
  return state;
}

Status Journal::append(std::span<const JournalEntry> entries) {
  if (entries.empty()) return {};
  auto& s = *statements_;
  auto last = s.last.step();
  if (!last) return fail(last.error().in("alarm journal"));
  std::string chain = *last ? std::string{s.last.blob(1)} : std::string{};
  s.last.reset();
  for (const JournalEntry& entry : entries) {
    chain = as_bytes(chain_hash(chain, entry));
    bind_entry(s.insert, entry);
    s.insert.bind_blob(entry_column_count + alarm_column_count + 1, chain);
    if (auto done = s.insert.run(); !done)
      return fail(done.error().in("alarm journal, entry " + std::to_string(entry.seq)));
    if (entry.late) continue;  // the past does not stand
    SqliteStatement& standing = entry.alarm.state == AlarmState::normal ? s.end : s.keep;
    if (&standing == &s.end) {
      standing.bind_text(1, entry.alarm.occurrence);
    } else {
      bind_alarm(standing, 1, entry.alarm);
      standing.bind(alarm_column_count + 1, static_cast<std::int64_t>(entry.seq));
    }
    if (auto done = standing.run(); !done) return fail(done.error().in("alarm journal, standing alarms"));
  }
  return {};
}

Status Journal::refresh(std::span<const Alarm> alarms) {
  for (const Alarm& alarm : alarms) {
    // A value that is no number binds as NULL.
    statements_->peak.bind(1, alarm.value).bind(2, alarm.peak).bind_text(3, alarm.occurrence);
    if (auto done = statements_->peak.run(); !done)
      return fail(done.error().in("alarm journal, standing alarms"));
  }
  return {};
}

}  // namespace davy
