#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "proto/base/result.hpp"
#include "proto/model/block.hpp"
#include "proto/wire/column_bytes.hpp"
#include "proto/wire/limits.hpp"

// The samples of a block as columns; docs/protocol.md, "Columns". Not for other folders.
namespace davy {

// Has a sample with this packed quality a value on the wire?
constexpr bool carries_value(std::uint16_t quality) {
  return has_value(static_cast<Validity>(quality & 0xFU));
}

// Samples next to each other by kind: sorted by point, those of one point in the order they were read.
struct SampleTable {
  struct Of {  // one point
    std::uint32_t index = 0;
    std::uint32_t first = 0;  // position of its samples
    std::uint32_t count = 0;
  };
  std::size_t size = 0;
  std::size_t point_count = 0;
  std::array<Of, block_entries_max> points;
  std::array<std::uint64_t, block_entries_max> times;  // milliseconds, two's complement
  std::array<double, block_entries_max> values;
  std::array<std::uint16_t, block_entries_max> qualities;
};

// Sorts samples into a table; keeps its counters between calls.
class SampleSorter {
 public:
  // At most block_entries_max samples of points below points_max.
  void sort(const std::vector<Sample>& samples, SampleTable& out);

 private:
  std::array<std::uint16_t, points_max> places_{};  // all zero between calls
};

// Memory that writing and reading need beside the table.
struct ColumnScratch {
  std::array<std::uint64_t, block_entries_max> numbers;
  std::array<std::uint64_t, block_entries_max> steps;
  std::array<double, block_entries_max> values;
};

void write_columns(const SampleTable& table, std::uint64_t opened_ms, ColumnScratch& scratch,
                   ColumnWriter& out);

// Fills `out` with exactly `size` samples. `bytes` have ColumnReader::padding readable bytes behind them.
Status read_columns(std::string_view bytes, std::size_t size, std::uint64_t opened_ms, ColumnScratch& scratch,
                    SampleTable& out);

}  // namespace davy
