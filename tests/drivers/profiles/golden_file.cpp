#include "tests/drivers/profiles/golden_file.hpp"

#include <cmath>
#include <fstream>
#include <limits>
#include <optional>
#include <sstream>

namespace davy::test {
namespace {

std::optional<Validity> validity_from(const std::string& word) {
  for (int i = 0; i <= static_cast<int>(Validity::not_read); ++i) {
    if (to_string(static_cast<Validity>(i)) == word) return static_cast<Validity>(i);
  }
  return std::nullopt;
}

std::optional<Maintenance> maintenance_from(const std::string& word) {
  for (int i = 0; i <= static_cast<int>(Maintenance::forced); ++i) {
    if (to_string(static_cast<Maintenance>(i)) == word) return static_cast<Maintenance>(i);
  }
  return std::nullopt;
}

std::optional<GoldenReading> reading_from(std::istream& in) {
  GoldenReading reading;
  std::string value, validity, maintenance = "none";
  if (!(in >> reading.signal >> value >> validity)) return std::nullopt;
  in >> maintenance;
  const auto v = validity_from(validity);
  const auto m = maintenance_from(maintenance);
  if (!v || !m) return std::nullopt;
  reading.value = value == "-" ? std::numeric_limits<double>::quiet_NaN() : std::stod(value);
  reading.validity = *v;
  reading.maintenance = *m;
  return reading;
}

// False when the line makes no sense where it stands.
bool take(GoldenFile& file, const std::string& line) {
  std::istringstream in{line};
  std::string word;
  if (!(in >> word) || word.starts_with('#')) return true;
  std::string rest;
  std::getline(in >> std::ws, rest);
  if (word == "unit") {
    file.unit = static_cast<std::uint8_t>(std::stoul(rest));
    return true;
  }
  if (word == "case") {
    file.cases.push_back({.title = rest});
    return true;
  }
  if (file.cases.empty()) return false;
  GoldenCase& open = file.cases.back();
  if (word == ">") {
    open.exchanges.push_back({.request = from_hex(rest)});
    return true;
  }
  if (word == "<" && !open.exchanges.empty()) {
    open.exchanges.back().reply = from_hex(rest);
    return true;
  }
  std::istringstream fields{rest};
  const auto reading = word == "=" ? reading_from(fields) : std::nullopt;
  if (reading) open.readings.push_back(*reading);
  return reading.has_value();
}

}  // namespace

Result<GoldenFile> load_golden_file(const std::string& path) {
  std::ifstream in{path};
  if (!in) return fail(Errc::not_found, path + " cannot be read");
  GoldenFile file;
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (!take(file, line)) return fail(Errc::bad_data, path + ":" + std::to_string(number) + ": " + line);
  }
  return file;
}

}  // namespace davy::test
