#include "tests/sim/sim_gateway.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "drivers/api/blocking_channel.hpp"
#include "drivers/modbus/modbus_device.hpp"
#include "gateway/scan/register_scanner.hpp"
#include "gateway/spool/sqlite_spool.hpp"
#include "proto/wire/block_codec.hpp"

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
  return config;
}

}  // namespace

struct SimGateway::Life {
  Life(SqliteSpool::Opened opened, SpoolRecord& record, FakeBroker& broker, RegisterBus& bus)
      : inner{std::move(opened.spool)}, spool{*inner, record}, inbox{inbox_max}, link{broker}, channel{bus} {}

  std::unique_ptr<SqliteSpool> inner;
  RecordingSpool spool;
  BatchInbox inbox;
  FakeLink link;
  BlockingChannel channel;
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
      bus_{clock_} {
  for (std::size_t i = 0; i < config_.points.size(); ++i) {
    truth_.emplace_back(config_.points[i].name, seed * 1000 + i, clock_.steady(), length);
  }
  for (std::uint8_t unit = 1; unit <= units; ++unit) {
    bus_.serve(unit, [this, unit](const RegisterRead& request, SteadyTime now, std::span<std::uint16_t> out) {
      for (std::uint16_t i = 0; i < request.count; ++i) {
        const auto point = static_cast<std::size_t>((unit - 1) * signals_per_unit + request.address + i);
        out[i] = static_cast<std::uint16_t>(std::lround(truth_[point].value_at(now) * 100));
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
  auto life = std::make_unique<Life>(std::move(*opened), record_, broker_, bus_);
  auto edge =
      Edge::create(config_, life->spool, life->inbox, life->link, {random_(), "sim", replaced}, now());
  if (!edge) return;
  life->edge = std::move(*edge);
  std::vector<RegisterScanner::DeviceParts> devices;
  for (const DeviceSettings& device : config_.buses[0].devices) {
    devices.push_back({std::make_unique<ModbusDevice>(config_.buses[0], device, config_.profiles[0]), {}});
  }
  life->scanner = std::make_unique<RegisterScanner>(
      config_.buses[0], std::move(devices), life->channel,
      BatchDesk{0U, config_.buses[0], config_.points, clock_, life->inbox}, clock_, clock_.steady());
  life->scan_due = clock_.steady();
  life_ = std::move(life);
}

void SimGateway::power_loss() {
  disk_.power_loss();
  disk_.power_loss_at(0);  // it went before the planned moment came
  life_.reset();
}

void SimGateway::step() {
  if (!life_) return;
  while (life_->scan_due <= clock_.steady()) life_->scan_due = life_->scanner->step(now());
  life_->edge->step(now());
}

SteadyTime SimGateway::next_due() const {
  return life_ ? std::min(life_->scan_due, life_->edge->next_due()) : never;
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
