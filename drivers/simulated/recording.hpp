#pragma once

#include <map>
#include <string>
#include <vector>

#include "proto/base/result.hpp"

namespace davy::rig {

// A recorded CSV file: a header line, then numbers. Each row holds until the next one's time; after the last
// row, which holds as long as the one before it, it starts again.
class Recording {
 public:
  // Errors name the file and line.
  static Result<Recording> load(const std::string& file, const std::string& time_column);

  bool has(const std::string& column) const { return columns_.contains(column); }
  std::vector<std::string> columns() const;
  // `t` in recorded seconds from the first row on.
  std::size_t row_at(double t) const;
  double value_at(const std::string& column, double t) const { return columns_.at(column)[row_at(t)]; }
  std::size_t rows() const { return times_.size(); }

 private:
  std::vector<double> times_;  // from 0, ascending
  double length_ = 0;
  std::map<std::string, std::vector<double>> columns_;
};

}  // namespace davy::rig
