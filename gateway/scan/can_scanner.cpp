#include "gateway/scan/can_scanner.hpp"

#include <algorithm>
#include <utility>

#include "proto/base/assert.hpp"
#include "proto/base/log.hpp"

namespace davy {
namespace {

// So many reads in one step; then others have their turn. A bus at 1 Mbit/s fills one in 4 ms.
constexpr int reads_per_step_max = 16;
// An interface that is gone, or went without a word, is looked for so often.
constexpr Duration look_every{500};

std::string seconds(Duration d) { return std::to_string(d.count() / 1000) + " s"; }

}  // namespace

CanScanner::CanScanner(const BusSettings& settings, const CanPlan& plan,
                       const std::set<std::uint32_t>& lock_inputs, CanBus& bus, BatchDesk desk,
                       SteadyTime start)
    : settings_{settings},
      plan_{plan},
      bus_{bus},
      desk_{std::move(desk)},
      watch_{plan.wanted, start},
      health_{settings.name},
      uses_(plan.wanted.size()),
      silence_due_{start},
      look_due_{start} {
  DAVY_ASSERT(plan.devices.size() == settings.devices.size());
  for (std::size_t i = 0; i < plan.devices.size(); ++i)
    add_device(settings.devices[i], plan.devices[i], lock_inputs, start);
}

void CanScanner::add_device(const DeviceSettings& settings, const CanPlannedDevice& plan,
                            const std::set<std::uint32_t>& lock_inputs, SteadyTime start) {
  Device device{.settings = &settings, .points = {}, .grid = {start + settings.period, settings.period}};
  if (plan.node) device.node.emplace(*plan.node, plan.heartbeat_silence, start);
  for (const CanPlannedPoint& point : plan.points) {
    const std::size_t place = points_.size();
    uses_[point.place].push_back({place, true});
    for (const CanPlannedPoint::Status& status : point.statuses)
      uses_[status.place].push_back({place, false});
    device.points.push_back(place);
    points_.push_back(
        {.plan = &point, .device = devices_.size(), .is_lock_input = lock_inputs.contains(point.point)});
  }
  devices_.push_back(std::move(device));
}

SteadyTime CanScanner::step(Now now) {
  const bool more = receive(now);
  look_for_silence(now);
  bool served = false;
  for (Device& device : devices_) {
    if (!device.grid.is_due(now.steady)) continue;
    serve_grid(device, now);
    served = true;
  }
  if (served) {
    desk_.hand_over_in_any_case(now, counts());
  } else {
    desk_.hand_over(now, counts());
  }
  look_due_ = health_.is_deaf() ? now.steady + look_every : never;
  return more ? now.steady : next_due();
}

// True when there may be more.
bool CanScanner::receive(Now now) {
  for (int i = 0; i < reads_per_step_max; ++i) {
    const CanReport report = bus_.read(arrivals_, Duration{0});
    const bool was_deaf = health_.is_deaf();
    health_.look(report, bus_.counters(), now, desk_);
    // First what was lost before the frames came, then each frame by itself: a lock wants every one.
    if (report.hears()) watch_.take({.condition = report.condition, .worst = report.worst}, {});
    for (const CanArrival& arrival : std::span{arrivals_}.first(report.frames)) take(arrival, now);
    if (!report.hears()) watch_.take(report, {});
    if (report.worst >= CanCondition::bus_off && (!was_deaf || report.hears())) look_at_all(now);
    if (report.frames < arrivals_.size()) return false;
  }
  return true;
}

void CanScanner::take(const CanArrival& arrival, Now now) {
  for (Device& device : devices_) {
    if (device.node && device.node->take(arrival)) look_at_node(device, now);
  }
  watch_.take({.condition = CanCondition::active, .worst = CanCondition::active}, std::span{&arrival, 1});
  // Values first: a point whose value came in the same frame as its status is told once.
  for (const bool values : {true, false}) {
    for (const std::size_t place : watch_.brought()) {
      silence_due_ =
          std::min(silence_due_, arrival.arrived.steady + plan_.wanted[place].silence_max + Duration{1});
      for (const Use& use : uses_[place]) {
        if (use.is_value != values) continue;
        if (values) {
          on_value(use.point, now);
        } else {
          on_status(use.point, arrival.arrived.wall, now);
        }
      }
    }
  }
}

void CanScanner::on_value(std::size_t index, Now now) {
  PointState& point = points_[index];
  point.fresh = true;
  devices_[point.device].frames += 1;
  const Reading reading = reading_of(point, now.steady);
  if (reading.quality.validity == Validity::not_read) return;  // its status has not come yet
  const bool news = desk_.is_news(point.plan->point, reading);
  if (reading.quality.validity == Validity::bad_comm) {  // too old when it was read, or its status is gone
    if (news) give(point, reading, now.wall);
  } else if (point.is_lock_input || news) {
    give(point, reading, watch_.reading(point.plan->place, now.steady).arrived);
  }
}

// A status that makes a value worse is told at once. One that makes it good waits for the next value: the one
// at hand was sent while it was not to be believed.
void CanScanner::on_status(std::size_t index, WallTime at, Now now) {
  PointState& point = points_[index];
  const Reading reading = reading_of(point, now.steady);
  if (reading.quality.validity == Validity::not_read) return;
  if (!desk_.is_news(point.plan->point, reading)) return;
  if (may_clear(reading.quality)) {
    point.fresh = false;
  } else {
    give(point, reading, at);
  }
}

void CanScanner::look_for_silence(Now now) {
  if (now.steady < silence_due_) return;
  silence_due_ = watch_.next_due(now.steady);
  for (Device& device : devices_) {
    if (device.node) silence_due_ = std::min(silence_due_, device.node->next_due(now.steady));
  }
  look_at_all(now);
}

// For what no frame tells: silence, a lost bus, a node that does not live.
void CanScanner::look_at_all(Now now) {
  for (PointState& point : points_) {
    const Reading reading = reading_of(point, now.steady);
    if (reading.quality.validity == Validity::not_read || may_clear(reading.quality)) continue;
    if (desk_.is_news(point.plan->point, reading)) give(point, reading, now.wall);
  }
}

void CanScanner::serve_grid(Device& device, Now now) {
  device.grid.take(now.steady);
  bool all_silent = !device.points.empty();
  for (const std::size_t index : device.points) {
    PointState& point = points_[index];
    const Reading reading = reading_of(point, now.steady);
    const bool silent = reading.quality.validity == Validity::bad_comm;
    all_silent = all_silent && silent;
    if (silent) {
      give(point, reading, now.wall);
    } else if (point.fresh && reading.quality.validity != Validity::not_read) {
      give(point, reading, watch_.reading(point.plan->place, now.steady).arrived);
    }
  }
  look_at_device(device, all_silent, now);
}

// A lost bus is one fault, not one for each device on it.
void CanScanner::look_at_device(Device& device, bool all_silent, Now now) {
  const std::string name = settings_.name + "/" + device.settings->name;
  if (all_silent == device.dead_told || (all_silent && health_.is_deaf())) return;
  device.dead_told = all_silent;
  if (!all_silent) {
    const Duration silent = now.steady - device.silent_since;
    log::info("device_back",
              {{"bus", settings_.name}, {"device", device.settings->name}, {"silent_ms", silent.count()}});
    return desk_.tell(EventKind::bus_restored, now.wall, name + ": is heard again after " + seconds(silent));
  }
  device.silent_since = now.steady;
  const bool node_is_gone = device.node && !device.node->lives(now.steady);
  const CanPlannedPoint& first = *points_[device.points.front()].plan;
  const WantedSignal& wanted = plan_.wanted[first.place];
  const std::string fault = node_is_gone
                                ? device.node->describe_state(now.steady)
                                : "no frame " + to_string(wanted.filter.id) + " (" + wanted.message->name +
                                      ") for " + std::to_string(wanted.silence_max.count()) + " ms";
  log::warn("device_dead", {{"bus", settings_.name}, {"device", device.settings->name}, {"fault", fault}});
  desk_.tell(EventKind::bus_fault, now.wall, name + ": " + fault);
}

// What the node says of itself has changed: its points may be worse at once.
void CanScanner::look_at_node(Device& device, Now now) {
  const auto& emergency = device.node->emergency();
  const auto code = emergency ? std::optional{emergency->code} : std::nullopt;
  const std::string name = settings_.name + "/" + device.settings->name;
  if (emergency && code != device.emergency_told) {
    log::warn("can_emergency",
              {{"bus", settings_.name}, {"device", device.settings->name}, {"fault", describe(*emergency)}});
    desk_.tell(EventKind::bus_fault, now.wall, name + ": " + describe(*emergency));
  } else if (!emergency && device.emergency_told) {
    log::info("can_emergency_over", {{"bus", settings_.name}, {"device", device.settings->name}});
    desk_.tell(EventKind::bus_restored, now.wall, name + ": tells the end of its fault");
  }
  device.emergency_told = code;
  for (const std::size_t index : device.points) on_status(index, now.wall, now);
  silence_due_ = std::min(silence_due_, device.node->next_due(now.steady));
}

Reading CanScanner::reading_of(const PointState& point, SteadyTime now) const {
  const auto& node = devices_[point.device].node;
  if (node && !node->lives(now)) return {.quality = {.validity = Validity::bad_comm}};
  FlagSet flags;
  if (node && node->emergency()) flags.add(QualityFlag::sensor_fault);
  return read_point(*point.plan, watch_, flags, now);
}

void CanScanner::give(PointState& point, const Reading& reading, WallTime at) {
  const bool silent = reading.quality.validity == Validity::bad_comm;
  if (silent && !health_.is_deaf() && desk_.is_news(point.plan->point, reading)) ++silences_;
  point.fresh = false;
  desk_.add(point.plan->point, reading, at);
}

BusCounts CanScanner::counts() const {
  const CanCounters& c = bus_.counters();
  return {.failed_requests = c.error_frames + c.dropped + c.losses + silences_, .missed_rounds = 0};
}

SteadyTime CanScanner::next_due() const {
  SteadyTime due = std::min({silence_due_, look_due_, health_.next_due()});
  for (const Device& device : devices_) due = std::min(due, device.grid.due());
  return due;
}

void CanScanner::log_counters() const {
  const CanCounters& c = bus_.counters();
  log::info("can_counters", {{"bus", settings_.name},
                             {"received", c.received},
                             {"dropped", c.dropped},
                             {"error_frames", c.error_frames},
                             {"bus_offs", c.bus_offs},
                             {"recoveries", c.recoveries},
                             {"losses", c.losses},
                             {"silences", silences_}});
  for (const Device& device : devices_) {
    log::info("can_device_counters",
              {{"bus", settings_.name}, {"device", device.settings->name}, {"values", device.frames}});
  }
}

}  // namespace davy
