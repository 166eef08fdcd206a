#include "drivers/modbus/golden_file.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <iterator>
#include <limits>
#include <sstream>

namespace davy {
namespace {

constexpr std::string_view line_kinds =
    "a line is `unit N`, `case TITLE`, `> BYTES`, `< BYTES`, `= SIGNAL VALUE VALIDITY [MAINTENANCE]` or a "
    "comment after #";

template <typename T>
std::optional<T> number_from(std::string_view word, int base = 10) {
  T number{};
  std::from_chars_result end{};
  if constexpr (std::is_integral_v<T>) {
    end = std::from_chars(word.data(), word.data() + word.size(), number, base);
  } else {
    end = std::from_chars(word.data(), word.data() + word.size(), number);
  }
  if (end.ec != std::errc{} || end.ptr != word.data() + word.size()) return std::nullopt;
  return number;
}

// The enumerator up to `last` that is written so.
template <typename E>
std::optional<E> named(const std::string& word, E last) {
  for (int i = 0; i <= static_cast<int>(last); ++i) {
    if (to_string(static_cast<E>(i)) == word) return static_cast<E>(i);
  }
  return std::nullopt;
}

class GoldenReader {
 public:
  explicit GoldenReader(const std::string& file) : path_{file} {}

  Result<GoldenFile> read(std::string_view text) {
    std::istringstream in{std::string{text}};
    for (std::string line; std::getline(in, line);) {
      ++number_;
      if (const std::string problem = take(line); !problem.empty()) return refuse(problem);
    }
    if (file_.unit == 0) return refuse("the line `unit N` is missing: which unit id do the frames have?");
    if (file_.cases.empty()) return refuse("there is no `case TITLE`, so nothing is checked");
    return std::move(file_);
  }

 private:
  std::unexpected<Error> refuse(const std::string& what) const {
    return fail(Errc::bad_data, path_ + ":" + std::to_string(number_) + ": " + what);
  }

  // What is wrong with the line where it stands; empty when nothing is.
  std::string take(const std::string& line) {
    std::istringstream in{line};
    std::string word, rest;
    if (!(in >> word) || word.starts_with('#')) return {};
    std::getline(in >> std::ws, rest);
    while (!rest.empty() && (rest.back() == '\r' || rest.back() == ' ')) rest.pop_back();
    if (word == "unit") return take_unit(rest);
    if (word == "case") {
      file_.cases.push_back({.title = rest, .line = number_, .exchanges = {}, .readings = {}});
      return {};
    }
    if (word != ">" && word != "<" && word != "=") return "`" + word + "`: " + std::string{line_kinds};
    if (file_.cases.empty()) return "stands before the first `case TITLE`";
    return word == "=" ? take_reading(rest) : take_frame(word == ">", rest);
  }

  std::string take_unit(const std::string& rest) {
    const auto unit = number_from<std::uint8_t>(rest);
    if (!unit || *unit < 1 || *unit > 247) return "unit `" + rest + "` is none; take 1 to 247";
    file_.unit = *unit;
    return {};
  }

  std::string take_frame(bool request, const std::string& rest) {
    const auto bytes = bytes_from_hex(rest);
    if (!bytes || bytes->size() < 4) {
      return "a frame is written as bytes in hexadecimal with blanks between, checksum included, such as "
             "`01 04 02 01 31 79 74`";
    }
    auto& exchanges = file_.cases.back().exchanges;
    if (request) {
      exchanges.push_back({.request = *bytes, .reply = {}});
      return {};
    }
    if (exchanges.empty() || !exchanges.back().reply.empty())
      return "is a reply without its request before it";
    exchanges.back().reply = *bytes;
    return {};
  }

  std::string take_reading(const std::string& rest) {
    std::istringstream in{rest};
    GoldenReading reading;
    std::string value, validity, maintenance = "none";
    if (!(in >> reading.signal >> value >> validity)) return "a reading is `= SIGNAL VALUE VALIDITY`";
    in >> maintenance;
    const auto number = value == "-" ? std::numeric_limits<double>::quiet_NaN() : number_from<double>(value);
    if (!number) return "`" + value + "` is no number; for no value write -";
    const auto v = named(validity, Validity::not_read);
    if (!v) return "`" + validity + "` is no validity; take good, over_range, sensor_fault, ...";
    const auto m = named(maintenance, Maintenance::forced);
    if (!m) return "`" + maintenance + "` is no maintenance; take none, calibrating, warming_up, ...";
    reading.value = *number;
    reading.validity = *v;
    reading.maintenance = *m;
    file_.cases.back().readings.push_back(std::move(reading));
    return {};
  }

  const std::string path_;
  GoldenFile file_;
  int number_ = 0;
};

}  // namespace

std::optional<std::vector<std::uint8_t>> bytes_from_hex(std::string_view text) {
  std::vector<std::uint8_t> bytes;
  std::istringstream in{std::string{text}};
  for (std::string word; in >> word;) {
    const auto byte = number_from<std::uint8_t>(word, 16);
    if (!byte) return std::nullopt;
    bytes.push_back(*byte);
  }
  return bytes;
}

std::string hex_text(std::span<const std::uint8_t> bytes) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string text;
  for (const std::uint8_t byte : bytes) {
    if (!text.empty()) text += ' ';
    text += {digits[byte >> 4U], digits[byte & 0xFU]};
  }
  return text;
}

Result<GoldenFile> parse_golden_file(std::string_view text, const std::string& file) {
  return GoldenReader{file}.read(text);
}

Result<GoldenFile> load_golden_file(const std::string& file) {
  std::ifstream in{file, std::ios::binary};
  if (!in) return fail(Errc::not_found, file + ": cannot be read; check the path");
  const std::string text{std::istreambuf_iterator<char>{in}, {}};
  return parse_golden_file(text, file);
}

}  // namespace davy
