#include "gateway/scan/bus_scanner.hpp"

#include <algorithm>
#include <utility>

#include "proto/base/assert.hpp"
#include "proto/base/log.hpp"

namespace davy {
namespace {

// A probe of a dead device lets living ones that are due go first, but not for longer than this.
constexpr Duration probe_patience{500};
// A device that answers some requests and refuses others is logged, not with every round.
constexpr Duration complaint_wait{60'000};
// Events that wait for a full inbox. There is one for each change, so this many mean something is badly
// wrong.
constexpr std::size_t waiting_events_max = 64;

std::string seconds(Duration d) { return std::to_string(d.count() / 1000) + " s"; }

}  // namespace

BusScanner::BusScanner(std::uint32_t bus, const BusSettings& settings, std::span<const Point> points,
                       std::vector<std::unique_ptr<SensorDriver>> drivers, const Clock& clock,
                       BatchInbox& sink, SteadyTime start)
    : bus_{bus}, settings_{settings}, points_{points}, clock_{clock}, sink_{sink} {
  DAVY_ASSERT(drivers.size() == settings.devices.size());
  const auto count = static_cast<std::int64_t>(drivers.size());
  std::size_t points_max_of_a_device = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    const DeviceSettings& device = settings.devices[static_cast<std::size_t>(i)];
    const SteadyTime first = start + device.period * i / count;
    devices_.push_back({.settings = &device,
                        .driver = std::move(drivers[static_cast<std::size_t>(i)]),
                        .schedule = {first, device.period},
                        .limits = std::vector<LimitMemory>(device.points.size()),
                        .counters = {},
                        .silent_since = start,
                        .next_complaint = start});
    points_max_of_a_device = std::max(points_max_of_a_device, device.points.size());
  }
  readings_.reserve(points_max_of_a_device);
}

SteadyTime BusScanner::step(Now now) {
  Device* const chosen = next_to_read(now.steady);
  for (Device& device : devices_) {
    if (&device != chosen && device.schedule.dead() && device.schedule.round_due(now.steady))
      report_dead(device, now);
  }
  if (chosen != nullptr) read_device(*chosen, now);
  hand_over(now);
  return next_due();
}

// The one that has waited longest.
BusScanner::Device* BusScanner::next_to_read(SteadyTime now) {
  Device* chosen = nullptr;
  SteadyTime earliest = never;
  for (Device& device : devices_) {
    const SteadyTime due = device.schedule.read_due();
    if (due > now) continue;
    const SteadyTime rank = device.schedule.dead() ? due + probe_patience : due;
    if (rank < earliest) {
      earliest = rank;
      chosen = &device;
    }
  }
  return chosen;
}

void BusScanner::read_device(Device& device, Now now) {
  const bool on_round = device.schedule.round_due(now.steady);
  if (on_round) device.schedule.take_round(now.steady);
  readings_.assign(device.settings->points.size(), Reading{});
  const DeviceReport report = device.driver->read(readings_);
  const WallTime replied_at = clock_.wall();

  device.counters.reads += 1;
  device.counters.requests += report.requests;
  device.counters.failed[static_cast<std::size_t>(report.last_fault)] += report.failed;
  failed_requests_ += report.failed;
  const bool silent = report.requests > 0 && !report.answered();
  if (silent) {
    on_silence(device, report, now);
  } else {
    on_answer(device, report, now);
  }
  // A probe between two rounds that found nobody says nothing new.
  if (on_round || !silent) add_samples(device, replied_at);
}

void BusScanner::report_dead(Device& device, Now now) {
  device.schedule.take_round(now.steady);
  readings_.assign(device.settings->points.size(), Reading{.quality = {.validity = Validity::bad_comm}});
  add_samples(device, now.wall);
}

void BusScanner::add_samples(Device& device, WallTime at) {
  for (std::size_t i = 0; i < readings_.size(); ++i) {
    const std::uint32_t index = device.settings->points[i].index;
    const Point& point = points_[index];
    Reading reading = within_range(point, readings_[i]);
    device.limits[i] = judge(point.limits, device.limits[i], reading);
    reading.quality.limit = worst(point.limits, device.limits[i]);
    samples_.push_back({PointIndex{index}, reading.value, reading.quality, at});
  }
}

void BusScanner::on_answer(Device& device, const DeviceReport& report, Now now) {
  device.schedule.on_answer();
  if (port_lost_) tell_port(false, {}, now);
  if (device.fault_told) {
    device.fault_told = false;
    const Duration silent = now.steady - device.silent_since;
    log::info("device_back",
              {{"bus", settings_.name}, {"device", device.settings->name}, {"silent_ms", silent.count()}});
    tell(EventKind::bus_restored, now.wall,
         settings_.name + "/" + device.settings->name + ": answers again after " + seconds(silent));
  }
  if (report.failed == 0 || now.steady < device.next_complaint) return;
  device.next_complaint = now.steady + complaint_wait;
  log::warn("device_partial", {{"bus", settings_.name},
                               {"device", device.settings->name},
                               {"failed", report.failed},
                               {"requests", report.requests},
                               {"fault", report.message}});
}

void BusScanner::on_silence(Device& device, const DeviceReport& report, Now now) {
  if (!device.schedule.silent()) device.silent_since = now.steady;
  device.schedule.on_silence(now.steady);
  device.last_fault = report.last_fault;
  if (!device.schedule.dead()) return;
  // A lost port is one fault, not one for each device behind it.
  const bool port_lost = report.last_fault == BusFault::port_lost;
  if (port_lost != port_lost_) tell_port(port_lost, report.message, now);
  if (port_lost || device.fault_told) return;
  device.fault_told = true;
  log::warn("device_dead",
            {{"bus", settings_.name}, {"device", device.settings->name}, {"fault", report.message}});
  tell(EventKind::bus_fault, now.wall, settings_.name + "/" + device.settings->name + ": " + report.message);
}

void BusScanner::tell_port(bool lost, const std::string& message, Now now) {
  port_lost_ = lost;
  if (lost) {
    log::error("bus_lost", {{"bus", settings_.name}, {"fault", message}});
    tell(EventKind::bus_fault, now.wall, settings_.name + ": " + message);
    return;
  }
  log::info("bus_back", {{"bus", settings_.name}});
  tell(EventKind::bus_restored, now.wall, settings_.name + ": the port works again");
  // The others are silent because of the port: no reason to wait out their probes.
  for (Device& device : devices_) {
    if (device.schedule.dead() && device.last_fault == BusFault::port_lost)
      device.schedule.probe_at(now.steady);
  }
}

void BusScanner::tell(EventKind kind, WallTime at, std::string text) {
  if (events_.size() >= waiting_events_max) {
    lost_events_ += 1;
    return;
  }
  events_.push_back({.kind = kind, .at = at, .text = std::move(text)});
}

void BusScanner::hand_over(Now now) {
  if (samples_.empty() && events_.empty()) return;
  if (tap_ != nullptr) tap_->on_samples(samples_, clock_.steady());
  BusBatch batch{
      .bus = bus_, .failed_requests = failed_requests_, .missed_rounds = 0, .samples = {}, .events = events_};
  for (const Device& device : devices_) batch.missed_rounds += device.schedule.missed_rounds();
  const std::uint64_t lost = lost_samples_ + lost_events_;
  if (lost > 0) {
    batch.events.push_back({.kind = EventKind::input_lost,
                            .at = now.wall,
                            .first = lost,
                            .text = settings_.name + ": the gateway was too busy to take the readings"});
  }
  const std::size_t count = samples_.size();
  batch.samples = std::exchange(samples_, {});
  samples_.reserve(count);
  if (sink_.push(std::move(batch))) {
    events_.clear();
    lost_samples_ = lost_events_ = 0;
    return;
  }
  if (lost == 0) log::error("inbox_full", {{"bus", settings_.name}});
  lost_samples_ += count;
}

SteadyTime BusScanner::next_due() const {
  SteadyTime due = never;
  for (const Device& device : devices_) due = std::min(due, device.schedule.next_due());
  return due;
}

DeviceCounters BusScanner::counters(std::size_t device) const {
  DeviceCounters out = devices_[device].counters;
  out.missed_rounds = devices_[device].schedule.missed_rounds();
  return out;
}

}  // namespace davy
