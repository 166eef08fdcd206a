#pragma once

#include <sstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "proto/base/result.hpp"

// Rows of the tests of configuration files: a good text, one change to it, and what must be said about it.
namespace davy::test {

struct Row {
  std::string find;
  std::string replacement;
  std::vector<std::string> words;  // each stands in the error
  std::size_t lines = 1;           // of the error: no mistake is told twice, none hides another
};

inline void replace(std::string& text, const std::string& find, const std::string& replacement) {
  const auto at = text.find(find);
  REQUIRE(at != std::string::npos);
  text.replace(at, find.size(), replacement);
}

inline std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> out;
  std::istringstream in{text};
  for (std::string line; std::getline(in, line);) out.push_back(line);
  return out;
}

template <typename T>
std::string message_of(const Result<T>& result) {
  return result ? std::string{} : result.error().message;
}

template <typename Parse>
void check_row(const Row& row, std::string text, Parse parse) {
  CAPTURE(row.find);
  CAPTURE(row.replacement);
  replace(text, row.find, row.replacement);
  const auto parsed = parse(text);
  REQUIRE_FALSE(parsed);
  CHECK(parsed.error().code == Errc::bad_config);
  const std::string& message = parsed.error().message;
  CAPTURE(message);
  for (const std::string& word : row.words) {
    CAPTURE(word);
    CHECK(message.find(word) != std::string::npos);
  }
  CHECK(lines_of(message).size() == row.lines);
}

}  // namespace davy::test
