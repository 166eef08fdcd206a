#include "host/alarm/journal_reader.hpp"

#include <algorithm>
#include <utility>

#include "host/alarm/journal_row.hpp"
#include "proto/wire/hash.hpp"

namespace davy {
namespace {

Result<std::vector<JournalEntry>> collect(SqliteStatement& statement) {
  std::vector<JournalEntry> entries;
  for (;;) {
    auto row = statement.step();
    if (!row) return fail(row.error().in("alarm journal"));
    if (!*row) break;
    auto entry = read_entry(statement);
    if (!entry) {
      statement.reset();
      return fail(entry.error());
    }
    entries.push_back(std::move(*entry));
  }
  statement.reset();
  return entries;
}

std::int64_t as_key(std::uint64_t seq) {
  return static_cast<std::int64_t>(std::min<std::uint64_t>(seq, std::numeric_limits<std::int64_t>::max()));
}

}  // namespace

struct JournalReader::Statements {
  SqliteStatement after;
  SqliteStatement after_of_point;
  SqliteStatement newest;
  SqliteStatement newest_of_point;
  SqliteStatement all;
};

JournalReader::JournalReader(std::unique_ptr<Statements> statements) : statements_{std::move(statements)} {}
JournalReader::~JournalReader() = default;
JournalReader::JournalReader(JournalReader&&) noexcept = default;
JournalReader& JournalReader::operator=(JournalReader&&) noexcept = default;

Result<JournalReader> JournalReader::open(SqliteDatabase& db) {
  const std::string select = "SELECT " + std::string{entry_columns} + "," + std::string{alarm_columns} +
                             ",chain FROM alarm_journal ";
  auto after = db.prepare(select + "WHERE seq>?1 ORDER BY seq LIMIT ?2");
  auto after_of_point = db.prepare(select + "WHERE point=?3 AND seq>?1 ORDER BY seq LIMIT ?2");
  auto newest = db.prepare(select + "ORDER BY seq DESC LIMIT ?1");
  auto newest_of_point = db.prepare(select + "WHERE point=?2 ORDER BY seq DESC LIMIT ?1");
  auto all = db.prepare(select + "ORDER BY seq");
  for (const auto* one : {&after, &after_of_point, &newest, &newest_of_point, &all}) {
    if (!*one) return fail(one->error().in("alarm journal"));
  }
  return JournalReader{std::make_unique<Statements>(
      Statements{std::move(*after), std::move(*after_of_point), std::move(*newest),
                 std::move(*newest_of_point), std::move(*all)})};
}

Result<std::vector<JournalEntry>> JournalReader::after(std::uint64_t after, std::size_t limit,
                                                       HostPointId only) {
  SqliteStatement& s = only == no_point ? statements_->after : statements_->after_of_point;
  s.bind(1, as_key(after)).bind(2, as_key(limit));
  if (only != no_point) s.bind(3, std::int64_t{to_number(only)});
  return collect(s);
}

Result<std::vector<JournalEntry>> JournalReader::newest(std::size_t limit, HostPointId only) {
  SqliteStatement& s = only == no_point ? statements_->newest : statements_->newest_of_point;
  s.bind(1, as_key(limit));
  if (only != no_point) s.bind(2, std::int64_t{to_number(only)});
  auto entries = collect(s);
  if (entries) std::reverse(entries->begin(), entries->end());
  return entries;
}

Result<std::uint64_t> JournalReader::verify() {
  SqliteStatement& s = statements_->all;
  std::uint64_t seq = 0;
  std::string chain;
  std::optional<Error> wrong;
  while (!wrong) {
    auto row = s.step();
    if (!row) return fail(row.error().in("alarm journal"));
    if (!*row) break;
    auto entry = read_entry(s);
    if (!entry) {
      wrong = entry.error();
    } else if (entry->seq != ++seq) {
      wrong = Error{Errc::corrupt, "alarm journal: entry " + std::to_string(seq) + " is missing"};
    } else if (chain = as_bytes(chain_hash(chain, *entry));
               chain != s.blob(entry_column_count + alarm_column_count)) {
      wrong = Error{Errc::corrupt,
                    "alarm journal: entry " + std::to_string(seq) + " was changed after it was written"};
    }
  }
  s.reset();
  if (wrong) return fail(std::move(*wrong));
  return seq;
}

}  // namespace davy
