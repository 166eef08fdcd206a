#include "gateway/scan/batch_desk.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "proto/base/assert.hpp"
#include "proto/base/log.hpp"

namespace davy {
namespace {

// What waits for a full inbox. There is one event for each change, so this many mean something is badly
// wrong; sightings of a whole shift's change at one reader.
constexpr std::size_t waiting_events_max = 64;
constexpr std::size_t waiting_sightings_max = 4096;
// So close to a limit, as a share of the limit and of the measuring range, a point is watched closely.
constexpr double near_of_limit = 0.2;
constexpr double near_of_range = 0.1;

// A state has no distance: it is beyond or it is not.
bool is_near(const Point& point, const Limit& limit, double value) {
  if (point.kind != PointKind::analogue) return false;
  const double range = point.range_high - point.range_low;
  const double of_limit = near_of_limit * std::abs(limit.at);
  const double margin = range > 0 ? std::min(of_limit, near_of_range * range) : of_limit;
  return limit.side == Side::high ? value >= limit.at - margin : value <= limit.at + margin;
}

}  // namespace

BatchDesk::BatchDesk(std::uint32_t bus, const BusSettings& settings, std::span<const Point> points,
                     const Clock& clock, BatchInbox& sink)
    : bus_{bus}, bus_name_{settings.name}, points_{points}, clock_{clock}, sink_{sink} {
  std::uint32_t end = 0;
  first_point_ = UINT32_MAX;
  for (const DeviceSettings& device : settings.devices) {
    for (const PointSetting& point : device.points) {
      first_point_ = std::min(first_point_, point.index);
      end = std::max(end, point.index + 1);
    }
  }
  if (end > 0) memories_.resize(end - first_point_);
  batch_.bus = bus_;
}

void BatchDesk::add(std::uint32_t point, const Reading& raw, WallTime at) {
  DAVY_ASSERT(point - first_point_ < memories_.size());
  PointMemory& memory = memories_[point - first_point_];
  const Point& definition = points_[point];
  Reading reading = within_range(definition, raw);
  memory.limits = judge(definition.limits, memory.limits, reading);
  reading.quality.limit = worst(definition.limits, memory.limits);
  memory.quality = reading.quality;
  memory.nearness = Nearness::far;
  if (memory.limits.raised != 0) {
    memory.nearness = Nearness::beyond;
  } else if (has_value(reading.quality.validity) &&
             std::ranges::any_of(definition.limits, [&](const Limit& limit) {
               return is_near(definition, limit, reading.value);
             })) {
    memory.nearness = Nearness::near;
  }
  batch_.samples.push_back({PointIndex{point}, reading.value, reading.quality, at});
}

bool BatchDesk::is_news(std::uint32_t point, const Reading& raw) const {
  const PointMemory& memory = memories_[point - first_point_];
  const Point& definition = points_[point];
  Reading reading = within_range(definition, raw);
  reading.quality.limit = worst(definition.limits, judge(definition.limits, memory.limits, reading));
  return memory.quality != reading.quality;
}

BatchDesk::Nearness BatchDesk::nearness(std::uint32_t point) const {
  return memories_[point - first_point_].nearness;
}

void BatchDesk::add(Sighting sighting) {
  if (batch_.sightings.size() >= waiting_sightings_max) {
    lost_readings_ += 1;
    // A call for help goes before whatever else waits.
    const auto ordinary =
        sighting.sos ? std::ranges::find(batch_.sightings, false, &Sighting::sos) : batch_.sightings.end();
    if (ordinary == batch_.sightings.end()) return;
    batch_.sightings.erase(ordinary);
  }
  batch_.sightings.push_back(std::move(sighting));
}

void BatchDesk::tell(EventKind kind, WallTime at, std::string text, std::uint64_t first) {
  if (batch_.events.size() >= waiting_events_max) {
    lost_events_ += 1;
    return;
  }
  batch_.events.push_back({.kind = kind, .at = at, .first = first, .text = std::move(text)});
}

void BatchDesk::hand_over(Now now, const BusCounts& counts) {
  if (batch_.samples.empty() && batch_.sightings.empty() && batch_.events.empty()) return;
  hand_over_in_any_case(now, counts);
}

void BatchDesk::hand_over_in_any_case(Now now, const BusCounts& counts) {
  if (tap_ != nullptr && !batch_.samples.empty()) tap_->on_samples(batch_.samples, clock_.steady());
  const std::size_t samples = batch_.samples.size();
  BusBatch out = std::exchange(batch_, {.bus = bus_});
  batch_.samples.reserve(samples);
  std::vector<Event> events = out.events;
  std::vector<Sighting> sightings = out.sightings;
  out.counts = counts;
  const std::uint64_t lost = lost_readings_ + lost_events_;
  if (lost > 0) {
    out.events.push_back({.kind = EventKind::input_lost,
                          .at = now.wall,
                          .first = lost,
                          .text = bus_name_ + ": the gateway was too busy to take the readings"});
  }
  if (sink_.push(std::move(out))) {
    lost_readings_ = lost_events_ = 0;
    return;
  }
  if (lost == 0) log::error("inbox_full", {{"bus", bus_name_}});
  lost_readings_ += samples;
  batch_.events = std::move(events);
  batch_.sightings = std::move(sightings);
}

}  // namespace davy
