#include "drivers/tags/tag_line_parser.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "proto/wire/text_rules.hpp"

namespace davy {
namespace {

constexpr std::size_t columns_max = 64;
constexpr std::size_t quoted_max = 60;  // of a line, in messages

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

// The whole text is a number.
template <typename Number, typename... Format>
std::optional<Number> parsed(std::string_view text, Format... format) {
  if (text.starts_with('+')) text.remove_prefix(1);
  Number out{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out, format...);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return out;
}

std::optional<std::uint64_t> tag_in(std::string_view text, int base) {
  if (base == 16 && (text.starts_with("0x") || text.starts_with("0X"))) text.remove_prefix(2);
  return parsed<std::uint64_t>(text, base);
}

// Tabs separate columns in some protocols.
bool is_line_text(std::string_view line) {
  return is_utf8(line) && std::ranges::none_of(line, [](char c) {
           const auto byte = static_cast<unsigned char>(c);
           return (byte < 0x20U && c != '\t') || byte == 0x7FU;
         });
}

}  // namespace

std::string_view to_string(LineProblem problem) {
  switch (problem) {
    case LineProblem::too_long: return "too long";
    case LineProblem::not_text: return "no text";
    case LineProblem::not_a_sighting: return "neither a sighting nor ignored";
    case LineProblem::no_tag: return "without a tag";
    case LineProblem::bad_tag: return "with a tag that is no number";
    case LineProblem::bad_number: return "with a running number that is none";
    case LineProblem::bad_field: return "with a field that is missing or no number";
  }
  return "unknown";
}

TagLineParser::TagLineParser(TagLinesProfile profile, std::string reader)
    : profile_{std::move(profile)},
      reader_{std::move(reader)},
      numbers_{profile_.number_modulus, profile_.age.has_value()} {}

void TagLineParser::restart() {
  line_.clear();
  skipping_ = false;
}

void TagLineParser::take(std::string_view bytes, WallTime arrived, TagReport& out) {
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const std::string_view part = bytes.substr(0, end);
    bytes.remove_prefix(end == std::string_view::npos ? bytes.size() : end + 1);
    // One more than allowed may be a carriage return.
    if (!skipping_ && line_.size() + part.size() > profile_.line_length_max + 1) {
      line_.append(part.substr(0, quoted_max));
      refuse(LineProblem::too_long, line_, out);
      skipping_ = true;
      line_.clear();
    }
    if (!skipping_) line_.append(part);
    if (end == std::string_view::npos) return;
    if (!skipping_) take_line(line_, arrived, out);
    line_.clear();
    skipping_ = false;
  }
}

void TagLineParser::take_line(std::string_view line, WallTime arrived, TagReport& out) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (line.size() > profile_.line_length_max) return refuse(LineProblem::too_long, line, out);
  line = trimmed(line);
  if (line.empty()) return;  // a heartbeat of many
  const auto begins = [&](const std::string& word) { return line.starts_with(word); };
  const bool sighting = line.starts_with(profile_.begins_with);
  const bool marked = sighting && !profile_.begins_with.empty();
  if (!marked && std::ranges::any_of(profile_.ignored, begins)) return;
  if (!is_line_text(line)) return refuse(LineProblem::not_text, line, out);
  if (!sighting) return refuse(LineProblem::not_a_sighting, line, out);
  take_sighting(line.substr(profile_.begins_with.size()), arrived, out);
  columns_.clear();  // they point into the line
}

void TagLineParser::take_sighting(std::string_view fields, WallTime arrived, TagReport& out) {
  split(fields);
  bad_field_ = false;
  const std::string_view tag_text = text_of(profile_.tag);
  const auto tag = tag_in(tag_text, profile_.tag_base);
  if (!tag || *tag == 0) {
    return refuse(tag_text.empty() ? LineProblem::no_tag : LineProblem::bad_tag, fields, out);
  }
  RawSighting raw{.tag = *tag,
                  .distance_m = number_of(profile_.distance),
                  .before = is_on(profile_.before),
                  .rssi_dbm = number_of(profile_.rssi),
                  .age_s = number_of(profile_.age),
                  .sos = is_on(profile_.sos),
                  .low_battery = is_on(profile_.low_battery)};
  if (bad_field_) problem(LineProblem::bad_field, fields, out);
  Sighting sighting = sighting_from(raw, reader_, arrived);
  if (profile_.number) {
    const auto number = parsed<std::uint64_t>(text_of(*profile_.number));
    if (!number || *number >= profile_.number_modulus) {
      problem(LineProblem::bad_number, fields, out);
    } else {
      const auto verdict = numbers_.take(*number, sighting);
      if (verdict.repeated) {
        ++out.repeated;
        return;
      }
      out.restarted |= verdict.restarted;
      out.lost += verdict.lost;
      if (verdict.lost > 0) {
        out.message = "reader " + reader_ + ": " + std::to_string(verdict.lost) +
                      " lines are missing before " + std::to_string(*number);
      }
    }
  }
  out.sightings.push_back(std::move(sighting));
}

void TagLineParser::split(std::string_view fields) {
  columns_.clear();
  const bool blanks = profile_.separator == " ";
  while (columns_.size() < columns_max) {
    if (blanks) fields = trimmed(fields);
    const std::size_t end = blanks ? fields.find_first_of(" \t") : fields.find(profile_.separator);
    columns_.push_back(trimmed(fields.substr(0, end)));
    if (end == std::string_view::npos) return;
    fields.remove_prefix(end + profile_.separator.size());
  }
}

std::string_view TagLineParser::text_of(const LineField& field) const {
  if (field.column > 0)
    return field.column <= columns_.size() ? columns_[field.column - 1] : std::string_view{};
  for (const std::string_view column : columns_) {
    const std::size_t sign = column.find(profile_.key_sign);
    if (sign == std::string_view::npos || trimmed(column.substr(0, sign)) != field.key) continue;
    return trimmed(column.substr(sign + profile_.key_sign.size()));
  }
  return {};
}

std::optional<double> TagLineParser::number_of(const std::optional<LineField>& field) {
  if (!field) return std::nullopt;
  const std::string_view text = text_of(*field);
  if (text.empty()) {
    bad_field_ |= field->column > columns_.size();  // an empty one is the reader's way to say nothing
    return std::nullopt;
  }
  const auto number = parsed<double>(text, std::chars_format::general);
  if (number && std::isfinite(*number)) return *number * field->scale;
  bad_field_ = true;
  return std::nullopt;
}

bool TagLineParser::is_on(const std::optional<LineField>& field) const {
  return field && text_of(*field) == field->word;
}

void TagLineParser::refuse(LineProblem why, std::string_view line, TagReport& out) {
  ++out.unreadable;
  problem(why, line, out);
}

void TagLineParser::problem(LineProblem problem, std::string_view line, TagReport& out) {
  ++counts_[static_cast<std::size_t>(problem)];
  out.message = "reader " + reader_ + " sent a line " + std::string{to_string(problem)} + ": " +
                clean_text(line, quoted_max);
}

}  // namespace davy
