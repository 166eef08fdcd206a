#pragma once

#include <algorithm>
#include <functional>
#include <limits>
#include <vector>

#include "host/history/history_reader.hpp"

namespace davy {

// A history in memory; all samples are of whatever point is asked for.
class FakeHistory final : public HistoryReader {
 public:
  std::vector<HistorySample> stored;
  std::vector<JournalEntry> entries;
  std::vector<StreamGaps> streams;
  std::function<Status()> before = [] { return Status{}; };  // may fail, or keep the asker waiting

  Status samples(HostPointId, WallTime from, WallTime to,
                 const std::function<bool(const HistorySample&)>& take) override {
    if (auto ok = before(); !ok) return ok;
    for (const HistorySample& s : stored) {
      if (s.at >= from && s.at < to && !take(s)) return {};
    }
    return {};
  }
  Result<std::vector<TrendBucket>> trend(HostPointId, WallTime from, WallTime to,
                                         std::size_t count) override {
    if (auto ok = before(); !ok) return fail(ok.error());
    std::vector<TrendBucket> out;
    const Duration width = std::max((to - from) / static_cast<int>(count), Duration{1});
    for (WallTime start = from; start < to; start += width) {
      constexpr double none = std::numeric_limits<double>::quiet_NaN();
      TrendBucket b{start, none, none, none, 0, Validity::not_read};
      double sum = 0;
      for (const HistorySample& s : stored) {
        if (s.at < start || s.at >= start + width || !has_value(s.quality.validity)) continue;
        b.min = b.count == 0 ? s.value : std::min(b.min, s.value);
        b.max = b.count == 0 ? s.value : std::max(b.max, s.value);
        b.worst = Validity::good;
        sum += s.value;
        ++b.count;
      }
      if (b.count > 0) b.mean = sum / static_cast<double>(b.count);
      out.push_back(b);
    }
    return out;
  }
  Result<std::vector<JournalEntry>> journal(std::uint64_t after, std::size_t limit,
                                            HostPointId only) override {
    if (auto ok = before(); !ok) return fail(ok.error());
    std::vector<JournalEntry> out;
    for (const JournalEntry& e : entries) {
      const bool wanted = e.seq > after && (only == no_point || e.alarm.point == only);
      if (wanted && out.size() < limit) out.push_back(e);
    }
    return out;
  }
  Result<std::vector<JournalEntry>> newest_journal(std::size_t limit, HostPointId only) override {
    auto all = journal(0, std::numeric_limits<std::size_t>::max(), only);
    if (all && all->size() > limit) all->erase(all->begin(), all->end() - static_cast<std::ptrdiff_t>(limit));
    return all;
  }
  Result<std::vector<StreamGaps>> gaps(WallTime, WallTime) override {
    if (auto ok = before(); !ok) return fail(ok.error());
    return streams;
  }
  std::vector<GatewayEvent> happened;
  Result<std::vector<GatewayEvent>> events(const EventQuestion& question) override {
    if (auto ok = before(); !ok) return fail(ok.error());
    std::vector<GatewayEvent> out;
    for (const GatewayEvent& e : happened) {
      const bool wanted = question.gateway.empty() || e.gateway == question.gateway;
      if (wanted && e.event.at >= question.from && e.event.at < question.to) out.push_back(e);
    }
    if (out.size() > question.limit)
      out.erase(out.begin(), out.end() - static_cast<std::ptrdiff_t>(question.limit));
    return out;
  }
};

}  // namespace davy
