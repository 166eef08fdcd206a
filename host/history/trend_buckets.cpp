#include "host/history/trend_buckets.hpp"

#include <algorithm>
#include <limits>

#include "proto/base/assert.hpp"

namespace davy {

TrendBuckets::TrendBuckets(WallTime from, WallTime to, std::size_t count)
    : from_{from}, span_{static_cast<std::uint64_t>((to - from).count())} {
  DAVY_ASSERT(from < to && count > 0);
  count = std::min<std::size_t>(count, span_);
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  buckets_.resize(count, {.start = {}, .min = none, .max = none, .mean = none, .worst = Validity::not_read});
  // The first millisecond that add() sorts into bucket i.
  for (std::uint64_t i = 0; i < count; ++i) {
    buckets_[i].start = from + Duration{static_cast<std::int64_t>((i * span_ + count - 1) / count)};
  }
  sums_.resize(count, 0);
  seen_.resize(count, false);
}

void TrendBuckets::add(const HistorySample& sample) {
  const auto after = static_cast<std::uint64_t>((sample.at - from_).count());
  DAVY_ASSERT(sample.at >= from_ && after < span_);
  const std::size_t i = after * buckets_.size() / span_;
  TrendBucket& bucket = buckets_[i];
  const Validity validity = sample.quality.validity;
  bucket.worst = seen_[i] ? std::max(bucket.worst, validity) : validity;
  seen_[i] = true;
  if (!has_value(validity)) return;
  sums_[i] += sample.value;
  bucket.min = bucket.count == 0 ? sample.value : std::min(bucket.min, sample.value);
  bucket.max = bucket.count == 0 ? sample.value : std::max(bucket.max, sample.value);
  ++bucket.count;
}

std::vector<TrendBucket> TrendBuckets::take() {
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    if (buckets_[i].count > 0) buckets_[i].mean = sums_[i] / static_cast<double>(buckets_[i].count);
  }
  return std::move(buckets_);
}

}  // namespace davy
