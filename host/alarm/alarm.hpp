#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "proto/base/clock.hpp"
#include "proto/model/point.hpp"
#include "proto/model/quality.hpp"

namespace davy {

// A point as the host knows it: the same number for (gateway, name) as long as this host's database lives.
enum class HostPointId : std::uint32_t {};
inline constexpr HostPointId no_point{0};
constexpr std::uint32_t to_number(HostPointId id) { return static_cast<std::uint32_t>(id); }

enum class AlarmSource : std::uint8_t {
  limit,    // a value beyond one of its point's limits
  blind,    // a point without a usable reading for too long: its hazard cannot be ruled out
  gateway,  // a gateway silent, off line, with a wrong clock, losing data, or sending what cannot be trusted
};

// Is the hazard there? Judged from good, fresh readings only; `unknown` keeps whatever state the alarm was
// in.
enum class Condition : std::uint8_t { clear, active, unknown };

// ISA-18.2 (IEC 62682) states, a projection of condition and acknowledgement.
enum class AlarmState : std::uint8_t { normal, unacknowledged, acknowledged, rtn_unacknowledged };

// One occurrence of one alarm, from raising until it is normal again.
struct Alarm {
  std::string occurrence;  // stable for ever; made from what raised it and when, the same after a replay
  std::uint64_t seq = 0;   // journal sequence of its last transition: an acknowledgement names it
  AlarmSource source = AlarmSource::limit;
  // The cause as a word, for programs: limit: empty, "over_range" or a maintenance word; blind: "no_reading"
  // or the word of the validity or maintenance that made the readings useless; gateway: the kind its caller
  // gave, such as "silent".
  std::string kind;
  HostPointId point = no_point;
  std::string name;  // the point's or the gateway's
  std::string gateway;
  LimitState level = LimitState::alarm;
  Side side = Side::high;
  double at = std::numeric_limits<double>::quiet_NaN();  // the limit; NaN unless source is limit
  std::uint8_t priority = 2;
  AlarmState state = AlarmState::unacknowledged;
  Condition condition = Condition::active;
  WallTime raised;
  std::optional<WallTime> cleared;
  std::optional<WallTime> acked;
  std::string acked_by;
  std::string comment;
  double value = std::numeric_limits<double>::quiet_NaN();  // newest that has_value
  double peak = std::numeric_limits<double>::quiet_NaN();
  std::string reason;

  bool operator==(const Alarm&) const =
      default;  // NaN differs from NaN: tests compare what the journal stored
};

enum class Transition : std::uint8_t {
  raised,
  cleared,  // the condition went back inside, for long enough, by good readings
  unknown,  // the condition can no longer be seen
  acknowledged,
  reraised,     // active again before anyone acknowledged
  late_raised,  // found in data that came too late: recorded, never annunciated
  late_cleared,
  note,  // e.g. the limit was withdrawn from the configuration while the alarm stood
};

// A line of the journal: written once, never changed.
struct JournalEntry {
  std::uint64_t seq = 0;  // given by the journal, from 1, without holes
  WallTime at;            // when it happened, by the corrected source time
  WallTime recorded;      // host's clock when it was written
  Transition kind = Transition::raised;
  bool late = false;
  std::string user;
  std::string comment;
  Alarm alarm;  // the occurrence after this transition
};

std::string to_string(AlarmSource s);
std::string to_string(Condition c);
std::string to_string(AlarmState s);
std::string to_string(Transition t);
std::string to_string(Side s);

// The words above, as the journal stores them. False when the word names nothing; `out` is then untouched.
bool from_string(std::string_view word, AlarmSource& out);
bool from_string(std::string_view word, Condition& out);
bool from_string(std::string_view word, AlarmState& out);
bool from_string(std::string_view word, Transition& out);
bool from_string(std::string_view word, Side& out);
bool from_string(std::string_view word, LimitState& out);

}  // namespace davy
