#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "host/history/history_reader.hpp"

namespace davy {

// Sorts samples into equal stretches of [from, to). Exact: every sample with a value counts in min, max, mean
// and count; the worst validity is over all samples, with a value or without.
class TrendBuckets {
 public:
  // from < to. Never more buckets than milliseconds.
  TrendBuckets(WallTime from, WallTime to, std::size_t count);

  void add(const HistorySample& sample);  // inside [from, to)
  std::vector<TrendBucket> take();

 private:
  WallTime from_;
  std::uint64_t span_;
  std::vector<TrendBucket> buckets_;
  std::vector<double> sums_;
  std::vector<bool> seen_;
};

}  // namespace davy
