#include <optional>
#include <utility>

#include "host/history/row_values.hpp"
#include "host/history/schema.hpp"
#include "host/history/sqlite_history_reader.hpp"
#include "host/history/statements.hpp"

namespace davy {
namespace {

// One stream's row and what the history knows of its numbers.
struct StreamOnRecord {
  std::uint32_t id = 0;
  StreamGaps gaps;
  RangeSet received;
};

// A range of numbers has no time of its own: it lies between the blocks before and after it.
class GapTimes {
 public:
  explicit GapTimes(SqliteDatabase& db)
      : maker_{db},
        before_{maker_.make("SELECT to_ms FROM block WHERE id >= ?1 AND id < ?2 ORDER BY id DESC LIMIT 1")},
        after_{maker_.make("SELECT from_ms FROM block WHERE id > ?1 AND id <= ?2 ORDER BY id LIMIT 1")} {}
  const Status& status() const { return maker_.status(); }

  Result<bool> overlaps(std::uint32_t stream, Range seqs, WallTime from, WallTime to) {
    const auto begin = neighbour(*before_, block_key(stream, 0), block_key(stream, seqs.first));
    if (!begin) return fail(begin.error());
    const auto end = neighbour(*after_, block_key(stream, seqs.last), block_key(stream, seq_max));
    if (!end) return fail(end.error());
    return (!*begin || **begin < to) && (!*end || **end >= from);
  }

 private:
  static Result<std::optional<WallTime>> neighbour(SqliteStatement& statement, std::int64_t low,
                                                   std::int64_t high) {
    const auto row = statement.bind(1, low).bind(2, high).step();
    if (!row) return fail(row.error());
    std::optional<WallTime> found;
    if (*row) found = time_of(statement, 0);
    statement.reset();
    return found;
  }

  StatementMaker maker_;
  std::unique_ptr<SqliteStatement> before_;
  std::unique_ptr<SqliteStatement> after_;
};

Result<std::vector<StreamOnRecord>> read_streams(SqliteDatabase& db) {
  auto rows = db.prepare(
      "SELECT s.id, s.uuid, g.name FROM stream s JOIN gateway g ON g.id = s.gateway ORDER BY g.name, s.id");
  if (!rows) return fail(rows.error());
  std::vector<StreamOnRecord> out;
  for (;;) {
    const auto row = rows->step();
    if (!row) return fail(row.error());
    if (!*row) return out;
    StreamOnRecord stream;
    stream.id = u32(*rows, 0);
    stream.gaps.stream = bytes_of<Uuid>(*rows, 1);
    stream.gaps.gateway = std::string{rows->text(2)};
    out.push_back(std::move(stream));
  }
}

Status read_ledger(SqliteDatabase& db, StreamOnRecord& stream) {
  auto rows = db.prepare("SELECT first, last FROM ledger WHERE stream = ?");
  if (!rows) return fail(rows.error());
  rows->bind(1, std::int64_t{stream.id});
  for (;;) {
    const auto row = rows->step();
    if (!row) return fail(row.error());
    if (!*row) return {};
    stream.received.add(Range{u64(*rows, 0), u64(*rows, 1)});
  }
}

// What was declared lost and came all the same (the ack was under way) is not lost.
Status read_lost(SqliteDatabase& db, StreamOnRecord& stream) {
  auto rows =
      db.prepare("SELECT first, last, reason, recorded_ms FROM lost WHERE stream = ? ORDER BY first, last");
  if (!rows) return fail(rows.error());
  rows->bind(1, std::int64_t{stream.id});
  for (;;) {
    const auto row = rows->step();
    if (!row) return fail(row.error());
    if (!*row) return {};
    for (const Range& hole : stream.received.holes({u64(*rows, 0), u64(*rows, 1)})) {
      stream.gaps.lost.push_back({hole, std::string{rows->text(2)}, time_of(*rows, 3)});
    }
  }
}

void find_missing(StreamOnRecord& stream) {
  RangeSet known = stream.received;
  for (const LostBlocks& lost : stream.gaps.lost) known.add(lost.seqs);
  if (!known.empty()) stream.gaps.missing = known.holes({1, known.ranges().back().last});
}

// Leaves what may lie in [from, to).
Status keep_within(GapTimes& times, StreamOnRecord& stream, WallTime from, WallTime to) {
  Status status;
  const auto outside = [&](const Range& seqs) {
    const auto inside = times.overlaps(stream.id, seqs, from, to);
    if (!inside) status = fail(inside.error());
    return inside && !*inside;
  };
  std::erase_if(stream.gaps.missing, outside);
  std::erase_if(stream.gaps.lost, [&](const LostBlocks& lost) { return outside(lost.seqs); });
  return status;
}

}  // namespace

Result<std::vector<StreamGaps>> SqliteHistoryReader::gaps(WallTime from, WallTime to) {
  auto streams = read_streams(db_);
  if (!streams) return fail(streams.error());
  GapTimes times{db_};
  if (!times.status()) return fail(times.status().error());
  std::vector<StreamGaps> out;
  for (StreamOnRecord& stream : *streams) {
    if (auto read = read_ledger(db_, stream); !read) return fail(read.error());
    if (auto read = read_lost(db_, stream); !read) return fail(read.error());
    find_missing(stream);
    if (auto kept = keep_within(times, stream, from, to); !kept) return fail(kept.error());
    if (!stream.gaps.missing.empty() || !stream.gaps.lost.empty()) out.push_back(std::move(stream.gaps));
  }
  return out;
}

}  // namespace davy
