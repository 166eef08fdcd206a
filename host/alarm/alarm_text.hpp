#pragma once

#include <optional>
#include <string>

#include "host/alarm/alarm.hpp"
#include "proto/base/clock.hpp"
#include "proto/model/point.hpp"
#include "proto/model/quality.hpp"

// What alarms say and how they are called. The page builds its own sentences from the fields; these are for
// the journal, logs and whoever has no page.
namespace davy {

std::string figure_text(double value);                     // 1.23: six significant digits
std::string duration_text(Duration d);                     // 250 ms, 1.5 s, 90 s, 10 min
std::string value_text(const Point& point, double value);  // "1.23 %CH4", or "open (1)" for a state

// What raised a limit alarm.
struct LimitCause {
  double value = 0;
  Quality quality;
  bool silent = false;  // raised because the sensor fell silent while beyond
  Duration age{0};      // how old the reading was at receipt; mentioned when it is more than a few seconds
};
std::string limit_reason(const Point& point, const Limit& limit, const LimitCause& cause);
std::string limit_kind(const Quality& quality);

// Why a point is blind: `last` is the newest reading if readings still come, none when they stopped.
std::string blind_reason(const Point& point, const std::optional<Quality>& last, Duration blind_for);
std::string blind_kind(const std::optional<Quality>& last);

// Why a standing alarm's condition can no longer be seen.
std::string unseen_comment(const std::optional<Quality>& last, Duration unseen_for);

// The id of an occurrence: a hash of what raised it and when, so that a replay and a second host name it
// alike. `what` tells alarms of one point apart. 24 hexadecimal digits.
std::string occurrence_id(const std::string& gateway, const std::string& name, const std::string& what,
                          WallTime raised);

}  // namespace davy
