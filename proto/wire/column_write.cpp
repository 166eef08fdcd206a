#include <algorithm>

#include "proto/wire/sample_columns.hpp"
#include "proto/wire/value_form.hpp"

namespace davy {
namespace {

class Writing {
 public:
  Writing(const SampleTable& table, ColumnScratch& scratch, ColumnWriter& out)
      : table_{table}, scratch_{scratch}, out_{out} {}

  // Points next to each other with the same number of samples: points left out before, points, samples of
  // each.
  void points() {
    std::uint32_t next_index = 0;
    for (std::size_t i = 0; i < table_.point_count;) {
      const auto& start = table_.points[i];
      std::uint32_t run = 1;
      while (i + run < table_.point_count && table_.points[i + run].count == start.count &&
             table_.points[i + run].index == start.index + run) {
        ++run;
      }
      out_.varint(start.index - next_index);
      out_.varint(run);
      out_.varint(start.count);
      next_index = start.index + run;
      i += run;
    }
  }

  void times(std::uint64_t opened_ms) {
    first_times(opened_ms);
    shared_steps();
    for (std::size_t i = 0; i < table_.point_count; ++i) {
      if (i > 0 && shares_steps(i)) continue;
      const auto& point = table_.points[i];
      differences(table_.times.data() + point.first, point.count);
    }
  }

  // Runs of equal qualities over all samples: how many, which.
  void qualities() {
    for (std::size_t i = 0; i < table_.size;) {
      const std::uint16_t code = table_.qualities[i];
      std::size_t end = i + 1;
      while (end < table_.size && table_.qualities[end] == code) ++end;
      out_.varint(end - i);
      out_.varint(code);
      i = end;
    }
  }

  // The forms of all points that have a value, then the numbers of each.
  void values() {
    std::array<Part, block_entries_max> parts;
    std::size_t part_count = 0;
    std::uint32_t used = 0;
    for (std::size_t i = 0; i < table_.point_count; ++i) {
      const std::uint32_t count = take_values(table_.points[i], used);
      if (count > 0) parts[part_count++] = {used, count};
      used += count;
    }
    for (std::size_t i = 0; i < part_count; ++i) {
      const auto& [first, count] = parts[i];
      scratch_.steps[i] =
          to_numbers({scratch_.values.data() + first, count}, {scratch_.numbers.data() + first, count});
    }
    out_.list({scratch_.steps.data(), part_count});
    for (std::size_t i = 0; i < part_count; ++i) {
      const auto& [first, count] = parts[i];
      out_.zigzag(scratch_.numbers[first]);
      differences(scratch_.numbers.data() + first, count);
    }
  }

 private:
  struct Part {
    std::uint32_t first;
    std::uint32_t count;
  };

  void first_times(std::uint64_t opened_ms) {
    auto& firsts = scratch_.numbers;
    for (std::size_t i = 0; i < table_.point_count; ++i) firsts[i] = table_.times[table_.points[i].first];
    out_.zigzag(firsts[0] - opened_ms);
    differences(firsts.data(), table_.point_count);
  }

  // 1 for each point but the first whose samples are spaced in time like those of the point before.
  void shared_steps() {
    for (std::size_t i = 1; i < table_.point_count; ++i) scratch_.numbers[i] = shares_steps(i) ? 1 : 0;
    if (table_.point_count > 1) out_.list({scratch_.numbers.data() + 1, table_.point_count - 1});
  }

  bool shares_steps(std::size_t i) const {
    const auto& point = table_.points[i];
    const auto& before = table_.points[i - 1];
    if (point.count != before.count) return false;
    const std::uint64_t* a = table_.times.data() + point.first;
    const std::uint64_t* b = table_.times.data() + before.first;
    const std::uint64_t apart = a[0] - b[0];
    return std::equal(a, a + point.count, b,
                      [=](std::uint64_t x, std::uint64_t y) { return x - y == apart; });
  }

  void differences(const std::uint64_t* numbers, std::size_t count) {
    for (std::size_t i = 1; i < count; ++i) scratch_.steps[i] = numbers[i] - numbers[i - 1];
    if (count > 1) out_.list({scratch_.steps.data() + 1, count - 1});
  }

  // Copies the values that mean something next to those of the points before.
  std::uint32_t take_values(const SampleTable::Of& point, std::uint32_t to) {
    std::uint32_t count = 0;
    for (std::uint32_t i = point.first; i < point.first + point.count; ++i) {
      scratch_.values[to + count] = table_.values[i];
      count += carries_value(table_.qualities[i]) ? 1U : 0U;
    }
    return count;
  }

  const SampleTable& table_;
  ColumnScratch& scratch_;
  ColumnWriter& out_;
};

}  // namespace

void write_columns(const SampleTable& table, std::uint64_t opened_ms, ColumnScratch& scratch,
                   ColumnWriter& out) {
  out.clear();
  if (table.size == 0) return;
  Writing writing{table, scratch, out};
  writing.points();
  writing.times(opened_ms);
  writing.qualities();
  writing.values();
}

}  // namespace davy
