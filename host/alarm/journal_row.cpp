#include "host/alarm/journal_row.hpp"

#include <array>
#include <charconv>
#include <cmath>

#include "proto/wire/hash.hpp"

namespace davy {
namespace {

void bind_time(SqliteStatement& s, int position, const std::optional<WallTime>& t) {
  if (t) {
    s.bind(position, to_ms(*t));
  } else {
    s.bind_null(position);
  }
}

std::optional<WallTime> read_time(const SqliteStatement& row, int column) {
  if (row.is_null(column)) return std::nullopt;
  return wall_from_ms(row.number(column));
}

// NaN is stored as NULL.
void bind_real(SqliteStatement& s, int position, double value) {
  if (std::isnan(value)) {
    s.bind_null(position);
  } else {
    s.bind(position, value);
  }
}

double read_real(const SqliteStatement& row, int column) {
  return row.is_null(column) ? std::numeric_limits<double>::quiet_NaN() : row.real(column);
}

template <typename T>
Status read_word(const SqliteStatement& row, int column, std::string_view name, T& out) {
  if (from_string(row.text(column), out)) return {};
  return fail(Errc::corrupt,
              "alarm journal: unknown " + std::string{name} + " '" + std::string{row.text(column)} + "'");
}

// Fields in one text that cannot be read in two ways: every field with its length before it.
struct Canonical {
  std::string text;
  void add(std::string_view field) {
    text.append(std::to_string(field.size())).append(":").append(field).append(";");
  }
  void add(std::int64_t number) { add(std::to_string(number)); }
  void add(const std::optional<WallTime>& t) { add(t ? std::to_string(to_ms(*t)) : std::string{"-"}); }
  void add(double value) {
    if (std::isnan(value)) return add(std::string_view{"-"});
    std::array<char, 32> digits{};
    // SQLite does not keep the sign of a zero.
    const auto end =
        std::to_chars(digits.data(), digits.data() + digits.size(), value == 0 ? 0.0 : value).ptr;
    add(std::string_view{digits.data(), static_cast<std::size_t>(end - digits.data())});
  }
};

}  // namespace

void bind_alarm(SqliteStatement& s, int first, const Alarm& alarm) {
  s.bind_text(first, alarm.occurrence)
      .bind_text(first + 1, to_string(alarm.source))
      .bind_text(first + 2, alarm.kind)
      .bind(first + 3, std::int64_t{to_number(alarm.point)})
      .bind_text(first + 4, alarm.name)
      .bind_text(first + 5, alarm.gateway)
      .bind_text(first + 6, to_string(alarm.level))
      .bind_text(first + 7, to_string(alarm.side));
  bind_real(s, first + 8, alarm.at);
  s.bind(first + 9, std::int64_t{alarm.priority})
      .bind_text(first + 10, to_string(alarm.state))
      .bind_text(first + 11, to_string(alarm.condition))
      .bind(first + 12, to_ms(alarm.raised));
  bind_time(s, first + 13, alarm.cleared);
  bind_time(s, first + 14, alarm.acked);
  s.bind_text(first + 15, alarm.acked_by).bind_text(first + 16, alarm.comment);
  bind_real(s, first + 17, alarm.value);
  bind_real(s, first + 18, alarm.peak);
  s.bind_text(first + 19, alarm.reason);
}

Result<Alarm> read_alarm(const SqliteStatement& row, int first) {
  Alarm alarm;
  alarm.occurrence = row.text(first);
  if (auto ok = read_word(row, first + 1, "source", alarm.source); !ok) return fail(ok.error());
  alarm.kind = row.text(first + 2);
  alarm.point = static_cast<HostPointId>(row.number(first + 3));
  alarm.name = row.text(first + 4);
  alarm.gateway = row.text(first + 5);
  if (auto ok = read_word(row, first + 6, "level", alarm.level); !ok) return fail(ok.error());
  if (auto ok = read_word(row, first + 7, "side", alarm.side); !ok) return fail(ok.error());
  alarm.at = read_real(row, first + 8);
  alarm.priority = static_cast<std::uint8_t>(row.number(first + 9));
  if (auto ok = read_word(row, first + 10, "state", alarm.state); !ok) return fail(ok.error());
  if (auto ok = read_word(row, first + 11, "condition", alarm.condition); !ok) return fail(ok.error());
  alarm.raised = wall_from_ms(row.number(first + 12));
  alarm.cleared = read_time(row, first + 13);
  alarm.acked = read_time(row, first + 14);
  alarm.acked_by = row.text(first + 15);
  alarm.comment = row.text(first + 16);
  alarm.value = read_real(row, first + 17);
  alarm.peak = read_real(row, first + 18);
  alarm.reason = row.text(first + 19);
  return alarm;
}

void bind_entry(SqliteStatement& s, const JournalEntry& entry) {
  s.bind(1, static_cast<std::int64_t>(entry.seq))
      .bind(2, to_ms(entry.at))
      .bind(3, to_ms(entry.recorded))
      .bind_text(4, to_string(entry.kind))
      .bind(5, std::int64_t{entry.late})
      .bind_text(6, entry.user)
      .bind_text(7, entry.comment);
  bind_alarm(s, entry_column_count + 1, entry.alarm);
}

Result<JournalEntry> read_entry(const SqliteStatement& row) {
  JournalEntry entry;
  entry.seq = static_cast<std::uint64_t>(row.number(0));
  entry.at = wall_from_ms(row.number(1));
  entry.recorded = wall_from_ms(row.number(2));
  if (auto ok = read_word(row, 3, "kind", entry.kind); !ok) return fail(ok.error());
  entry.late = row.number(4) != 0;
  entry.user = row.text(5);
  entry.comment = row.text(6);
  auto alarm = read_alarm(row, entry_column_count);
  if (!alarm) return fail(alarm.error());
  entry.alarm = std::move(*alarm);
  entry.alarm.seq = entry.seq;
  return entry;
}

Hash chain_hash(std::string_view previous, const JournalEntry& entry) {
  const Alarm& a = entry.alarm;
  Canonical c;
  c.add(previous);
  c.add(static_cast<std::int64_t>(entry.seq));
  c.add(to_ms(entry.at));
  c.add(to_ms(entry.recorded));
  c.add(to_string(entry.kind));
  c.add(std::int64_t{entry.late});
  c.add(entry.user);
  c.add(entry.comment);
  c.add(a.occurrence);
  c.add(to_string(a.source));
  c.add(a.kind);
  c.add(std::int64_t{to_number(a.point)});
  c.add(a.name);
  c.add(a.gateway);
  c.add(to_string(a.level));
  c.add(to_string(a.side));
  c.add(a.at);
  c.add(std::int64_t{a.priority});
  c.add(to_string(a.state));
  c.add(to_string(a.condition));
  c.add(to_ms(a.raised));
  c.add(a.cleared);
  c.add(a.acked);
  c.add(a.acked_by);
  c.add(a.comment);
  c.add(a.value);
  c.add(a.peak);
  c.add(a.reason);
  return hash_of(c.text);
}

}  // namespace davy
