#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "proto/base/clock.hpp"

namespace davy {

// Something that happened to the gateway itself and has to be on record at the surface.
enum class EventKind : std::uint8_t {
  started = 1,         // text: version
  stopped = 2,         // text: reason
  config_changed = 3,  // text: new birth hash
  clock_stepped = 4,   // first: milliseconds the wall clock moved, two's complement
  blocks_dropped =
      5,  // first..last: sequence numbers of the same stream that will never arrive; text: reason
  spool_replaced = 6,  // the old spool could not be used; text: its stream and what was wrong
  bus_fault = 7,       // text: bus and what is wrong
  bus_restored = 8,
  input_lost = 9,  // the gateway could not keep readings; first: how many, 0: nobody knows; text: why
  // Local power locks. Begin and end of the same thing have the same number in first, counted from each start
  // of the program; text: the cause, then the titles.
  lock_tripped = 10,
  lock_released = 11,
  output_fault = 12,  // an output does not do what it is told
  output_restored = 13,
  feed_abnormal = 14,  // 馈电异常: cut is commanded, and it is fed or nobody knows
  feed_abnormal_ended = 15,
  feed_lost = 16,  // an outage that nobody commanded
  feed_lost_ended = 17,
  flow_contradiction = 18,  // a fan says it runs, and its duct has no air
  flow_contradiction_ended = 19,
  key_used = 20,  // a fan lock is open by key; text: who and why
  key_refused = 21,
  key_ended = 22,
};

// The name above.
std::string_view to_string(EventKind kind);

struct Event {
  EventKind kind = EventKind::started;
  WallTime at;
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  std::string text;

  bool operator==(const Event&) const = default;
};

}  // namespace davy
