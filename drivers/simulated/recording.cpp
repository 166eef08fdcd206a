#include "drivers/simulated/recording.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <optional>
#include <string_view>

namespace davy::rig {
namespace {

std::vector<std::string_view> fields_of(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  std::vector<std::string_view> out;
  for (;;) {
    const auto comma = line.find(',');
    out.push_back(line.substr(0, comma));
    if (comma == std::string_view::npos) return out;
    line.remove_prefix(comma + 1);
  }
}

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

}  // namespace

Result<Recording> Recording::load(const std::string& file, const std::string& time_column) {
  std::ifstream in{file};
  if (!in) return fail(Errc::not_found, file + ": cannot be opened; give the path of a recorded CSV file");
  std::string line;
  std::getline(in, line);
  std::vector<std::string> header;
  for (const auto field : fields_of(line)) header.emplace_back(field);
  const auto time = std::ranges::find(header, time_column);
  if (time == header.end()) return fail(Errc::bad_data, file + ":1: has no column \"" + time_column + "\"");

  Recording out;
  std::vector<std::vector<double>> values(header.size());
  for (std::size_t at = 2; std::getline(in, line); ++at) {
    const auto where = file + ":" + std::to_string(at) + ": ";
    const auto fields = fields_of(line);
    if (fields.size() != header.size()) {
      return fail(Errc::bad_data, where + "has " + std::to_string(fields.size()) + " fields, the header " +
                                      std::to_string(header.size()));
    }
    for (std::size_t i = 0; i < fields.size(); ++i) {
      const auto value = number(fields[i]);
      if (!value)
        return fail(Errc::bad_data, where + header[i] + ": \"" + std::string{fields[i]} + "\" is no number");
      values[i].push_back(*value);
    }
  }
  out.times_ = values[static_cast<std::size_t>(time - header.begin())];
  if (out.times_.size() < 2) return fail(Errc::bad_data, file + ": needs at least two rows");
  if (std::ranges::adjacent_find(out.times_, std::greater_equal{}) != out.times_.end()) {
    return fail(Errc::bad_data, file + ": column \"" + time_column + "\" has to grow from row to row");
  }
  const double start = out.times_.front();
  for (double& t : out.times_) t -= start;
  out.length_ = 2 * out.times_.back() - out.times_[out.times_.size() - 2];
  for (std::size_t i = 0; i < header.size(); ++i) out.columns_.emplace(header[i], std::move(values[i]));
  return out;
}

std::vector<std::string> Recording::columns() const {
  std::vector<std::string> out;
  for (const auto& [name, values] : columns_) out.push_back(name);
  return out;
}

std::size_t Recording::row_at(double t) const {
  const double within = std::fmod(t, length_);
  const auto after = std::ranges::upper_bound(times_, within);
  return static_cast<std::size_t>(after - times_.begin()) - (after == times_.begin() ? 0 : 1);
}

}  // namespace davy::rig
