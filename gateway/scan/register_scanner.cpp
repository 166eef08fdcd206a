#include "gateway/scan/register_scanner.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "proto/base/assert.hpp"
#include "proto/base/log.hpp"

namespace davy {
namespace {

using std::chrono::microseconds;

// A device that answers some requests and refuses others is logged, not with every round.
constexpr Duration complaint_wait{60'000};
// First rounds follow one another with a little air, for devices that are slower than assumed.
constexpr int air = 10;  // one part in so many

std::string seconds(Duration d) { return std::to_string(d.count() / 1000) + " s"; }

std::uint32_t ticket_of(std::size_t device, std::uint32_t lane, std::uint32_t id) {
  return static_cast<std::uint32_t>(device) << 17U | lane << 16U | id;
}

}  // namespace

RegisterScanner::RegisterScanner(const BusSettings& settings, std::vector<DeviceParts> devices,
                                 RegisterChannel& channel, BatchDesk desk, const Clock& clock,
                                 SteadyTime start)
    : settings_{settings},
      channel_{channel},
      desk_{std::move(desk)},
      clock_{clock},
      devices_{make_devices(settings, std::move(devices), start)},
      has_lock_inputs_{
          std::ranges::any_of(devices_, [](const Device& device) { return !device.lock_inputs.empty(); })},
      pushy_probe_from_{start},
      fast_lane_{settings.fast_period, devices_.size(), ordinary_load()} {
  Duration shortest{Duration::max()};
  microseconds all{0};
  for (const Device& device : devices_) {
    shortest = std::min(shortest, device.settings->period);
    all += device.lanes[all_points].round->typical_cost() * (air + 1) / air;
  }
  microseconds phase{0};
  for (std::size_t i = 0; i < devices_.size(); ++i) {
    Device& device = devices_[i];
    const Duration spread =
        device.settings->period * static_cast<std::int64_t>(i) / static_cast<std::int64_t>(devices_.size());
    const SteadyTime first = start + (all <= shortest ? std::chrono::ceil<Duration>(phase) : spread);
    phase += device.lanes[all_points].round->typical_cost() * (air + 1) / air;
    device.lanes[all_points].grid = {first, device.settings->period};
    update_fast_lane(device, first);
  }
}

std::vector<RegisterScanner::Device> RegisterScanner::make_devices(const BusSettings& settings,
                                                                   std::vector<DeviceParts> parts,
                                                                   SteadyTime start) {
  DAVY_ASSERT(parts.size() == settings.devices.size());
  std::vector<Device> out;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const DeviceSettings& device = settings.devices[i];
    std::vector<std::uint32_t> points(device.points.size());
    std::iota(points.begin(), points.end(), 0U);
    auto round = parts[i].device->make_whole_round();
    out.push_back({.settings = &device,
                   .model = std::move(parts[i].device),
                   .lock_inputs = std::move(parts[i].lock_inputs),
                   .lanes = {Rounds{std::move(round), std::move(points), {start, device.period}},
                             Rounds{nullptr, {}, {start, std::min(device.period, settings.fast_period)}}},
                   .silent_since = start,
                   .next_complaint = start});
    if (device.is_tag_reader) out.back().tags.emplace(settings, device);
  }
  return out;
}

double RegisterScanner::ordinary_load() const {
  double out = 0;
  for (const Device& device : devices_) {
    const auto cost = static_cast<double>(device.lanes[all_points].round->typical_cost().count());
    out += cost / (1000.0 * static_cast<double>(device.settings->period.count()));
  }
  return out;
}

SteadyTime RegisterScanner::step(Now now) {
  for (Device& device : devices_) {
    ScanGrid& grid = device.lanes[all_points].grid;
    if (device.lanes[all_points].running || !grid.is_due(now.steady)) continue;
    if (device.breaker.dead()) report_dead(device, now);
    if (is_covered(device)) grid.take(now.steady);
  }
  while (channel_.room() > 0 && ask_next(now)) {}
  channel_.step(now.steady, *this);
  // A reader of tags may have nothing to tell for hours: that it was asked is told all the same.
  if (std::exchange(heard_, false)) {
    desk_.hand_over_in_any_case(now, bus_counts());
  } else {
    desk_.hand_over(now, bus_counts());
  }
  return std::min(channel_.next_due(), next_due(now.steady));
}

// All that it tells is read in the fast lane already.
bool RegisterScanner::is_covered(const Device& device) const {
  return !device.breaker.dead() && !device.tags &&
         device.lanes[fast].points.size() == device.settings->points.size();
}

// Nothing is asked between the moment a read of the fast lane is due and its turn.
bool RegisterScanner::ask_next(Now now) {
  const Choice choice = choose(now);
  if (choice.device == nullptr) return false;
  if (!choice.device->lanes[choice.lane].running) begin_round(choice, now);
  if (choice.device->lanes[choice.lane].pending) ask(choice);
  return true;
}

RegisterScanner::Choice RegisterScanner::choose(Now now) {
  for (const Lane lane : {fast, all_points}) {
    if (const Choice running = running_in(lane); running.device != nullptr) return running;
    if (const Choice due = due_in(lane, now.steady); due.device != nullptr) return due;
  }
  return {};
}

RegisterScanner::Choice RegisterScanner::running_in(Lane lane) {
  for (Device& device : devices_) {
    Rounds& rounds = device.lanes[lane];
    if (!rounds.running) continue;
    if (!rounds.pending) rounds.pending = rounds.round->next();
    if (rounds.pending) return {&device, lane};
  }
  return {};
}

void RegisterScanner::begin_round(Choice choice, Now now) {
  Device& device = *choice.device;
  Rounds& rounds = device.lanes[choice.lane];
  rounds.running = true;
  rounds.probing = device.breaker.dead();
  if (rounds.probing) {
    rounds.probe_timeout = probe_time(device, now.steady);
    if (next_living_due() < now.steady + rounds.probe_timeout)
      pushy_probe_from_ = now.steady + (1 + pushy_probe_rest) * rounds.probe_timeout;
  }
  rounds.began = now.steady;
  if (!rounds.probing) rounds.grid.take(now.steady);
  rounds.round->begin();
  rounds.pending = rounds.round->next();
  if (!rounds.pending) end_round(device, choice.lane, now);  // nothing to ask
}

void RegisterScanner::ask(Choice choice) {
  Device& device = *choice.device;
  Rounds& rounds = device.lanes[choice.lane];
  RoundRequest asked = *std::exchange(rounds.pending, std::nullopt);
  // A write has all the time that is configured: nobody would know whether it was done.
  if (auto* read = std::get_if<RegisterRead>(&asked.what)) {
    read->late_within = read->reply_timeout;
    read->reply_timeout = rounds.probing ? rounds.probe_timeout : reply_timeout(device);
  }
  rounds.under_way += 1;
  const auto index = static_cast<std::size_t>(&device - devices_.data());
  channel_.ask(ticket_of(index, choice.lane, asked.id), asked.what);
}

void RegisterScanner::on_reply(std::uint32_t ticket, const BusReply& reply,
                               std::span<const std::uint16_t> registers) {
  Device& device = devices_[ticket >> 17U];
  const Lane lane = (ticket >> 16U & 1U) != 0 ? fast : all_points;
  Rounds& rounds = device.lanes[lane];
  DAVY_ASSERT(rounds.running && rounds.under_way > 0);
  rounds.under_way -= 1;
  device.counters.requests += 1;
  if (reply.ok()) {
    if (reply.turnaround > microseconds{0}) device.times.add(reply.turnaround);
  } else {
    device.counters.failed[static_cast<std::size_t>(reply.fault)] += 1;
    failed_requests_ += 1;
  }
  const Now now = read(clock_);
  rounds.round->on_reply(ticket & 0xFFFFU, reply, registers, now.wall);
  if (!rounds.pending) rounds.pending = rounds.round->next();
  if (!rounds.pending && rounds.under_way == 0) end_round(device, lane, now);
}

void RegisterScanner::end_round(Device& device, Lane lane, Now now) {
  Rounds& rounds = device.lanes[lane];
  rounds.running = false;
  heard_ = true;
  rounds.round->finish(result_, now.wall);
  device.counters.rounds += 1;
  const bool silent = result_.report.requests > 0 && !result_.report.answered();
  if (silent) {
    on_silence(device, result_.report, rounds.began, now);
  } else {
    on_answer(device, result_.report, now);
  }
  // A probe that found nobody says nothing new.
  if (!rounds.probing || !silent) {
    for (std::size_t i = 0; i < rounds.points.size(); ++i) {
      if (lane == all_points && is_in_fast_lane(device, rounds.points[i])) continue;
      const PointReading& reading = result_.readings[i];
      desk_.add(device.settings->points[rounds.points[i]].index, reading.reading, reading.at);
    }
  }
  if (device.tags) device.tags->take(result_.tags, now, desk_);
  update_fast_lane(device, now.steady);
}

void RegisterScanner::report_dead(Device& device, Now now) {
  device.lanes[all_points].grid.take(now.steady);
  heard_ = true;
  const Reading silent{.quality = {.validity = Validity::bad_comm}};
  for (const PointSetting& point : device.settings->points) desk_.add(point.index, silent, now.wall);
}

void RegisterScanner::on_answer(Device& device, const DeviceReport& report, Now now) {
  device.breaker.on_answer();
  if (device.times.is_known()) device.model->set_turnaround(device.times.typical());
  if (port_lost_) tell_port(false, {}, now);
  if (device.fault_told) {
    device.fault_told = false;
    const Duration silent = now.steady - device.silent_since;
    log::info("device_back",
              {{"bus", settings_.name}, {"device", device.settings->name}, {"silent_ms", silent.count()}});
    desk_.tell(EventKind::bus_restored, now.wall,
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

void RegisterScanner::on_silence(Device& device, const DeviceReport& report, SteadyTime began, Now now) {
  if (!device.breaker.silent()) device.silent_since = began;
  device.breaker.on_silence(began);
  if (report.last_fault == BusFault::timeout) device.times.on_silence();
  device.last_fault = report.last_fault;
  if (!device.breaker.dead()) return;
  // A lost port is one fault, not one for each device behind it.
  const bool port_lost = report.last_fault == BusFault::port_lost;
  if (port_lost != port_lost_) tell_port(port_lost, report.message, now);
  if (port_lost || device.fault_told) return;
  device.fault_told = true;
  log::warn("device_dead",
            {{"bus", settings_.name}, {"device", device.settings->name}, {"fault", report.message}});
  desk_.tell(EventKind::bus_fault, now.wall,
             settings_.name + "/" + device.settings->name + ": " + report.message);
}

void RegisterScanner::tell_port(bool lost, const std::string& message, Now now) {
  port_lost_ = lost;
  if (lost) {
    log::error("bus_lost", {{"bus", settings_.name}, {"fault", message}});
    desk_.tell(EventKind::bus_fault, now.wall, settings_.name + ": " + message);
    return;
  }
  log::info("bus_back", {{"bus", settings_.name}});
  desk_.tell(EventKind::bus_restored, now.wall, settings_.name + ": the port works again");
  // The others are silent because of the port: no reason to wait out their probes.
  for (Device& device : devices_) {
    if (device.breaker.dead() && device.last_fault == BusFault::port_lost)
      device.breaker.probe_at(now.steady - probe_patience);
  }
}

// Its newest reading came by the fast lane: what a long round has read in between is older.
bool RegisterScanner::is_in_fast_lane(const Device& device, std::uint32_t point) {
  return std::ranges::binary_search(device.lanes[fast].points, point);
}

// Which of the device's points are in the fast lane from now on. Not in the middle of a round.
void RegisterScanner::update_fast_lane(Device& device, SteadyTime now) {
  Rounds& lane = device.lanes[fast];
  if (lane.running || device.lanes[all_points].running) return;
  std::vector<std::uint32_t> points = device.lock_inputs;
  bool beyond = false;
  for (std::uint32_t i = 0; i < device.settings->points.size(); ++i) {
    const auto nearness = desk_.nearness(device.settings->points[i].index);
    if (nearness == BatchDesk::Nearness::far || device.settings->period <= fast_lane_.period()) continue;
    beyond = beyond || nearness == BatchDesk::Nearness::beyond;
    points.push_back(i);
  }
  std::ranges::sort(points);
  points.erase(std::ranges::unique(points).begin(), points.end());
  if (points == lane.points) return;
  const auto index = static_cast<std::size_t>(&device - devices_.data());
  auto round = points.empty() ? nullptr : device.model->make_round(points);
  microseconds cost = round ? round->typical_cost() : microseconds{0};
  if (round && points.size() > device.lock_inputs.size() && !fast_lane_.has_room(index, cost, beyond)) {
    if (lane.points == device.lock_inputs) return;
    points = device.lock_inputs;
    round = points.empty() ? nullptr : device.model->make_round(points);
    cost = round ? round->typical_cost() : microseconds{0};
  }
  fast_lane_.take(index, cost);
  if (!lane.round && round) lane.grid = {now, std::min(device.settings->period, fast_lane_.period())};
  lane.round = std::move(round);
  lane.points = std::move(points);
}

BusCounts RegisterScanner::bus_counts() const {
  BusCounts out{.failed_requests = failed_requests_, .missed_rounds = 0};
  for (const Device& device : devices_) out.missed_rounds += device.lanes[all_points].grid.missed();
  return out;
}

DeviceCounters RegisterScanner::counters(std::size_t device) const {
  DeviceCounters out = devices_[device].counters;
  out.missed_rounds = devices_[device].lanes[all_points].grid.missed();
  return out;
}

void RegisterScanner::log_counters() const {
  for (std::size_t i = 0; i < devices_.size(); ++i) {
    const DeviceCounters c = counters(i);
    const auto failed = [&](BusFault fault) { return c.failed[static_cast<std::size_t>(fault)]; };
    log::info("device_counters", {{"bus", settings_.name},
                                  {"device", devices_[i].settings->name},
                                  {"rounds", c.rounds},
                                  {"requests", c.requests},
                                  {"missed_rounds", c.missed_rounds},
                                  {"typical_us", devices_[i].times.typical().count()},
                                  {"longest_us", devices_[i].times.longest().count()},
                                  {"timeout", failed(BusFault::timeout)},
                                  {"crc", failed(BusFault::crc)},
                                  {"wrong_unit", failed(BusFault::wrong_unit)},
                                  {"short_frame", failed(BusFault::short_frame)},
                                  {"exception", failed(BusFault::exception)},
                                  {"malformed", failed(BusFault::malformed)},
                                  {"port_lost", failed(BusFault::port_lost)}});
    if (devices_[i].tags) devices_[i].tags->log_counters();
  }
}

}  // namespace davy
