#pragma once

#include <optional>
#include <string>

#include "gateway/interlock/input_judge.hpp"

// Does an output do what it is told, and does the electricity behind it agree? Pure functions.
namespace davy {

// What is known of an output's port: the state it read back last, or why it could not.
struct OutputReport {
  std::optional<bool> on;
  SteadyTime at;
  std::string message;  // for a person; empty when it was read
};

// One output's own story. `pending_since` is when it stopped agreeing with its command, or was given a new
// one; so much time after it the output is faulty. A new command while pending gives no new time.
struct OutputMemory {
  bool acting = false;
  SteadyTime changed_at;
  SteadyTime agreed_at;
  std::optional<SteadyTime> pending_since;
  bool faulty = false;

  bool agrees() const { return !pending_since; }
};

// The command, as it is after a step of the locks. `first` for the first one ever.
OutputMemory command(OutputMemory memory, bool acting, bool first, SteadyTime now);
OutputMemory watch_output(const OutputSettings& settings, OutputMemory memory, const OutputReport& report,
                          SteadyTime now);
SteadyTime output_due(const OutputSettings& settings, const OutputMemory& memory);

enum class FeedNow : std::uint8_t { unknown, dead, fed };
// Only a good, fresh reading of a sensor nobody works on is believed.
FeedNow judge_feed(const FeedSettings& settings, Duration stale_after, const InputReading& reading,
                   SteadyTime now);

// One feed sensor of one cutter.
//   abnormal  cut is commanded, and after `within` it is fed, or for as long nobody knows. Ends when it is
//   dead or the
//             command is taken back.
//   outage    it was fed, nobody cut, and for `within` it is dead. Ends when it is fed or cut.
struct FeedMemory {
  bool acting = false;
  SteadyTime changed_at;
  SteadyTime dead_at;                    // last known dead while acting
  std::optional<SteadyTime> dead_since;  // while not acting
  bool was_fed = false;                  // since the last cut
  bool abnormal = false;
  bool outage = false;
};

FeedMemory watch_feed(FeedMemory memory, bool acting, FeedNow feed, Duration within, SteadyTime now);
SteadyTime feed_due(const FeedMemory& memory, FeedNow feed, Duration within);

// The fan says it runs and the duct says there is no air, for longer than air needs to come: one of them
// lies.
struct FlowMemory {
  std::optional<SteadyTime> since;
  bool contradiction = false;
};

FlowMemory watch_flow(FlowMemory memory, std::span<const LockInput> inputs,
                      std::span<const JudgedInput> judged, Duration within, SteadyTime now);

}  // namespace davy
