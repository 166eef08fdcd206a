#pragma once

#include <cstdint>
#include <string>

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
  input_lost = 9,  // the gateway could not keep readings; first: how many; text: why
};

struct Event {
  EventKind kind = EventKind::started;
  WallTime at;
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  std::string text;

  bool operator==(const Event&) const = default;
};

}  // namespace davy
