#include "host/api/history_routes.hpp"

#include <charconv>
#include <optional>
#include <utility>

#include "host/api/json_view.hpp"
#include "host/api/trend_text.hpp"
#include "proto/base/log.hpp"

namespace davy {
namespace {

constexpr std::size_t questions_max = 64;
constexpr std::uint64_t journal_limit = 200;
constexpr std::uint64_t journal_limit_max = 1000;
constexpr std::uint64_t buckets_usual = 1000;
constexpr std::uint64_t buckets_max = 4000;
constexpr std::uint64_t time_max = 253'402'300'799'999;  // the year 9999

struct Bounds {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
};

// Reads the numbers of a query; the first that is wrong is answered with 400.
class Query {
 public:
  explicit Query(const HttpRequest& request) : request_{request} {
    if (!request.query_ok) refuse("the query cannot be decoded", {});
  }
  bool has(const char* name) const { return request_.query.contains(name); }
  bool flag(const char* name) const { return has(name) && request_.query.at(name) == "1"; }
  std::string text(const char* name) const { return has(name) ? request_.query.at(name) : std::string{}; }

  std::uint64_t number(const char* name, Bounds bounds, std::optional<std::uint64_t> fallback = {}) {
    if (!has(name)) {
      if (!fallback) refuse(std::string{name} + " is missing", name);
      return fallback.value_or(bounds.low);
    }
    const std::string& text = request_.query.at(name);
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool ok = error == std::errc{} && end == text.data() + text.size() && value >= bounds.low &&
                    value <= bounds.high;
    if (ok) return value;
    refuse(std::string{name} + " must be a whole number from " + std::to_string(bounds.low) + " to " +
               std::to_string(bounds.high),
           name);
    return bounds.low;
  }
  WallTime time(const char* name) {
    return wall_from_ms(static_cast<std::int64_t>(number(name, {0, time_max})));
  }
  HostPointId point(const char* name, std::optional<std::uint64_t> fallback = {}) {
    return static_cast<HostPointId>(number(name, {fallback ? 0U : 1U, 0xFFFF'FFFFU}, fallback));
  }
  void refuse(std::string message, std::string_view field) {
    if (!refusal_) refusal_ = error_response(ApiError::bad_request, message, field);
  }
  const std::optional<HttpResponse>& refusal() const { return refusal_; }

 private:
  const HttpRequest& request_;
  std::optional<HttpResponse> refusal_;
};

}  // namespace

HistoryRoutes::HistoryRoutes(OpenHistory open, const Mirror& mirror, ToIo to_io)
    : open_{std::move(open)}, mirror_{mirror}, to_io_{std::move(to_io)}, thread_{questions_max} {}

void HistoryRoutes::ask(Question question, const Reply& reply) {
  const bool taken = thread_.post([this, question = std::move(question), reply] {
    const auto with_reader = [&]() -> Result<Answer> {
      if (!reader_) {
        auto opened = open_();
        if (!opened) return fail(opened.error());
        reader_ = std::move(*opened);
      }
      return question(*reader_);
    };
    auto answer = with_reader();
    if (answer) return to_io_([reply, answer = std::move(*answer)] { reply(answer()); });
    log::error("history_failed", {{"error", answer.error().message}});
    reader_.reset();  // the next question tries anew
    to_io_([reply, why = answer.error().message] {
      reply(error_response(ApiError::unavailable, "the history cannot be read: " + why));
    });
  });
  if (!taken) reply(error_response(ApiError::unavailable, "too many questions to the history; try again"));
}

void HistoryRoutes::journal(const HttpRequest& request, const Reply& reply) {
  Query query{request};
  const std::uint64_t after = query.number("after", {0, std::numeric_limits<std::uint64_t>::max()}, 0);
  const std::uint64_t limit = query.number("limit", {1, journal_limit_max}, journal_limit);
  const HostPointId only = query.point("point", 0);
  if (query.refusal()) return reply(*query.refusal());
  const bool newest = !query.has("after");
  ask(
      [this, after, newest, limit, only](HistoryReader& reader) -> Result<Answer> {
        auto entries = newest ? reader.newest_journal(limit, only) : reader.journal(after, limit, only);
        if (!entries) return fail(entries.error());
        return [this, after, entries = std::move(*entries)] { return journal_answer(entries, after); };
      },
      reply);
}

HttpResponse HistoryRoutes::journal_answer(const std::vector<JournalEntry>& entries,
                                           std::uint64_t after) const {
  json::array list;
  std::uint64_t next = after;
  for (const JournalEntry& entry : entries) {
    list.push_back(to_json(entry, mirror_.point(entry.alarm.point)));
    next = entry.seq;
  }
  return {.body = json::serialize(json::object{{"entries", std::move(list)}, {"next", next}})};
}

void HistoryRoutes::trend(const HttpRequest& request, const Reply& reply) {
  Query query{request};
  TrendQuestion question;
  question.point = query.point("point");
  question.from = query.time("from_ms");
  question.to = query.time("to_ms");
  if (!query.refusal() && question.from >= question.to) query.refuse("to_ms must be after from_ms", "to_ms");
  const bool raw = query.flag("raw");
  question.csv = query.text("format") == "csv";
  if (query.has("format") && !(raw && question.csv))
    query.refuse("format can only be csv, with raw=1", "format");
  if (!raw) question.buckets = query.number("buckets", {1, buckets_max}, buckets_usual);
  if (query.refusal()) return reply(*query.refusal());
  const HostPoint* point = mirror_.point(question.point);
  if (point == nullptr) {
    return reply(error_response(ApiError::not_found, "there is no point " + query.text("point"), "point"));
  }
  question.name = point->point.name;
  ask(
      [question](HistoryReader& reader) -> Result<Answer> {
        auto response = answer_trend(question, reader);
        if (!response) return fail(response.error());
        return [response = std::move(*response)] { return response; };
      },
      reply);
}

void HistoryRoutes::gaps(const HttpRequest& request, const Reply& reply) {
  Query query{request};
  const WallTime from = query.time("from_ms");
  const WallTime to = query.time("to_ms");
  if (!query.refusal() && from >= to) query.refuse("to_ms must be after from_ms", "to_ms");
  if (query.refusal()) return reply(*query.refusal());
  ask(
      [from, to](HistoryReader& reader) -> Result<Answer> {
        const auto streams = reader.gaps(from, to);
        if (!streams) return fail(streams.error());
        json::array list;
        for (const StreamGaps& gaps : *streams) list.push_back(to_json(gaps));
        HttpResponse response{.body = json::serialize(json::object{{"streams", std::move(list)}})};
        return [response = std::move(response)] { return response; };
      },
      reply);
}

void HistoryRoutes::events(const HttpRequest& request, const Reply& reply) {
  Query query{request};
  EventQuestion question;
  question.from = wall_from_ms(static_cast<std::int64_t>(query.number("from_ms", {0, time_max}, 0)));
  question.to = wall_from_ms(static_cast<std::int64_t>(query.number("to_ms", {0, time_max}, time_max)));
  question.gateway = query.text("gateway");
  question.limit = static_cast<std::size_t>(query.number("limit", {1, journal_limit_max}, journal_limit));
  if (!query.refusal() && question.from >= question.to) query.refuse("to_ms must be after from_ms", "to_ms");
  if (query.refusal()) return reply(*query.refusal());
  ask(
      [question](HistoryReader& reader) -> Result<Answer> {
        const auto events = reader.events(question);
        if (!events) return fail(events.error());
        json::array list;
        for (const GatewayEvent& event : *events) list.push_back(to_json(event));
        HttpResponse response{.body = json::serialize(json::object{{"events", std::move(list)}})};
        return [response = std::move(response)] { return response; };
      },
      reply);
}

}  // namespace davy
