#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host/alarm/journal_reader.hpp"
#include "host/history/birth_positions.hpp"
#include "host/history/history_reader.hpp"
#include "proto/store/sqlite_database.hpp"
#include "proto/wire/block_codec.hpp"

namespace davy {

// Answers from the blocks as they came, over a connection of its own that cannot write. Sees everything that
// was committed before the question; the writer never waits for it. One thread at a time. Memory does not
// grow with the time that is asked for.
class SqliteHistoryReader final : public HistoryReader {
 public:
  // The history has to exist: open the core first. `database` as given to the core; read_only is set here.
  static Result<std::unique_ptr<SqliteHistoryReader>> open(SqliteOptions database);
  ~SqliteHistoryReader() override;

  Status samples(HostPointId point, WallTime from, WallTime to,
                 const std::function<bool(const HistorySample&)>& take) override;
  Result<std::vector<TrendBucket>> trend(HostPointId point, WallTime from, WallTime to,
                                         std::size_t buckets) override;
  Result<std::vector<JournalEntry>> journal(std::uint64_t after, std::size_t limit,
                                            HostPointId only) override;
  Result<std::vector<JournalEntry>> newest_journal(std::size_t limit, HostPointId only) override;
  Result<std::vector<StreamGaps>> gaps(WallTime from, WallTime to) override;
  Result<std::vector<GatewayEvent>> events(const EventQuestion& question) override;

 private:
  struct PointName {
    std::int64_t gateway = 0;
    std::string name;
  };
  explicit SqliteHistoryReader(SqliteDatabase db);

  Result<PointName> find_point(HostPointId point);
  // The point's samples of one block within [from, to), by time, behind those that wait already.
  Status take_block(const SqliteStatement& block, HostPointId point, const PointName& name, WallTime from,
                    WallTime to);

  SqliteDatabase db_;
  BirthPositions positions_;
  std::optional<JournalReader> journal_;  // set by open()
  BlockDecoder decoder_;
  Block block_;                         // of the decoder
  std::vector<HistorySample> waiting_;  // read, but a block that begins before them may still come
};

}  // namespace davy
