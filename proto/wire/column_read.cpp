#include <limits>
#include <string>

#include "proto/wire/sample_columns.hpp"
#include "proto/wire/value_form.hpp"

namespace davy {
namespace {

// Each step returns what is wrong, or null. Nothing is stored beyond what the counts checked before allow.
class Reading {
 public:
  Reading(std::string_view bytes, std::size_t size, ColumnScratch& scratch, SampleTable& table)
      : in_{bytes}, scratch_{scratch}, table_{table} {
    table_.size = size;
    table_.point_count = 0;
  }

  const char* points() {
    std::uint64_t next_index = 0;
    for (std::size_t first = 0; first < table_.size;) {
      std::uint64_t gap = 0;
      std::uint64_t run = 0;
      std::uint64_t count = 0;
      if (!in_.varint(gap) || !in_.varint(run) || !in_.varint(count)) return "points cut short";
      const std::size_t left = table_.size - first;
      if (run < 1 || run > left || count < 1 || count > left || run * count > left)
        return "more samples than announced";
      if (gap >= points_max || next_index + gap + run > points_max) return "point index too large";
      next_index += gap;
      for (std::uint64_t i = 0; i < run; ++i) {
        table_.points[table_.point_count++] = {static_cast<std::uint32_t>(next_index++),
                                               static_cast<std::uint32_t>(first),
                                               static_cast<std::uint32_t>(count)};
        first += static_cast<std::size_t>(count);
      }
    }
    return nullptr;
  }

  const char* times(std::uint64_t opened_ms) {
    const std::size_t count = table_.point_count;
    auto& firsts = scratch_.numbers;
    if (!in_.zigzag(firsts[0]) || !in_.list({firsts.data() + 1, count - 1})) return "first times cut short";
    auto& shared = scratch_.steps;
    shared[0] = 0;
    if (!in_.list({shared.data() + 1, count - 1})) return "shared steps cut short";
    std::uint64_t time = opened_ms;
    for (std::size_t i = 0; i < count; ++i) {
      time += firsts[i];
      if (const char* wrong = times_of(i, time, shared[i])) return wrong;
    }
    for (std::size_t i = 0; i < table_.size; ++i) {
      if (!is_time_ms(static_cast<std::int64_t>(table_.times[i]))) return "time out of bounds";
    }
    return nullptr;
  }

  const char* qualities() {
    for (std::size_t i = 0; i < table_.size;) {
      std::uint64_t run = 0;
      std::uint64_t code = 0;
      if (!in_.varint(run) || !in_.varint(code)) return "qualities cut short";
      if (run < 1 || run > table_.size - i) return "more qualities than samples";
      Quality known;
      if (code > UINT16_MAX || !unpack(static_cast<std::uint16_t>(code), known)) return "unknown quality";
      std::fill_n(table_.qualities.begin() + static_cast<std::ptrdiff_t>(i), run,
                  static_cast<std::uint16_t>(code));
      i += static_cast<std::size_t>(run);
    }
    return nullptr;
  }

  const char* values() {
    std::size_t parts = 0;
    for (std::size_t i = 0; i < table_.point_count; ++i) {
      value_counts_[i] = count_values(table_.points[i]);
      parts += value_counts_[i] > 0 ? 1U : 0U;
    }
    auto& forms = scratch_.steps;
    if (!in_.list({forms.data(), parts})) return "forms of values cut short";
    std::size_t part = 0;
    for (std::size_t i = 0; i < table_.point_count; ++i) {
      const auto form = value_counts_[i] > 0 ? forms[part++] : 0;
      if (form > exact_form) return "unknown form of values";
      if (!values_of(table_.points[i], value_counts_[i], static_cast<ValueForm>(form)))
        return "values cut short";
    }
    return in_.at_end() ? nullptr : "bytes behind the last value";
  }

 private:
  const char* times_of(std::size_t i, std::uint64_t first_time, std::uint64_t shared) {
    const auto& point = table_.points[i];
    std::uint64_t* times = table_.times.data() + point.first;
    times[0] = first_time;
    if (shared > 1) return "shared steps are 0 or 1";
    if (shared == 1) {
      const auto& before = table_.points[i - 1];
      if (before.count != point.count) return "steps shared with a point that has another number of samples";
      const std::uint64_t apart = first_time - table_.times[before.first];
      for (std::uint32_t k = 1; k < point.count; ++k) times[k] = table_.times[before.first + k] + apart;
      return nullptr;
    }
    if (!in_.list({times + 1, point.count - 1})) return "times cut short";
    for (std::uint32_t k = 1; k < point.count; ++k) times[k] += times[k - 1];
    return nullptr;
  }

  std::uint32_t count_values(const SampleTable::Of& point) const {
    std::uint32_t count = 0;
    for (std::uint32_t k = 0; k < point.count; ++k) {
      count += carries_value(table_.qualities[point.first + k]) ? 1U : 0U;
    }
    return count;
  }

  bool values_of(const SampleTable::Of& point, std::uint32_t count, ValueForm form) {
    double* values = table_.values.data() + point.first;
    auto& numbers = scratch_.numbers;
    if (count > 0) {
      if (!in_.zigzag(numbers[0]) || !in_.list({numbers.data() + 1, count - 1})) return false;
      for (std::uint32_t k = 1; k < count; ++k) numbers[k] += numbers[k - 1];
      to_values(form, {numbers.data(), count}, {values, count});
    }
    if (count == point.count) return true;
    spread(point, count, values);
    return true;
  }

  // Moves `count` values apart to the samples that carry one; the others have none.
  void spread(const SampleTable::Of& point, std::uint32_t count, double* values) const {
    for (std::uint32_t k = point.count; k-- > 0;) {
      const bool carries = carries_value(table_.qualities[point.first + k]);
      values[k] = carries ? values[--count] : std::numeric_limits<double>::quiet_NaN();
    }
  }

  ColumnReader in_;
  ColumnScratch& scratch_;
  SampleTable& table_;
  std::array<std::uint32_t, block_entries_max> value_counts_;
};

}  // namespace

Status read_columns(std::string_view bytes, std::size_t size, std::uint64_t opened_ms, ColumnScratch& scratch,
                    SampleTable& out) {
  if (size > block_entries_max) return fail(Errc::bad_data, "more samples than a block holds");
  Reading reading{bytes, size, scratch, out};
  if (size == 0) {
    if (bytes.empty()) return {};
    return fail(Errc::bad_data, "columns without samples");
  }
  const char* wrong = reading.points();
  if (wrong == nullptr) wrong = reading.times(opened_ms);
  if (wrong == nullptr) wrong = reading.qualities();
  if (wrong == nullptr) wrong = reading.values();
  if (wrong != nullptr) return fail(Errc::bad_data, std::string{"columns: "} + wrong);
  return {};
}

}  // namespace davy
