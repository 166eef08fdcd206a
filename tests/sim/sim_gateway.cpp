#include "tests/sim/sim_gateway.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "drivers/api/blocking_channel.hpp"
#include "drivers/modbus/modbus_device.hpp"
#include "gateway/scan/register_scanner.hpp"
#include "gateway/spool/sqlite_spool.hpp"
#include "proto/wire/block_codec.hpp"
#include "tests/sim/sim_locks.hpp"

namespace davy::sim {
namespace {

constexpr std::uint16_t signals_per_unit = 2;
constexpr std::size_t inbox_max = 1000;

DeviceProfile head_profile() {
  DeviceProfile profile{
      .name = "head", .maker = "simulation", .model = "two heads", .sources = {"tests/sim"}};
  for (std::uint16_t i = 0; i < signals_per_unit; ++i) {
    profile.signals.push_back({.name = "ch4-" + std::to_string(i),
                               .table = RegisterTable::holding,
                               .address = i,
                               .encoding = Encoding::u16,
                               .scale = 0.01,
                               .quantity = "CH4",
                               .unit = "%CH4",
                               .range_low = 0,
                               .range_high = 10});
  }
  return profile;
}

constexpr std::uint16_t relay_address = 0;

// One area that any of the points cuts, by a relay behind the same bus: energised, it feeds.
InterlockSettings locks_of(const GatewayConfig& config, Duration period) {
  InterlockSettings locks;
  locks.settle = std::max(Duration{10'000}, period);
  locks.areas = {{.name = "face"}};
  locks.outputs = {{.name = "cutter",
                    .read_back_within = std::max(Duration{2000}, period),
                    .port = ModbusOutputSettings{.unit = SimGateway::relay_unit,
                                                 .table = RegisterTable::holding,
                                                 .address = relay_address,
                                                 .read_back_table = RegisterTable::holding,
                                                 .read_back_address = relay_address},
                    .feeds = {}}};
  LockSettings gas{.name = "gas", .row = LockRow::cut, .inputs = {}, .outputs = {0}};
  for (std::uint32_t i = 0; i < config.points.size(); ++i)
    gas.inputs.push_back({.point = i, .trip_at = TruePoint::limit, .release_at = TruePoint::clear_at});
  locks.locks = {std::move(gas),
                 {.name = "devices", .row = LockRow::device_fault, .inputs = {}, .outputs = {0}}};
  return locks;
}

GatewayConfig config_of(const std::string& name, Duration period) {
  GatewayConfig config;
  config.mine = "sim";
  config.gateway = name;
  config.spool = {.path = "/" + name + "/spool.db", .bytes_max = 64 * 1024 * 1024, .days_max = 30};
  config.uplink = UplinkSettings{.host = "broker", .ack_wait = Duration{10'000}};
  config.profiles = {head_profile()};
  BusSettings bus{.name = "bus", .endpoint = TcpSettings{.host = "sim"}};
  for (std::uint8_t unit = 1; unit <= SimGateway::units; ++unit) {
    DeviceSettings device{.name = "unit" + std::to_string(unit), .unit = unit, .period = period};
    for (std::uint32_t signal = 0; signal < signals_per_unit; ++signal) {
      device.points.push_back({static_cast<std::uint32_t>(config.points.size()), signal});
      config.points.push_back(
          {.name = name + "-T" + std::to_string(config.points.size()),
           .title = "甲烷",
           .place = "工作面",
           .quantity = "CH4",
           .unit = "%CH4",
           .range_low = 0,
           .range_high = 10,
           .period = period,
           .stale_after = 3 * period,
           .limits = {{.at = TruePoint::limit, .clear_at = TruePoint::clear_at, .priority = 1}},
           .device = "bus/unit" + std::to_string(unit)});
    }
    bus.devices.push_back(std::move(device));
  }
  config.buses = {std::move(bus)};
  config.interlock = locks_of(config, period);
  return config;
}

}  // namespace

struct SimGateway::Life {
  Life(SqliteSpool::Opened opened, SpoolRecord& record, FakeBroker& broker, RegisterBus& bus,
       const GatewayConfig& config, Now now)
      : inner{std::move(opened.spool)},
        spool{*inner, record},
        inbox{inbox_max},
        link{broker},
        channel{bus},
        locks{config, bus, inbox, now} {}

  std::unique_ptr<SqliteSpool> inner;
  RecordingSpool spool;
  BatchInbox inbox;
  FakeLink link;
  BlockingChannel channel;
  SimLocks locks;
  std::unique_ptr<Edge> edge;
  std::unique_ptr<RegisterScanner> scanner;
  SteadyTime scan_due;
};

SimGateway::SimGateway(std::string name, FakeBroker& broker, std::uint64_t seed, Duration length,
                       Duration period)
    : name_{std::move(name)},
      broker_{broker},
      random_{seed},
      disk_{"gateway-" + std::to_string(seed), seed},
      config_{config_of(name_, period)},
      bus_{clock_},
      witness_{name_,
               {.poll = period,
                .stale_after = config_.points[0].stale_after,
                .settle = config_.interlock->settle,
                .read_back_within = config_.interlock->outputs[0].read_back_within},
               config_.points.size()} {
  bus_.set(relay_unit, RegisterTable::holding, relay_address, 0);
  for (std::size_t i = 0; i < config_.points.size(); ++i) {
    truth_.emplace_back(config_.points[i].name, seed * 1000 + i, clock_.steady(), length);
  }
  for (std::uint8_t unit = 1; unit <= units; ++unit) {
    bus_.serve(unit, [this, unit](const RegisterRead& request, SteadyTime now, std::span<std::uint16_t> out) {
      for (std::uint16_t i = 0; i < request.count; ++i) {
        const auto point = static_cast<std::size_t>((unit - 1) * signals_per_unit + request.address + i);
        const double value = truth_[point].value_at(now);
        out[i] = static_cast<std::uint16_t>(std::lround(value * 100));
        witness_.on_reading(point, value, now);
      }
      return BusReply{};
    });
  }
}

SimGateway::~SimGateway() = default;

void SimGateway::start() {
  if (life_) return;
  const SpoolOptions options{.path = config_.spool.path,
                             .gateway = name_,
                             .bytes_max = config_.spool.bytes_max,
                             .days_max = config_.spool.days_max,
                             .vfs = disk_.vfs(),
                             .new_stream = [this] {
                               Uuid out{};
                               for (auto& byte : out) byte = static_cast<std::uint8_t>(random_());
                               return out;
                             }};
  auto opened = SqliteSpool::open(options, clock_.wall());
  if (!opened) return;
  const auto replaced = opened->replaced;
  auto life = std::make_unique<Life>(std::move(*opened), record_, broker_, bus_, config_, now());
  auto edge =
      Edge::create(config_, life->spool, life->inbox, life->link, {random_(), "sim", replaced}, now());
  if (!edge) return;
  life->edge = std::move(*edge);
  std::vector<RegisterScanner::DeviceParts> devices;
  for (const DeviceSettings& device : config_.buses[0].devices) {
    devices.push_back({std::make_unique<ModbusDevice>(config_.buses[0], device, config_.profiles[0]), {}});
  }
  BatchDesk desk{0U, config_.buses[0], config_.points, clock_, life->inbox};
  desk.set_tap(life->locks.tap());
  life->scanner = std::make_unique<RegisterScanner>(config_.buses[0], std::move(devices), life->channel,
                                                    std::move(desk), clock_, clock_.steady());
  life->scan_due = clock_.steady();
  life_ = std::move(life);
  witness_.on_start(clock_.steady());
}

void SimGateway::power_loss() {
  disk_.power_loss();
  disk_.power_loss_at(0);  // it went before the planned moment came
  life_.reset();
}

void SimGateway::step() {
  if (life_) {
    while (life_->scan_due <= clock_.steady()) life_->scan_due = life_->scanner->step(now());
    life_->locks.step(now());
    life_->edge->step(now());
  }
  watch_power();
}

void SimGateway::watch_power() {
  const bool on = bus_.held(relay_unit, RegisterTable::holding, relay_address) == 1;
  witness_.look(truth_,
                {.alive = running(),
                 .on = on,
                 .cuts = !running() || life_->locks.cuts(),
                 .output_faulty = running() && life_->locks.output_faulty(),
                 .relay_well = !relay_stuck_ && !relay_broken_ && !bus_broken_},
                clock_.steady());
  bus_.writes().clear();
}

void SimGateway::stick_relay(bool yes) {
  relay_stuck_ = yes;
  bus_.stick(relay_unit, RegisterTable::holding, relay_address, yes);
}

void SimGateway::break_unit(std::uint8_t unit, BusFault fault) {
  if (unit == relay_unit) relay_broken_ = true;
  bus_.fail(unit, fault);
}

void SimGateway::mend_unit(std::uint8_t unit) {
  if (unit == relay_unit) relay_broken_ = false;
  bus_.heal(unit);
}

void SimGateway::break_bus(BusFault fault) {
  bus_broken_ = true;
  bus_.fail_all(fault);
}

void SimGateway::mend_bus() {
  bus_broken_ = relay_broken_ = false;
  bus_.heal_all();
}

SteadyTime SimGateway::next_due() const {
  return life_ ? std::min({life_->scan_due, life_->locks.next_due(), life_->edge->next_due()}) : never;
}

bool SimGateway::spool_empty() const { return life_ && life_->spool.state().blocks == 0; }

void SimGateway::touch_clock(WallTime to) {
  clock_touched_ = true;
  clock_.set_wall(to);
}

std::vector<Hazard> SimGateway::measured_hazards(std::size_t point) const {
  std::vector<Hazard> out;
  BlockDecoder decoder;
  for (const auto& [key, envelope] : record_.kept) {
    if (record_.dropped.contains(key)) continue;
    const auto block = decoder.decode(envelope);
    if (!block) continue;
    for (const Sample& sample : block->samples) {
      if (static_cast<std::size_t>(sample.point) != point || sample.quality.validity != Validity::good)
        continue;
      if (sample.value < TruePoint::limit) continue;
      const SteadyTime t = block->header.opened_steady + (sample.source_time - block->header.opened_at);
      const auto& hazards = truth_[point].hazards();
      const auto hazard =
          std::ranges::find_if(hazards, [t](const Hazard& h) { return h.from <= t && t < h.to; });
      if (hazard == hazards.end()) continue;
      const bool known = std::ranges::any_of(out, [&](const Hazard& h) { return h.from == hazard->from; });
      if (!known) out.push_back(*hazard);
    }
  }
  return out;
}

}  // namespace davy::sim
