#include "gateway/interlock/output_watch.hpp"

#include <algorithm>
#include <cmath>

namespace davy {

OutputMemory command(OutputMemory memory, bool acting, bool first, SteadyTime now) {
  if (!first && memory.acting == acting) return memory;
  memory.acting = acting;
  memory.changed_at = now;
  if (!memory.pending_since) memory.pending_since = now;
  return memory;
}

OutputMemory watch_output(const OutputSettings& settings, OutputMemory memory, const OutputReport& report,
                          SteadyTime now) {
  const bool fresh = report.at >= memory.changed_at && now - report.at <= settings.read_back_within;
  if (fresh && report.on == settings.level(memory.acting)) {
    memory.agreed_at = report.at;
    memory.pending_since.reset();
    memory.faulty = false;
    return memory;
  }
  // One that has only fallen silent agreed until its last report.
  if (!memory.pending_since)
    memory.pending_since = report.on && report.at == memory.agreed_at ? report.at : now;
  memory.faulty = memory.faulty || now - *memory.pending_since >= settings.read_back_within;
  return memory;
}

SteadyTime output_due(const OutputSettings& settings, const OutputMemory& memory) {
  if (memory.faulty) return never;  // the next report tells
  if (memory.pending_since) return *memory.pending_since + settings.read_back_within;
  return memory.agreed_at + settings.read_back_within + Duration{1};
}

FeedNow judge_feed(const FeedSettings& settings, Duration stale_after, const InputReading& reading,
                   SteadyTime now) {
  if (now - reading.at > stale_after || !may_clear(reading.quality) || !std::isfinite(reading.value)) {
    return FeedNow::unknown;
  }
  return reading.value > settings.fed_above ? FeedNow::fed : FeedNow::dead;
}

FeedMemory watch_feed(FeedMemory memory, bool acting, FeedNow feed, Duration within, SteadyTime now) {
  if (acting != memory.acting) memory = {.acting = acting, .changed_at = now, .dead_at = now};
  if (acting) {
    const bool late = now >= memory.changed_at + within;
    const bool long_unknown = now >= memory.dead_at + within;
    if (feed == FeedNow::dead) {
      memory.dead_at = now;
      memory.abnormal = false;
    } else if (feed == FeedNow::fed ? late : long_unknown) {
      memory.abnormal = true;
    }
    return memory;
  }
  if (feed == FeedNow::fed) {
    memory.was_fed = true;
    memory.outage = false;
    memory.dead_since.reset();
  } else if (feed == FeedNow::dead) {
    if (!memory.dead_since) memory.dead_since = now;
    if (memory.was_fed && now >= *memory.dead_since + within) memory.outage = true;
  }
  return memory;
}

SteadyTime feed_due(const FeedMemory& memory, FeedNow feed, Duration within) {
  if (memory.acting) {
    if (memory.abnormal || feed == FeedNow::dead) return never;
    return (feed == FeedNow::fed ? memory.changed_at : memory.dead_at) + within;
  }
  const bool waits = memory.was_fed && memory.dead_since && !memory.outage;
  return waits ? *memory.dead_since + within : never;
}

FlowMemory watch_flow(FlowMemory memory, std::span<const LockInput> inputs,
                      std::span<const JudgedInput> judged, Duration within, SteadyTime now) {
  const JudgedInput fans = judge_fans(inputs, judged);
  bool no_air = false;
  bool air = true;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (inputs[i].role != InputRole::duct) continue;
    no_air = no_air || judged[i].surely_beyond();
    air = air && judged[i].finding == Finding::clear;
  }
  if (fans.finding == Finding::clear && no_air) {
    if (!memory.since) memory.since = now;
    memory.contradiction = memory.contradiction || now >= *memory.since + within;
  } else if (fans.surely_beyond() || air) {
    memory = {};
  } else if (!memory.contradiction) {
    memory.since.reset();  // nobody knows: not counted, and what was told is not taken back
  }
  return memory;
}

}  // namespace davy
