#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "drivers/api/tag_report.hpp"
#include "drivers/tags/sighting_filter.hpp"
#include "gateway/scan/batch_desk.hpp"
#include "proto/base/clock.hpp"
#include "proto/wire/gateway_config.hpp"

namespace davy {

// Of one reader since the program started.
struct TagCounters {
  std::uint64_t sightings = 0;   // handed on
  std::uint64_t merged = 0;      // said the same as the one before and were not
  std::uint64_t repeated = 0;    // came twice from the reader
  std::uint64_t lost = 0;        // by the reader
  std::uint64_t unreadable = 0;  // slots, frames or lines
  std::uint64_t restarts = 0;
};

// Where what one reader of tags has told becomes sightings of the bus: merges those that say the same, if it
// is configured so, and tells what was lost. Only on the bus's thread.
class TagDesk {
 public:
  // The caller keeps both alive; `device` is one of the bus's.
  TagDesk(const BusSettings& bus, const DeviceSettings& device);

  // Empties the report.
  void take(TagReport& report, Now now, BatchDesk& desk);
  const TagCounters& counters() const { return counters_; }
  void log_counters() const;

 private:
  void tell_loss(const TagReport& report, Now now, BatchDesk& desk);
  void complain(const TagReport& report, SteadyTime now);

  const BusSettings& bus_;
  const DeviceSettings& device_;
  std::optional<SightingFilter> filter_;
  TagCounters counters_;
  TagCounters complained_;  // as they were at the last complaint
  std::optional<SteadyTime> next_complaint_;
};

}  // namespace davy
