#include "host/api/trend_text.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>

#include "host/api/json_view.hpp"

namespace davy {
namespace {

void append_number(std::string& out, double value) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  out.append(text.data(), end);
}

// JSON by hand: half a million small arrays are no place for a document in memory.
void append_json(std::string& out, const HistorySample& s) {
  out += out.back() == '[' ? "[" : ",[";
  out += std::to_string(to_ms(s.at)) + ",";
  if (std::isfinite(s.value)) {
    append_number(out, s.value);
  } else {
    out += "null";
  }
  out += "," + std::to_string(pack(s.quality)) + "]";
}

void append_csv(std::string& out, const HistorySample& s) {
  out += iso_time(s.at) + "," + std::to_string(to_ms(s.at)) + ",";
  if (std::isfinite(s.value)) append_number(out, s.value);
  for (const std::string_view word : {to_string(s.quality.validity), to_string(s.quality.maintenance),
                                      to_string(s.quality.limit), to_string(s.quality.feed)}) {
    out.append(",").append(word);
  }
  out += "\r\n";
}

// What may stand in a file name on every desk.
std::string file_name(const TrendQuestion& q) {
  std::string name;
  for (const char c : q.name) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
    name += plain ? c : '_';
  }
  return name + "-" + std::to_string(to_ms(q.from)) + ".csv";
}

std::string json_head(const TrendQuestion& q) {
  return "{\"point\":" + std::to_string(to_number(q.point)) +
         ",\"from_ms\":" + std::to_string(to_ms(q.from)) + ",\"to_ms\":" + std::to_string(to_ms(q.to));
}

Result<HttpResponse> answer_raw(const TrendQuestion& q, HistoryReader& reader) {
  HttpResponse response;
  response.body = q.csv ? "time,time_ms,value,validity,maintenance,limit,feed\r\n"
                        : json_head(q) + ",\"raw\":true,\"samples\":[";
  std::size_t count = 0;
  WallTime reached = q.from;
  const Status done = reader.samples(q.point, q.from, q.to, [&](const HistorySample& s) {
    reached = s.at;
    if (++count > raw_samples_max) return false;
    q.csv ? append_csv(response.body, s) : append_json(response.body, s);
    return true;
  });
  if (!done) return fail(done.error());
  if (count > raw_samples_max) {
    return error_response(ApiError::too_large,
                          "more than " + std::to_string(raw_samples_max) + " samples; they reach to " +
                              iso_time(reached) + ": ask for to_ms=" + std::to_string(to_ms(reached)) +
                              " at most, or for buckets",
                          "to_ms");
  }
  if (q.csv) {
    response.type = "text/csv; charset=utf-8";
    response.headers = {{"Content-Disposition", "attachment; filename=\"" + file_name(q) + "\""}};
  } else {
    response.body += "]}";
  }
  return response;
}

}  // namespace

std::string iso_time(WallTime t) {
  const auto day = std::chrono::floor<std::chrono::days>(t);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss time{t - day};
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(time.hours().count()),
                static_cast<int>(time.minutes().count()), static_cast<int>(time.seconds().count()),
                static_cast<int>(time.subseconds().count()));
  return text.data();
}

Result<HttpResponse> answer_trend(const TrendQuestion& q, HistoryReader& reader) {
  if (q.buckets == 0) return answer_raw(q, reader);
  const auto buckets = reader.trend(q.point, q.from, q.to, q.buckets);
  if (!buckets) return fail(buckets.error());
  json::array all;
  for (const TrendBucket& bucket : *buckets) all.push_back(to_json(bucket));
  return HttpResponse{.body = json_head(q) + ",\"raw\":false,\"buckets\":" + json::serialize(all) + "}"};
}

}  // namespace davy
