#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "gateway/interlock/lock_row.hpp"
#include "gateway/interlock/output_watch.hpp"
#include "proto/base/result.hpp"
#include "proto/model/event.hpp"
#include "proto/model/point.hpp"
#include "proto/wire/interlock_config.hpp"

namespace davy {

struct OutputCommand {
  bool acting = false;  // cut, lock the fan, sound
  bool on = false;      // the electricity that does it

  bool operator==(const OutputCommand&) const = default;
};

struct InterlockStep {
  std::vector<OutputCommand> outputs;  // in the order of InterlockSettings::outputs
  std::vector<Event> events;           // urgent, each with its cause in words
  SteadyTime next_due = never;
  bool memory_changed = false;  // locked_fans() has to be written down
};

// Whoever releases a fan lock by key. That the person may do it is checked by who takes the command.
struct KeyUse {
  std::string lock;
  std::string user;
  std::string reason;
};

// The local power locks of a gateway: decides what every output does, from the latest readings alone. Pure
// rows (lock_row.hpp) and watches (output_watch.hpp); here is only what they remember, and what is told. One
// thread, no I/O, no clock. Never throws; does the same for the same calls. The caller keeps `settings` and
// `points` alive.
//
// step() has to be called whenever an input or a report is new, and at next_due. Not calling it releases
// nothing, but a lost input then cuts no more: whoever calls it is what the board's watchdog watches.
class Interlock {
 public:
  // `locked_fans` are the names that locked_fans() gave before the last end of the program; unknown ones are
  // passed over.
  Interlock(const InterlockSettings& settings, std::span<const Point> points,
            std::span<const std::string> locked_fans, Now now);

  // `inputs` in the order of the points, `reports` in the order of the outputs. Valid until the next step.
  const InterlockStep& step(std::span<const InputReading> inputs, std::span<const OutputReport> reports,
                            Now now);

  // Opens a tripped fan lock for key_valid, so that the fan can be started into known gas by plan. Refused,
  // and that recorded too, unless the lock is one of row f, is tripped, names of person and reason are given,
  // and the area is proven to be without power: all its cutters read back as acting, and no feed sensor says
  // otherwise or nothing. Takes effect with the next step, which is due at once.
  Status use_key(const KeyUse& use, Now now);
  // Gives the key back before its time.
  Status end_key(const KeyUse& use, Now now);

  // What must survive a restart: the fan locks that are tripped, or open only by key. Keys do not survive.
  std::vector<std::string> locked_fans() const;

  // What each output is left in when the program ends; none: as it is.
  std::optional<bool> exit_level(std::size_t output) const;

  bool tripped(std::size_t lock) const { return locks_[lock].memory.tripped; }
  bool faulty(std::size_t output) const { return outputs_[output].memory.faulty; }
  bool key_open(std::size_t lock) const { return locks_[lock].key_until.has_value(); }

 private:
  struct Lock {
    LockMemory memory;
    std::vector<JudgedInput> judged;  // beside settings.inputs
    RowVerdict verdict;
    bool at_start = false;         // tripped when the program started
    bool before = false;           // tripped at the last step
    std::uint64_t occurrence = 0;  // of its standing trip
    std::optional<SteadyTime> key_until;
    std::string key_user;
    std::string key_given_back;  // who and why, when it was
    std::uint64_t key_occurrence = 0;
    FlowMemory flow;
    std::uint64_t flow_occurrence = 0;
  };
  struct Feed {
    FeedMemory memory;
    FeedNow now = FeedNow::unknown;
    SteadyTime stale_at;
    std::uint64_t abnormal_occurrence = 0;
    std::uint64_t outage_occurrence = 0;
  };
  struct Output {
    OutputMemory memory;
    std::vector<Feed> feeds;
    std::uint64_t occurrence = 0;  // of its standing fault
    std::string message;           // why it could not be read
  };
  // The parts of one step, in this order.
  void judge_inputs(Now now);
  void watch_outputs(Now now);
  void judge_locks(Now now);
  void judge_feeds(Now now);
  void command_outputs(Now now);
  bool watch_keys(Now now);  // true when one ended
  void watch_feeds(Now now);
  void watch_flows(Now now);
  SteadyTime next_due() const;

  bool area_faulty(std::uint32_t area) const;
  std::string area_fault_words(std::uint32_t area, Now now) const;
  void tell_trip(std::size_t lock, Now now);
  void tell_release(std::size_t lock, Now now);
  void tell_output(std::size_t output, Now now);
  std::string trip_words(std::size_t lock, Now now) const;
  std::string acts_on_words(const LockSettings& settings) const;
  std::string held_words(const LockSettings& settings) const;
  std::string key_over(std::size_t lock, SteadyTime now) const;  // why; empty when it is not
  void close_key(std::size_t lock, const std::string& why, Now now);
  Result<std::size_t> find_key(const KeyUse& use) const;
  std::optional<std::string> area_not_dead(std::uint32_t area, SteadyTime now) const;
  void tell(EventKind kind, std::uint64_t occurrence, std::string text, Now now);
  // Something that has a begin and an end, which share a number.
  void tell_change(bool begins, std::uint64_t& occurrence, EventKind begin, EventKind end, std::string text,
                   Now now);

  const InterlockSettings& settings_;
  const std::span<const Point> points_;
  std::span<const InputReading> inputs_;  // of the step that runs
  std::span<const OutputReport> reports_;
  std::vector<Lock> locks_;
  std::vector<Output> outputs_;
  std::vector<Event> waiting_;           // of keys, until the next step
  std::vector<std::string> remembered_;  // the locked fans that were told last
  InterlockStep out_;
  std::uint64_t occurrences_ = 0;
  bool first_ = true;
};

}  // namespace davy
