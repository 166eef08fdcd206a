#include "proto/model/range_set.hpp"

#include <algorithm>
#include <iterator>
#include <limits>

#include "proto/base/assert.hpp"

namespace davy {
namespace {
constexpr std::uint64_t top = std::numeric_limits<std::uint64_t>::max();
}

bool RangeSet::add(Range range) {
  DAVY_ASSERT(range.first <= range.last);
  auto next = ranges_.upper_bound(range.first);
  auto at = next;
  if (at != ranges_.begin()) {
    --at;
    if (at->second >= range.last) return false;  // wholly inside one range
    // Overlapping or touching on the left: grow that one.
    if (at->second >= range.first || at->second + 1 == range.first) {
      range.first = at->first;
    } else {
      at = next;
    }
  }
  while (at != ranges_.end() && (range.last == top || at->first <= range.last + 1)) {
    range.last = std::max(range.last, at->second);
    at = ranges_.erase(at);
  }
  ranges_.emplace(range.first, range.last);
  return true;
}

void RangeSet::remove(Range range) {
  DAVY_ASSERT(range.first <= range.last);
  auto at = ranges_.upper_bound(range.first);
  if (at != ranges_.begin()) --at;
  while (at != ranges_.end() && at->first <= range.last) {
    const auto [first, last] = *at;
    if (last < range.first) {
      ++at;
      continue;
    }
    at = ranges_.erase(at);
    if (first < range.first) ranges_.emplace(first, range.first - 1);
    if (last > range.last) at = std::next(ranges_.emplace(range.last + 1, last).first);
  }
}

bool RangeSet::contains(std::uint64_t number) const {
  auto at = ranges_.upper_bound(number);
  return at != ranges_.begin() && std::prev(at)->second >= number;
}

std::optional<Range> RangeSet::containing(std::uint64_t number) const {
  const auto after = ranges_.upper_bound(number);
  if (after == ranges_.begin()) return std::nullopt;
  const auto at = std::prev(after);
  if (at->second < number) return std::nullopt;
  return Range{at->first, at->second};
}

std::uint64_t RangeSet::member_count() const {
  std::uint64_t count = 0;
  for (const auto& [first, last] : ranges_) count += last - first + 1;
  return count;
}

std::vector<Range> RangeSet::ranges() const {
  std::vector<Range> out;
  out.reserve(ranges_.size());
  for (const auto& [first, last] : ranges_) out.push_back({first, last});
  return out;
}

std::vector<Range> RangeSet::holes(Range within) const {
  std::vector<Range> out;
  std::uint64_t from = within.first;
  for (const auto& [first, last] : ranges_) {
    if (last < from) continue;
    if (first > within.last) break;
    if (first > from) out.push_back({from, first - 1});
    if (last >= within.last) return out;
    from = last + 1;
  }
  if (from <= within.last) out.push_back({from, within.last});
  return out;
}

}  // namespace davy
