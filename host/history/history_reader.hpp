#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "host/alarm/alarm.hpp"
#include "proto/base/clock.hpp"
#include "proto/base/result.hpp"
#include "proto/model/block.hpp"
#include "proto/model/event.hpp"
#include "proto/model/quality.hpp"
#include "proto/model/range_set.hpp"

// Questions to the history. Used from any thread that owns its reader; never writes.
namespace davy {

struct HistorySample {
  WallTime at;  // corrected source time
  double value = 0;
  Quality quality;
};

struct TrendBucket {
  WallTime start;
  double min = 0;  // NaN when count is 0
  double max = 0;
  double mean = 0;
  std::uint64_t count = 0;          // samples that has_value
  Validity worst = Validity::good;  // not_read when there was no sample at all
};

struct LostBlocks {
  Range seqs;
  std::string reason;
  WallTime recorded;
};
struct StreamGaps {
  std::string gateway;
  Uuid stream{};
  std::vector<Range> missing;
  std::vector<LostBlocks> lost;
};

// Something that happened to a gateway; `event.at` is corrected for its clock.
struct GatewayEvent {
  std::string gateway;
  Event event;
  WallTime received;  // when the host heard of it, at the latest by now
};
struct EventQuestion {
  WallTime from;        // inclusive
  WallTime to;          // exclusive
  std::string gateway;  // empty: all
  std::size_t limit = 0;
};

class HistoryReader {
 public:
  virtual ~HistoryReader() = default;
  // In order of time; `take` returns false to stop. from inclusive, to exclusive.
  virtual Status samples(HostPointId point, WallTime from, WallTime to,
                         const std::function<bool(const HistorySample&)>& take) = 0;
  virtual Result<std::vector<TrendBucket>> trend(HostPointId point, WallTime from, WallTime to,
                                                 std::size_t buckets) = 0;
  virtual Result<std::vector<JournalEntry>> journal(std::uint64_t after, std::size_t limit,
                                                    HostPointId only) = 0;
  virtual Result<std::vector<JournalEntry>> newest_journal(std::size_t limit, HostPointId only) = 0;
  virtual Result<std::vector<StreamGaps>> gaps(WallTime from, WallTime to) = 0;
  // The newest `limit`, in the order in which they happened: data that came late is where it belongs.
  virtual Result<std::vector<GatewayEvent>> events(const EventQuestion& question) = 0;
};

}  // namespace davy
