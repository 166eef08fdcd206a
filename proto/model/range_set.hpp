#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace davy {

struct Range {
  std::uint64_t first = 0;
  std::uint64_t last = 0;  // inclusive

  bool operator==(const Range&) const = default;
};

// A set of sequence numbers kept as few disjoint, non-adjacent ranges. Size grows with holes, not with
// members.
class RangeSet {
 public:
  RangeSet() = default;

  // Adds every number of the range; true if at least one was new. first <= last.
  bool add(Range range);
  bool add(std::uint64_t number) { return add(Range{number, number}); }
  void remove(Range range);

  bool contains(std::uint64_t number) const;
  // The range a number is in.
  std::optional<Range> containing(std::uint64_t number) const;
  bool empty() const { return ranges_.empty(); }
  std::size_t range_count() const { return ranges_.size(); }
  std::uint64_t member_count() const;

  std::vector<Range> ranges() const;
  // What is missing between first and last, both inclusive.
  std::vector<Range> holes(Range within) const;

  bool operator==(const RangeSet&) const = default;

 private:
  std::map<std::uint64_t, std::uint64_t> ranges_;  // first -> last
};

}  // namespace davy
