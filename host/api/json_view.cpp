#include "host/api/json_view.hpp"

#include <cmath>

#include "host/api/http_message.hpp"
#include "proto/wire/hash.hpp"

namespace davy {
namespace {

json::value number(double value) { return std::isfinite(value) ? json::value(value) : json::value(nullptr); }

json::value time_or_null(const std::optional<WallTime>& t) {
  return t ? json::value(to_ms(*t)) : json::value(nullptr);
}

json::value id_or_null(HostPointId id) {
  return id == no_point ? json::value(nullptr) : json::value(to_number(id));
}

json::object quality_json(const Quality& q) {
  return {{"validity", to_string(q.validity)},
          {"maintenance", to_string(q.maintenance)},
          {"limit", to_string(q.limit)},
          {"feed", to_string(q.feed)}};
}

json::object limit_json(const Limit& limit) {
  return {{"side", to_string(limit.side)},
          {"level", to_string(limit.level)},
          {"at", number(limit.at)},
          {"clear_at", number(limit.clear_at)},
          {"on_delay_ms", limit.on_delay.count()},
          {"off_delay_ms", limit.off_delay.count()},
          {"priority", limit.priority},
          {"basis", clean_utf8(limit.basis)}};
}

const char* word(PointKind kind) {
  switch (kind) {
    case PointKind::analogue: return "analogue";
    case PointKind::state: return "state";
    case PointKind::totaliser: return "totaliser";
    case PointKind::control: return "control";
  }
  return "analogue";
}

const char* word(Presence presence) {
  switch (presence) {
    case Presence::unknown: return "unknown";
    case Presence::online: return "online";
    case Presence::offline: return "offline";
    case Presence::silent: return "silent";
  }
  return "unknown";
}

const char* word(ClockMark mark) {
  switch (mark) {
    case ClockMark::ok: return "ok";
    case ClockMark::corrected: return "corrected";
    case ClockMark::unknown: return "unknown";
  }
  return "unknown";
}

const char* word(ClockQuality quality) {
  switch (quality) {
    case ClockQuality::unknown: return "unknown";
    case ClockQuality::unset: return "unset";
    case ClockQuality::free: return "free";
    case ClockQuality::synced: return "synced";
  }
  return "unknown";
}

}  // namespace

json::object to_json(const HostPoint& p) {
  json::array limits;
  for (const Limit& limit : p.point.limits) limits.push_back(limit_json(limit));
  return {{"id", to_number(p.id)},
          {"name", clean_utf8(p.point.name)},
          {"title", clean_utf8(p.point.title)},
          {"title_en", clean_utf8(p.point.title_en)},
          {"place", clean_utf8(p.point.place)},
          {"place_en", clean_utf8(p.point.place_en)},
          {"quantity", clean_utf8(p.point.quantity)},
          {"unit", clean_utf8(p.point.unit)},
          {"kind", word(p.point.kind)},
          {"range_low", number(p.point.range_low)},
          {"range_high", number(p.point.range_high)},
          {"period_ms", p.point.period.count()},
          {"stale_after_ms", p.point.stale_after.count()},
          {"text_on", clean_utf8(p.point.text_on)},
          {"text_off", clean_utf8(p.point.text_off)},
          {"gateway", clean_utf8(p.gateway)},
          {"device", clean_utf8(p.point.device)},
          {"limits", std::move(limits)},
          {"withdrawn", p.withdrawn}};
}

json::object to_json(const LatestValue& value, const Mirror& mirror, Now now) {
  return {{"id", to_number(value.point)},
          {"v", number(value.value)},
          {"q", quality_json(value.quality)},
          {"t_ms", to_ms(value.at)},
          {"age_ms", Mirror::age(value, now.steady).count()},
          {"stale", mirror.is_stale(value, now.steady)},
          {"late", value.late},
          {"clock", word(value.clock)}};
}

json::object to_json(const GatewayStatus& g) {
  return {{"name", clean_utf8(g.name)},
          {"state", word(g.presence)},
          {"since_ms", to_ms(g.since)},
          {"reason", clean_utf8(g.reason)},
          {"version", clean_utf8(g.version)},
          {"last_heard_ms", time_or_null(g.last_heard)},
          {"clock_error_ms", g.clock_error ? json::value(g.clock_error->count()) : json::value(nullptr)},
          {"clock", word(g.clock)},
          {"spool_blocks", g.spool_blocks},
          {"spool_bytes", g.spool_bytes},
          {"points", g.points},
          {"blind_points", g.blind_points},
          {"missing_blocks", g.missing_blocks},
          {"quarantined_blocks", g.quarantined_blocks}};
}

json::object to_json(const Alarm& a, const HostPoint* point) {
  const Point none{};
  const Point& p = point == nullptr ? none : point->point;
  return {{"occurrence", a.occurrence},
          {"seq", a.seq},
          {"source", to_string(a.source)},
          {"kind", clean_utf8(a.kind)},
          {"point", id_or_null(a.point)},
          {"name", clean_utf8(a.name)},
          {"title", clean_utf8(p.title)},
          {"title_en", clean_utf8(p.title_en)},
          {"place", clean_utf8(p.place)},
          {"place_en", clean_utf8(p.place_en)},
          {"gateway", clean_utf8(a.gateway)},
          {"level", to_string(a.level)},
          {"side", a.source == AlarmSource::limit ? to_string(a.side) : "none"},
          {"priority", a.priority},
          {"state", to_string(a.state)},
          {"condition", to_string(a.condition)},
          {"raised_ms", to_ms(a.raised)},
          {"cleared_ms", time_or_null(a.cleared)},
          {"acked_ms", time_or_null(a.acked)},
          {"acked_by", clean_utf8(a.acked_by)},
          {"comment", clean_utf8(a.comment)},
          {"value", number(a.value)},
          {"peak", number(a.peak)},
          {"unit", clean_utf8(p.unit)},
          {"at", number(a.at)},
          {"reason", clean_utf8(a.reason)}};
}

json::object to_json(const JournalEntry& e, const HostPoint* point) {
  return {{"seq", e.seq},
          {"at_ms", to_ms(e.at)},
          {"recorded_ms", to_ms(e.recorded)},
          {"kind", to_string(e.kind)},
          {"occurrence", e.alarm.occurrence},
          {"source", to_string(e.alarm.source)},
          {"point", id_or_null(e.alarm.point)},
          {"name", clean_utf8(e.alarm.name)},
          {"value", number(e.alarm.value)},
          {"unit", point == nullptr ? std::string{} : clean_utf8(point->point.unit)},
          {"level", to_string(e.alarm.level)},
          {"user", clean_utf8(e.user)},
          {"comment", clean_utf8(e.comment)},
          {"late", e.late}};
}

json::array to_json(const TrendBucket& b) {
  return {to_ms(b.start), number(b.min), number(b.max),
          number(b.mean), b.count,       static_cast<unsigned>(b.worst)};
}

json::array to_json(const HistorySample& s) { return {to_ms(s.at), number(s.value), pack(s.quality)}; }

json::object to_json(const StreamGaps& gaps) {
  json::array missing;
  for (const Range& range : gaps.missing) missing.push_back(json::array{range.first, range.last});
  json::array lost;
  for (const LostBlocks& one : gaps.lost) {
    lost.push_back(json::object{{"first", one.seqs.first},
                                {"last", one.seqs.last},
                                {"reason", clean_utf8(one.reason)},
                                {"at_ms", to_ms(one.recorded)}});
  }
  return {{"gateway", clean_utf8(gaps.gateway)},
          {"stream", to_text(gaps.stream)},
          {"missing", std::move(missing)},
          {"lost", std::move(lost)}};
}

json::object to_json(const GatewayEvent& event) {
  return {{"gateway", clean_utf8(event.gateway)}, {"kind", to_string(event.event.kind)},
          {"at_ms", to_ms(event.event.at)},       {"received_ms", to_ms(event.received)},
          {"number", event.event.first},          {"text", clean_utf8(event.event.text)}};
}

json::array points_json(const Mirror& mirror) {
  json::array all;
  for (const auto& [id, point] : mirror.points()) all.push_back(to_json(point));
  return all;
}

json::array values_json(const Mirror& mirror, Now now) {
  json::array all;
  for (const auto& [id, value] : mirror.values()) all.push_back(to_json(value, mirror, now));
  return all;
}

json::array gateways_json(const Mirror& mirror) {
  json::array all;
  for (const auto& [name, gateway] : mirror.gateways()) all.push_back(to_json(gateway));
  return all;
}

json::array alarms_json(const Mirror& mirror) {
  json::array all;
  for (const auto& [occurrence, alarm] : mirror.alarms())
    all.push_back(to_json(alarm, mirror.point(alarm.point)));
  return all;
}

}  // namespace davy
