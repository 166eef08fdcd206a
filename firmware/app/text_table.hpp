#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace davy {

// Columns on a terminal: one for each character, two for a Chinese one.
std::size_t text_width(std::string_view text);

// Rows of words, printed in columns that are as wide as their widest word.
class TextTable {
 public:
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  // Each row on a line of its own, set in by two blanks.
  std::string print() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace davy
