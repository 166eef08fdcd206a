#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "host/alarm/alarm.hpp"
#include "host/alarm/alarm_state.hpp"
#include "proto/base/result.hpp"

namespace davy {

// Every alarm that is not normal, and every transition of one on its way to the journal. Knows nothing of
// points and limits: whoever judges tells it what happened, and it moves states, numbers the transitions and
// keeps them in order.
class AlarmLedger {
 public:
  // When something happened and when the host noticed.
  struct When {
    WallTime at;
    WallTime recorded;
  };

  void restore(std::vector<Alarm> standing, std::uint64_t last_seq);

  const Alarm* find(std::string_view occurrence) const;
  std::vector<Alarm> standing() const;  // by the time they were raised
  template <typename Predicate>
  std::vector<std::string> select(const Predicate& wanted) const {
    std::vector<std::string> found;
    for (const auto& [occurrence, entry] : standing_) {
      if (wanted(entry.alarm)) found.push_back(occurrence);
    }
    return found;
  }

  // A new occurrence: unacknowledged and active. Its id is made unique should one with the same cause and
  // time exist. Returns the id.
  std::string raise(Alarm alarm, When when);
  // The following do nothing when the occurrence does not stand or is in that condition already.
  void active(std::string_view occurrence, When when, const std::string& comment);
  void clear(std::string_view occurrence, When when, const std::string& comment);
  void unknown(std::string_view occurrence, When when, const std::string& comment);
  // Its limit or point is gone: nobody can ever see it clear, so it is unknown and unacknowledged until a
  // person acknowledges it, which ends it.
  void orphan(std::string_view occurrence, When when, const std::string& comment);
  void adopt(std::string_view occurrence);  // its limit is there (again)
  // The definition of its limit changed.
  void redefine(std::string_view occurrence, const Limit& limit, When when, const std::string& comment);

  Result<Alarm> acknowledge(std::string_view occurrence, std::uint64_t seq, const std::string& user,
                            const std::string& comment, WallTime now);

  // The newest value, and the peak it may be; no transition.
  void measure(std::string_view occurrence, double value, bool newest);

  // Written about `alarm`, which does not stand: late_raised and late_cleared.
  void late(Transition kind, Alarm& alarm, When when);

  std::vector<JournalEntry> take_changes();
  std::vector<Alarm> take_peaks();

 private:
  struct Standing {
    Alarm alarm;
    bool orphan = false;
  };
  using Map = std::map<std::string, Standing, std::less<>>;

  void write(Transition kind, Alarm& alarm, When when, const std::string& user, const std::string& comment,
             bool late);
  bool end_if_normal(Map::iterator at);
  std::string unique(std::string occurrence) const;
  bool is_over(std::string_view occurrence) const;

  Map standing_;
  std::deque<std::string> over_;  // ended not long ago: an acknowledgement that comes too late is told so
  std::set<std::string> peaks_;   // grown since take_peaks()
  std::vector<JournalEntry> changes_;
  std::uint64_t last_seq_ = 0;
};

}  // namespace davy
