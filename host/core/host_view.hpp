#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "host/alarm/alarm.hpp"
#include "proto/base/clock.hpp"
#include "proto/model/block.hpp"
#include "proto/model/point.hpp"
#include "proto/model/quality.hpp"

// What the host shows to the outside: pages, annunciators, exchanges.
namespace davy {

struct HostPoint {
  HostPointId id = no_point;
  std::string gateway;
  Point point;
  bool withdrawn = false;  // no longer in its gateway's birth; its history stays
};

enum class ClockMark : std::uint8_t {
  ok,
  corrected,  // the gateway's wall clock is off by more than the limit; the time shown is the host's estimate
  unknown,    // the gateway itself does not trust its clock and there is no estimate
};

struct LatestValue {
  HostPointId point = no_point;
  double value = 0;  // NaN when there is none
  Quality quality{.validity = Validity::not_read};
  WallTime at;          // source time, corrected
  SteadyTime received;  // host's steady clock at receipt: age = now - received + (receipt - source time)
  Duration age_at_receipt{0};
  bool late = false;
  ClockMark clock = ClockMark::ok;
};

enum class Presence : std::uint8_t {
  unknown,  // configured or seen once, nothing heard since the host started
  online,
  offline,  // said good-bye, or the broker told its last will
  silent,   // nothing heard for silent_after although nobody said it was off line
};

struct GatewayStatus {
  std::string name;
  Presence presence = Presence::unknown;
  WallTime since;
  std::string reason;
  std::string version;
  std::optional<WallTime> last_heard;
  std::optional<Duration> clock_error;  // gateway wall minus true time, as estimated
  ClockQuality clock = ClockQuality::unknown;
  std::uint64_t spool_blocks = 0;
  std::uint64_t spool_bytes = 0;
  std::uint64_t points = 0;
  std::uint64_t blind_points = 0;
  std::uint64_t missing_blocks = 0;      // holes in its streams that are not recorded as lost
  std::uint64_t quarantined_blocks = 0;  // came but could not be trusted
};

// Is the host itself well?
struct HostHealth {
  bool broker_up = false;
  bool storing = true;               // false: commits fail, nothing is acked, alarms are still told
  std::vector<std::string> reasons;  // why it is degraded, one sentence for a person each; empty: all is well

  bool operator==(const HostHealth&) const = default;
};

// Is told everything after it was committed, on the core's thread; must return at once and not call back.
// While commits fail (health: storing is false) alarms and values are told all the same: an alarm must not
// wait for a disk. HostCore::open() tells what it found in the database: points, gateways, standing alarms
// and health.
class HostListener {
 public:
  virtual ~HostListener() = default;
  virtual void on_standing(std::span<const Alarm> alarms) = 0;  // once, at the start
  virtual void on_health(const HostHealth& health) = 0;         // at the start and whenever it changed
  virtual void on_points(std::span<const HostPoint> changed) = 0;
  virtual void on_values(std::span<const LatestValue> changed) = 0;
  virtual void on_gateway(const GatewayStatus& status) = 0;
  virtual void on_alarm(const JournalEntry& entry) = 0;
};

}  // namespace davy
