#include "host/history/sqlite_history_reader.hpp"

#include <algorithm>

#include "host/history/row_values.hpp"
#include "host/history/schema.hpp"
#include "host/history/trend_buckets.hpp"
#include "proto/base/log.hpp"

namespace davy {
namespace {

// Blocks of a gateway that overlap [?2, ?3), by their beginning. ?4 is long_block: whatever began earlier
// than that and still reaches into the range is one of the few long ones.
constexpr const char* overlapping = R"sql(
SELECT from_ms, to_ms, id, birth, clock_error_ms, envelope FROM block INDEXED BY block_time
 WHERE gateway = ?1 AND from_ms >= ?2 - ?4 AND from_ms < ?3 AND to_ms >= ?2
UNION ALL
SELECT from_ms, to_ms, id, birth, clock_error_ms, envelope FROM block INDEXED BY block_long
 WHERE gateway = ?1 AND to_ms - from_ms > 120000 AND from_ms < ?2 - ?4 AND to_ms >= ?2
ORDER BY from_ms, to_ms, id)sql";

bool earlier(const HistorySample& a, const HistorySample& b) { return a.at < b.at; }

// Hands over what lies before `end` and forgets it. False: the taker has enough.
bool hand_over(std::vector<HistorySample>& waiting, WallTime end,
               const std::function<bool(const HistorySample&)>& take) {
  const auto stop = std::ranges::lower_bound(waiting, end, {}, &HistorySample::at);
  const bool more = std::all_of(waiting.begin(), stop, take);
  waiting.erase(waiting.begin(), stop);
  return more;
}

}  // namespace

SqliteHistoryReader::SqliteHistoryReader(SqliteDatabase db) : db_{std::move(db)}, positions_{db_} {}
SqliteHistoryReader::~SqliteHistoryReader() = default;

Result<std::unique_ptr<SqliteHistoryReader>> SqliteHistoryReader::open(SqliteOptions database) {
  database.read_only = true;
  auto db = SqliteDatabase::open(database);
  if (!db) return fail(db.error());
  std::unique_ptr<SqliteHistoryReader> reader{new SqliteHistoryReader{std::move(*db)}};
  auto journal = JournalReader::open(reader->db_);
  if (!journal) return fail(journal.error());
  reader->journal_.emplace(std::move(*journal));
  return reader;
}

Result<SqliteHistoryReader::PointName> SqliteHistoryReader::find_point(HostPointId point) {
  auto select = db_.prepare("SELECT gateway, name FROM point WHERE id = ?");
  if (!select) return fail(select.error());
  const auto row = select->bind(1, std::int64_t{to_number(point)}).step();
  if (!row) return fail(row.error());
  if (!*row) return fail(Errc::not_found, "no point has the number " + std::to_string(to_number(point)));
  return PointName{select->number(0), std::string{select->text(1)}};
}

Status SqliteHistoryReader::samples(HostPointId point, WallTime from, WallTime to,
                                    const std::function<bool(const HistorySample&)>& take) {
  const auto name = find_point(point);
  if (!name) return fail(name.error());
  auto blocks = db_.prepare(overlapping);
  if (!blocks) return fail(blocks.error());
  blocks->bind(1, name->gateway).bind(2, to_ms(from)).bind(3, to_ms(to)).bind(4, long_block.count());
  waiting_.clear();
  for (;;) {
    const auto row = blocks->step();
    if (!row) return fail(row.error());
    if (!*row) break;
    if (!hand_over(waiting_, time_of(*blocks, 0), take)) return {};
    if (auto taken = take_block(*blocks, point, *name, from, to); !taken) return taken;
  }
  hand_over(waiting_, WallTime::max(), take);
  return {};
}

Status SqliteHistoryReader::take_block(const SqliteStatement& block, HostPointId point, const PointName& name,
                                       WallTime from, WallTime to) {
  const auto position = positions_.find(BirthId{u32(block, 3)}, point, name.name);
  if (!position) return fail(position.error());
  if (!*position) return {};
  Hash hash{};
  if (const auto decoded = decoder_.decode_into(block.blob(5), block_, hash); !decoded) {
    // A rotten page must not hide the month around it; what it held is a gap.
    log::error("history_block_unreadable", {{"block", block.number(2)}, {"error", decoded.error().message}});
    return {};
  }
  const Duration clock_error{block.number(4)};
  const auto middle = static_cast<std::ptrdiff_t>(waiting_.size());
  for (const Sample& sample : std::ranges::equal_range(block_.samples, **position, {}, &Sample::point)) {
    const WallTime at = sample.source_time - clock_error;
    if (at >= from && at < to) waiting_.push_back({at, sample.value, sample.quality});
  }
  // A clock that was set back inside the block leaves its samples out of order.
  std::stable_sort(waiting_.begin() + middle, waiting_.end(), earlier);
  std::inplace_merge(waiting_.begin(), waiting_.begin() + middle, waiting_.end(), earlier);
  return {};
}

Result<std::vector<TrendBucket>> SqliteHistoryReader::trend(HostPointId point, WallTime from, WallTime to,
                                                            std::size_t buckets) {
  if (from >= to || buckets == 0)
    return fail(Errc::bad_data, "a trend needs from < to and at least one bucket");
  TrendBuckets sorted{from, to, buckets};
  const auto done = samples(point, from, to, [&](const HistorySample& sample) {
    sorted.add(sample);
    return true;
  });
  if (!done) return fail(done.error());
  return sorted.take();
}

Result<std::vector<JournalEntry>> SqliteHistoryReader::journal(std::uint64_t after, std::size_t limit,
                                                               HostPointId only) {
  return journal_->after(after, limit, only);
}

Result<std::vector<JournalEntry>> SqliteHistoryReader::newest_journal(std::size_t limit, HostPointId only) {
  return journal_->newest(limit, only);
}

}  // namespace davy
