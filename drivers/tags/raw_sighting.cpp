#include "drivers/tags/raw_sighting.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace davy {
namespace {

constexpr double age_s_max = 7 * 24 * 3600.0;  // older is a fault of the reader's clock

template <typename Number>
Number nearest(double value) {
  if (std::isnan(value)) return 0;
  constexpr auto low = static_cast<double>(std::numeric_limits<Number>::min());
  constexpr auto high = static_cast<double>(std::numeric_limits<Number>::max());
  return static_cast<Number>(std::round(std::clamp(value, low, high)));
}

}  // namespace

Sighting sighting_from(const RawSighting& raw, const std::string& reader, WallTime arrived) {
  Sighting out{.tag = raw.tag,
               .reader = reader,
               .source_time = arrived,
               .sos = raw.sos,
               .low_battery = raw.low_battery};
  const double distance_m = raw.distance_m.value_or(0);
  out.distance_cm = nearest<std::int32_t>((raw.before ? -std::abs(distance_m) : distance_m) * 100);
  out.rssi_dbm = nearest<std::int16_t>(raw.rssi_dbm.value_or(0));
  const double age_s = raw.age_s.value_or(0);
  if (age_s > 0) out.source_time -= Duration{std::llround(std::min(age_s, age_s_max) * 1000)};
  return out;
}

}  // namespace davy
