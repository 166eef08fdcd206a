#include <algorithm>
#include <utility>

#include "host/history/row_values.hpp"
#include "host/history/sqlite_history_reader.hpp"

namespace davy {
namespace {

// Of one moment in the order in which the gateway put them down.
constexpr const char* newest_events = R"sql(
SELECT g.name, e.kind, e.at_ms, e.first, e.last, e.text, b.received_ms
  FROM event e JOIN block b ON b.id = e.block JOIN gateway g ON g.id = b.gateway
 WHERE e.at_ms >= ?1 AND e.at_ms < ?2 AND (?3 = '' OR g.name = ?3)
 ORDER BY e.at_ms DESC, e.block DESC, e.id DESC LIMIT ?4)sql";

}  // namespace

Result<std::vector<GatewayEvent>> SqliteHistoryReader::events(const EventQuestion& question) {
  auto rows = db_.prepare(newest_events);
  if (!rows) return fail(rows.error());
  rows->bind(1, to_ms(question.from)).bind(2, to_ms(question.to)).bind_text(3, question.gateway);
  rows->bind(4, static_cast<std::int64_t>(question.limit));
  std::vector<GatewayEvent> out;
  for (;;) {
    const auto row = rows->step();
    if (!row) return fail(row.error());
    if (!*row) break;
    GatewayEvent one{.gateway = std::string{rows->text(0)}, .event = {}, .received = time_of(*rows, 6)};
    one.event = {.kind = static_cast<EventKind>(u32(*rows, 1)),
                 .at = time_of(*rows, 2),
                 .first = u64(*rows, 3),
                 .last = u64(*rows, 4),
                 .text = std::string{rows->text(5)}};
    out.push_back(std::move(one));
  }
  std::ranges::reverse(out);
  return out;
}

}  // namespace davy
