#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <queue>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "host/alarm/alarm_book.hpp"
#include "host/alarm/alarm_ledger.hpp"
#include "host/alarm/limit_memory.hpp"

// What an AlarmBook remembers. Private to this folder.
namespace davy {

// From when to when a limit was beyond without a break: older readings that come later tell nothing new
// inside it. One occurrence has several when it was raised again before anyone acknowledged.
struct Span {
  WallTime from;
  WallTime to;
};

// Past alarms of one limit, found in historic readings.
struct LateRun {
  LimitMemory memory;
  std::optional<Alarm> alarm;  // journalled as late_raised, not yet as late_cleared
};

struct LimitWatch {
  Limit limit;
  std::string what;  // tells the limits of a point apart: "limit high cut 0"
  LimitMemory memory;
  LimitMemory behind;  // readings that came in the wrong order
  LateRun late;
  SteadyTime told;          // when a reading last told anything about this limit
  double beyond_value = 0;  // the last one beyond it
  Quality beyond_quality;
  std::string occurrence;         // of its alarm; meaningless when that does not stand any more
  std::optional<WallTime> since;  // when that was last raised or raised again, while it has not cleared
  std::deque<Span> over;          // the newest that cleared, oldest first
};

struct PointWatch {
  HostPointId id = no_point;
  std::string gateway;
  Point point;
  bool withdrawn = false;
  std::vector<LimitWatch> limits;
  std::optional<WallTime> newest;  // source time of the newest reading in order
  SteadyTime newest_heard;
  std::optional<Quality> newest_quality;
  SteadyTime usable;             // when the newest usable reading was made, by the host's steady clock
  std::string blind;             // occurrence of its blind alarm
  SteadyTime scheduled = never;  // its valid entry in the queue
};

struct GatewayWatch {
  bool seen = true;
  SteadyTime heard;  // when any reading of it came
  std::set<HostPointId> points;
  std::map<std::string, std::string> alarms;  // kind -> occurrence
};

struct AlarmBook::State {
  AlarmBookTimes times;
  AlarmLedger ledger;
  std::map<HostPointId, PointWatch> points;
  std::map<std::string, GatewayWatch> gateways;
  std::multimap<HostPointId, std::string> restored;  // occurrences that no definition has taken up yet
  std::map<std::string, WallTime> restored_since;    // when they were last raised or raised again
  using Due = std::pair<SteadyTime, HostPointId>;
  mutable std::priority_queue<Due, std::vector<Due>, std::greater<>>
      queue;  // entries that differ from scheduled are void

  // alarm_book.cpp
  GatewayWatch& gateway(const std::string& name, Now now);
  void take_up_restored(PointWatch& p, Now now);
  void redefine(PointWatch& p, const Point& point, Now now);
  void let_go(PointWatch& p, Now now, const std::string& why);

  // live_judge.cpp
  void judge_live(PointWatch& p, const PointReading& reading, Now now);
  void judge_time(PointWatch& p, Now now);  // what happens without any reading
  void schedule(PointWatch& p, Now now);

  // late_judge.cpp
  void judge_late(PointWatch& p, const PointReading& reading, Now now);

 private:
  struct Arrival {
    const PointReading& reading;
    Now now;
    Duration age;   // by the source time, never negative
    bool fresh;     // may clear
    bool in_order;  // no newer one was judged before
  };
  Arrival arrival(PointWatch& p, const PointReading& reading, Now now) const;
  Seen judge_limit(PointWatch& p, LimitWatch& w, const Arrival& a);
  void judge_behind(PointWatch& p, LimitWatch& w, const LimitReading& r, const Arrival& a);
  void raise_limit(PointWatch& p, LimitWatch& w, const Arrival& a);
  void raise_silent(PointWatch& p, LimitWatch& w, Now now);
  void judge_blind(PointWatch& p, bool told, const Arrival& a);
  void go_blind(PointWatch& p, Now now);
  SteadyTime blind_due(const PointWatch& p, Now now) const;
  void late_limit(PointWatch& p, LimitWatch& w, const PointReading& reading, Now now);
};

// How long a point may tell nothing before its condition is unknown, and the longest gap in a run of
// readings.
Duration patience(const Point& point);
// The alarm of this limit as it is before it is raised.
Alarm limit_alarm(const PointWatch& p, const LimitWatch& w, double value, WallTime raised);
// Is `at` inside a time in which this limit is known already to have been beyond? The quiet time between two
// raisings of one occurrence is not: a hazard in it is news.
bool is_covered(const LimitWatch& w, const AlarmLedger& ledger, WallTime at);
// It cleared at `at`.
void end_span(LimitWatch& w, WallTime at);

}  // namespace davy
