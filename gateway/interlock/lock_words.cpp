#include "gateway/interlock/lock_words.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace davy {
namespace {

std::string value_words(const InputReading& reading, const Point& point) {
  if (!std::isfinite(reading.value)) return "no value";
  std::string out = plain_number(reading.value);
  if (!point.unit.empty()) out += " " + point.unit;
  const std::string& text = reading.value != 0 ? point.text_on : point.text_off;
  if (point.kind == PointKind::state && !text.empty()) out += " (" + text + ")";
  return out;
}

}  // namespace

std::string plain_number(double value) {
  std::array<char, 32> out{};
  const auto end =
      std::to_chars(out.data(), out.data() + out.size(), value, std::chars_format::general, 6).ptr;
  return {out.data(), end};
}

std::string quality_words(const Quality& quality) {
  std::string out{to_string(quality.validity)};
  if (quality.maintenance != Maintenance::none) out += ", " + std::string{to_string(quality.maintenance)};
  return out;
}

std::string input_words(const LockInput& input, const JudgedInput& judged, const InputReading& reading,
                        const Point& point, SteadyTime now) {
  const std::string value = value_words(reading, point);
  const std::string quality = quality_words(reading.quality);
  const bool high = input.side == Side::high;
  switch (judged.finding) {
    case Finding::beyond:
      return point.name + " " + value + ", " + (high ? "at or above " : "at or below ") +
             plain_number(input.trip_at) + ", " + quality;
    case Finding::clear:
      return point.name + " " + value + ", " + (high ? "below " : "above ") + plain_number(input.release_at) +
             ", " + quality;
    case Finding::holding: return point.name + " " + value + ", " + quality;
    case Finding::lost: break;
  }
  const Validity validity = reading.quality.validity;
  if (reading.at == SteadyTime{} && validity == Validity::not_read) return point.name + " lost: never read";
  if (has_value(validity) && now - reading.at > point.stale_after) {
    return point.name + " lost: no reading for " + std::to_string((now - reading.at).count()) + " ms (last " +
           value + ")";
  }
  return point.name + " lost: " + quality + (has_value(validity) ? " (reads " + value + ")" : "");
}

std::string act_words(OutputKind kind) {
  switch (kind) {
    case OutputKind::cutter: return "cut";
    case OutputKind::fan_lock: return "lock the fan";
    case OutputKind::sounder: return "sound";
  }
  return "act";
}

std::string feed_words(FeedNow feed) {
  switch (feed) {
    case FeedNow::unknown: return "nobody knows";
    case FeedNow::dead: return "not fed";
    case FeedNow::fed: return "fed";
  }
  return "nobody knows";
}

}  // namespace davy
