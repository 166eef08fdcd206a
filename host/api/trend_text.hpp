#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "host/api/http_message.hpp"
#include "host/history/history_reader.hpp"

namespace davy {

struct TrendQuestion {
  HostPointId point = no_point;
  std::string name;  // the point's, for the file name of a CSV
  WallTime from;
  WallTime to;
  std::size_t buckets = 0;  // 0: raw samples
  bool csv = false;
};

inline constexpr std::size_t raw_samples_max = 500'000;

// Answers with JSON or CSV. An error is the reader's own; too much to answer is an HTTP answer.
Result<HttpResponse> answer_trend(const TrendQuestion& question, HistoryReader& reader);

std::string iso_time(WallTime t);  // 2026-11-05T07:30:00.250Z

}  // namespace davy
