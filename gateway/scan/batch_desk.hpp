#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "drivers/api/reading.hpp"
#include "gateway/scan/bus_batch.hpp"
#include "gateway/scan/limit_judge.hpp"
#include "gateway/scan/sample_tap.hpp"
#include "proto/base/clock.hpp"
#include "proto/model/point.hpp"
#include "proto/wire/gateway_config.hpp"

namespace davy {

// Where the readings of one bus become samples: judges their points' limits, collects samples, sightings and
// events, and hands them over. Only on the bus's thread.
class BatchDesk {
 public:
  // The caller keeps `points` (the gateway's), `clock` and `sink` alive.
  BatchDesk(std::uint32_t bus, const BusSettings& settings, std::span<const Point> points, const Clock& clock,
            BatchInbox& sink);

  // Hears every sample before the inbox does.
  void set_tap(SampleTap& tap) { tap_ = &tap; }

  void add(std::uint32_t point, const Reading& reading, WallTime at);
  // Would this reading have another quality than the point's newest sample, a crossed limit included? The
  // first one is always news.
  bool is_news(std::uint32_t point, const Reading& reading) const;
  void add(Sighting sighting);
  void tell(EventKind kind, WallTime at, std::string text, std::uint64_t first = 0);
  // What has been added goes on, with nothing added nothing. Events and sightings wait for a full
  // inbox; samples it refused are counted and reported when it takes again.
  void hand_over(Now now, const BusCounts& counts);
  // Likewise, and with nothing added an empty batch: the bus is looked after, and has nothing new.
  void hand_over_in_any_case(Now now, const BusCounts& counts);

  // Is the point's newest reading beyond a limit, or so near one that it should be looked at more often?
  enum class Nearness { far, near, beyond };
  Nearness nearness(std::uint32_t point) const;

 private:
  struct PointMemory {
    LimitMemory limits;
    Nearness nearness = Nearness::far;
    std::optional<Quality> quality;  // of its newest sample
  };

  const std::uint32_t bus_;
  const std::string& bus_name_;
  const std::span<const Point> points_;
  const Clock& clock_;
  BatchInbox& sink_;
  SampleTap* tap_ = nullptr;
  std::uint32_t first_point_ = 0;
  std::vector<PointMemory> memories_;  // of this bus's points, which lie together
  BusBatch batch_;                     // being filled
  std::uint64_t lost_readings_ = 0;    // refused by the inbox and not yet reported
  std::uint64_t lost_events_ = 0;
};

}  // namespace davy
