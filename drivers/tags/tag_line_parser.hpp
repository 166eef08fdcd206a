#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "drivers/api/tag_report.hpp"
#include "drivers/tags/raw_sighting.hpp"
#include "drivers/tags/running_number.hpp"
#include "proto/wire/tag_reader_profile.hpp"

namespace davy {

// What may be wrong with a line.
enum class LineProblem : std::uint8_t {
  too_long,        // dropped up to its end
  not_text,        // control characters, or no UTF-8: noise, or another protocol
  not_a_sighting,  // begins as neither a sighting nor anything that is ignored
  no_tag,          // the tag's field is not there
  bad_tag,         // is no number, or 0
  bad_number,      // the running number is none; the sighting counts
  bad_field,       // another field is missing or no number; the sighting counts
};
inline constexpr std::size_t line_problems = static_cast<std::size_t>(LineProblem::bad_field) + 1;
std::string_view to_string(LineProblem problem);

// Sightings out of the text that a reader sends (TagLines in profile.proto). Takes bytes as they come, cut
// anywhere; holds no more than one line.
class TagLineParser {
 public:
  TagLineParser(TagLinesProfile profile, std::string reader);

  void take(std::string_view bytes, WallTime arrived, TagReport& out);
  // The connection has begun anew: what stood there half is gone. Running numbers go on.
  void restart();
  std::uint64_t count(LineProblem problem) const { return counts_[static_cast<std::size_t>(problem)]; }

 private:
  void take_line(std::string_view line, WallTime arrived, TagReport& out);
  void take_sighting(std::string_view fields, WallTime arrived, TagReport& out);
  void split(std::string_view fields);
  void refuse(LineProblem why, std::string_view line, TagReport& out);  // it holds no sighting
  void problem(LineProblem problem, std::string_view line, TagReport& out);
  // Of this line; nothing when it is not there or empty.
  std::string_view text_of(const LineField& field) const;
  std::optional<double> number_of(const std::optional<LineField>& field);
  bool is_on(const std::optional<LineField>& field) const;

  const TagLinesProfile profile_;
  const std::string reader_;
  RunningNumber numbers_;
  std::string line_;
  bool skipping_ = false;                  // to the end of a line that is too long
  std::vector<std::string_view> columns_;  // of the line at hand
  bool bad_field_ = false;                 // the line at hand has one
  std::array<std::uint64_t, line_problems> counts_{};
};

}  // namespace davy
