#include "host/alarm/alarm_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "proto/wire/hash.hpp"

namespace davy {
namespace {

constexpr Duration age_worth_telling{5000};

std::string maintenance_text(Maintenance m) {
  switch (m) {
    case Maintenance::none: return "";
    case Maintenance::calibrating: return " during calibration";
    case Maintenance::warming_up: return " while the sensor warms up";
    case Maintenance::low_supply: return " with low supply voltage";
    case Maintenance::inhibited: return " while the sensor is inhibited";
    case Maintenance::forced: return " while a test value is forced";
  }
  return "";
}

// Why readings of this quality cannot be used.
std::string useless_text(const Quality& q) {
  switch (q.validity) {
    case Validity::good: break;
    case Validity::over_range: return "the value is above the measuring range";
    case Validity::under_range: return "the value is below the measuring range";
    case Validity::sensor_fault: return "the sensor reports a fault";
    case Validity::disconnected: return "the measuring head is disconnected";
    case Validity::bad_comm: return "the device does not answer";
    case Validity::not_read: return "the gateway has not read it yet";
  }
  switch (q.maintenance) {
    case Maintenance::none: break;
    case Maintenance::calibrating: return "the sensor is under calibration";
    case Maintenance::warming_up: return "the sensor is warming up";
    case Maintenance::low_supply: return "the sensor's supply voltage is low";
    case Maintenance::inhibited: return "the sensor is inhibited";
    case Maintenance::forced: return "a test value is forced";
  }
  return "its readings come too late or with an impossible time";
}

std::string at_limit_text(const Point& point, const Limit& limit) {
  std::string level{to_string(limit.level)};
  return (limit.side == Side::high ? "at or above the " : "at or below the ") + level + " limit of " +
         value_text(point, limit.at);
}

}  // namespace

std::string figure_text(double value) {
  if (!std::isfinite(value)) return "no value";
  std::array<char, 32> text{};
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::general, 6).ptr;
  return {text.data(), end};
}

std::string duration_text(Duration d) {
  const double ms = static_cast<double>(std::max(d.count(), std::int64_t{0}));
  if (ms < 1000) return figure_text(ms) + " ms";
  if (ms < 600'000) return figure_text(std::round(ms / 100) / 10) + " s";
  return figure_text(std::round(ms / 60'000)) + " min";
}

std::string value_text(const Point& point, double value) {
  if (point.kind == PointKind::state || point.kind == PointKind::control) {
    const std::string& word = value != 0 ? point.text_on : point.text_off;
    if (!word.empty()) return word + " (" + figure_text(value) + ")";
  }
  return point.unit.empty() ? figure_text(value) : figure_text(value) + " " + point.unit;
}

std::string limit_reason(const Point& point, const Limit& limit, const LimitCause& cause) {
  std::string text;
  if (cause.quality.validity == Validity::over_range) {
    text = "over range, at least " + value_text(point, cause.value) + ": beyond the ";
    text.append(to_string(limit.level)).append(" limit of ").append(value_text(point, limit.at));
  } else if (cause.quality.validity == Validity::under_range) {
    text = "under range, at most " + value_text(point, cause.value) + ": beyond the ";
    text.append(to_string(limit.level)).append(" limit of ").append(value_text(point, limit.at));
  } else {
    text = value_text(point, cause.value) + ": " + at_limit_text(point, limit);
  }
  if (limit.on_delay > Duration{0} && !cause.silent) text += " for " + duration_text(limit.on_delay);
  text += maintenance_text(cause.quality.maintenance);
  if (cause.silent) text += ", and nothing better seen for " + duration_text(limit.on_delay);
  if (cause.age >= age_worth_telling) text += ", seen " + duration_text(cause.age) + " late";
  return text;
}

std::string limit_kind(const Quality& quality) {
  if (quality.maintenance != Maintenance::none) return std::string{to_string(quality.maintenance)};
  if (quality.validity == Validity::good) return "";
  return std::string{to_string(quality.validity)};
}

std::string blind_reason(const Point& point, const std::optional<Quality>& last, Duration blind_for) {
  const std::string what = point.title_en.empty() ? point.quantity : point.title_en;
  return "no usable reading of " + (what.empty() ? point.name : what) + " for " + duration_text(blind_for) +
         ": " + (last ? useless_text(*last) : "no readings arrive");
}

std::string blind_kind(const std::optional<Quality>& last) {
  if (!last) return "no_reading";
  const std::string kind = limit_kind(*last);
  return kind.empty() ? "bad_time" : kind;
}

std::string unseen_comment(const std::optional<Quality>& last, Duration unseen_for) {
  return "cannot be seen for " + duration_text(unseen_for) + ": " +
         (last ? useless_text(*last) : "no readings arrive");
}

std::string occurrence_id(const std::string& gateway, const std::string& name, const std::string& what,
                          WallTime raised) {
  constexpr std::size_t digits = 24;
  const std::string key = gateway + '\n' + name + '\n' + what + '\n' + std::to_string(to_ms(raised));
  return to_hex(hash_of(key)).substr(0, digits);
}

}  // namespace davy
