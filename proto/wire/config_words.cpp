#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <numeric>

#include "proto/wire/config_text.hpp"

namespace davy {
namespace {

constexpr std::size_t word_size_max = 256;  // longer ones are not compared

// Letters to add, drop or change to make one word of the other.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  if (std::max(a.size(), b.size()) > word_size_max) return word_size_max;
  std::array<std::size_t, word_size_max + 1> row{};
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t change = diagonal + (a[i] == b[j] ? 0U : 1U);
      diagonal = row[j + 1];
      row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, change});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string suggestion(std::string_view word, const std::vector<std::string>& candidates) {
  if (word.size() > word_size_max) return {};
  const auto distance = [&](const std::string& candidate) { return edit_distance(word, candidate); };
  const auto nearest = std::ranges::min_element(candidates, {}, distance);
  if (nearest == candidates.end() || distance(*nearest) > std::max<std::size_t>(2, word.size() / 3))
    return {};
  return "; did you mean " + in_quotes(*nearest) + "?";
}

std::string in_quotes(std::string_view word) { return "\"" + std::string{word} + "\""; }

std::string number_text(double number) {
  std::array<char, 32> out{};
  const auto end = std::to_chars(out.data(), out.data() + out.size(), number).ptr;
  return {out.data(), end};
}

std::string path_beside(const std::string& file, const std::string& path) {
  if (path.empty()) return {};
  return (std::filesystem::path{file}.parent_path() / path).lexically_normal().string();
}

Result<std::string> read_config_file(const std::string& file) {
  std::error_code ec;
  const auto status = std::filesystem::status(file, ec);
  if (status.type() == std::filesystem::file_type::not_found) {
    return fail(Errc::bad_config, file + ": there is no such file; check the path");
  }
  if (std::filesystem::is_directory(status))
    return fail(Errc::bad_config, file + ": is a folder, not a file");
  std::ifstream in{file, std::ios::binary};
  std::string text(config_size_max + 1, '\0');
  errno = 0;
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad() || !in.is_open()) {
    const std::string why = errno != 0 ? std::strerror(errno) : "unknown reason";
    return fail(Errc::bad_config, file + ": cannot be read: " + why);
  }
  text.resize(static_cast<std::size_t>(in.gcount()));
  return text;
}

}  // namespace davy
