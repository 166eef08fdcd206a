#include "proto/wire/sample_columns.hpp"

#include <algorithm>

#include "proto/base/assert.hpp"

namespace davy {

void SampleSorter::sort(const std::vector<Sample>& samples, SampleTable& out) {
  DAVY_ASSERT(samples.size() <= block_entries_max);
  std::uint32_t lowest = points_max;
  std::uint32_t highest = 0;
  for (const Sample& sample : samples) {
    const auto index = static_cast<std::uint32_t>(sample.point);
    DAVY_ASSERT(index < points_max);
    ++places_[index];
    lowest = std::min(lowest, index);
    highest = std::max(highest, index);
  }
  out.size = samples.size();
  out.point_count = 0;
  std::uint16_t first = 0;
  for (std::uint32_t index = lowest; index <= highest; ++index) {
    const std::uint16_t count = places_[index];
    if (count == 0) continue;
    out.points[out.point_count++] = {index, first, count};
    places_[index] = first;
    first = static_cast<std::uint16_t>(first + count);
  }
  for (const Sample& sample : samples) {
    const std::size_t place = places_[static_cast<std::uint32_t>(sample.point)]++;
    out.times[place] = static_cast<std::uint64_t>(clamp_time_ms(to_ms(sample.source_time)));
    out.values[place] = sample.value;
    out.qualities[place] = pack(sample.quality);
  }
  for (std::size_t i = 0; i < out.point_count; ++i) places_[out.points[i].index] = 0;
}

}  // namespace davy
