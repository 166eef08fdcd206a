#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "host/alarm/alarm.hpp"
#include "proto/base/clock.hpp"
#include "proto/base/result.hpp"
#include "proto/model/point.hpp"
#include "proto/model/sample.hpp"

namespace davy {

struct AlarmBookTimes {
  Duration blind_after{10000};  // at least; a point that is read rarely has until it is stale
  // Points of a gateway from which nothing at all comes are given this long before they turn blind one by
  // one: until then it is the gateway's own alarm that is due (gateway_seen false).
  Duration gateway_silent_after{20000};
};

// A reading on its way into the alarms.
struct PointReading {
  HostPointId point = no_point;
  double value = 0;
  Quality quality;
  WallTime at;  // source time, corrected for the gateway's clock error
};

// Judges every live reading against its point's limits and keeps all alarms that are not normal, per
// ISA-18.2.
//   normal              --active for on_delay--> unacknowledged
//   unacknowledged      --acknowledge--> acknowledged        --clear for off_delay--> normal
//   unacknowledged      --clear for off_delay--> rtn_unacknowledged
//   rtn_unacknowledged  --acknowledge--> normal, --active for on_delay--> unacknowledged
//
// A reading that may not clear (bad, stale, missing, under calibration) makes the condition unknown at most,
// once nothing could be told for the point's stale_after: it never clears. Over range counts as beyond a high
// limit, under range as beyond a low one. A sensor under maintenance raises, and says so; without anything
// beyond a limit it is blind after blind_after like one that is dead: its readings say nothing about the air.
// A withdrawn point or limit leaves its alarm standing, unacknowledged and unknown, until a person
// acknowledges it, which ends it. Delays run on source time and are also met by the host's steady clock when
// a sensor goes silent while beyond (fail toward raising). A live reading older than one before it (the
// backlog of a short outage) may raise but never clears. Not thread-safe; called from the host core's thread.
// Writes nothing: take_changes() goes to the journal.
class AlarmBook {
 public:
  explicit AlarmBook(AlarmBookTimes times);
  ~AlarmBook();

  // State from before a restart, before anything else is called. Nothing of it is annunciated again by
  // itself. `since` tells by occurrence when it was last raised or raised again: late readings from after
  // that tell nothing new. What is not in it hides nothing.
  void restore(std::vector<Alarm> standing, std::uint64_t last_seq,
               std::map<std::string, WallTime> since = {});

  // A point is new or its definition changed. Never clears anything.
  void define(HostPointId id, const std::string& gateway, const Point& point, Now now);
  void withdraw(HostPointId id, Now now);

  void on_live(const PointReading& reading, Now now);
  // Readings older than the late limit: past alarms are journalled as late_raised and late_cleared, nothing
  // else. Per point in the order of their times; a step back in time starts a new run.
  void on_historic(const PointReading& reading, Now now);

  // One alarm for each kind ("silent", "offline", "clock", ...) of trouble of a gateway; said again, it
  // changes nothing.
  void gateway_alarm(const std::string& gateway, const std::string& kind, bool active,
                     const std::string& reason, std::uint8_t priority, Now now);
  // While a gateway's points cannot be seen at all, its one gateway alarm stands for them: no blind alarm per
  // point; conditions become unknown.
  void gateway_seen(const std::string& gateway, bool seen, Now now);

  // `seq` is the last transition the person saw. conflict: it has changed since, is acknowledged already, or
  // is over.
  Result<Alarm> acknowledge(std::string_view occurrence, std::uint64_t seq, const std::string& user,
                            const std::string& comment, Now now);

  void step(Now now);  // delays and blindness
  SteadyTime next_due() const;

  std::vector<Alarm> standing() const;
  const Alarm* find(std::string_view occurrence) const;
  // Every transition since the last call, in order, numbered. They have to be committed before anyone is
  // told.
  std::vector<JournalEntry> take_changes();
  // Standing alarms whose peak has grown since the last call: Journal::refresh() keeps it over a restart.
  std::vector<Alarm> take_peaks();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace davy
