#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "drivers/api/blocking_channel.hpp"
#include "drivers/modbus/modbus_device.hpp"
#include "drivers/simulated/simulated_bus.hpp"
#include "gateway/edge/edge.hpp"
#include "gateway/scan/register_scanner.hpp"
#include "gateway/spool/memory_spool.hpp"
#include "proto/base/manual_clock.hpp"
#include "proto/link/fake_broker.hpp"
#include "proto/wire/block_codec.hpp"
#include "proto/wire/topics.hpp"

// One gateway in simulated time: simulated sensors, scanner, edge, a spool in memory and a broker in memory.
namespace davy::test {

inline constexpr Uuid bench_stream{4, 2};

inline GatewayConfig bench_config(std::uint32_t devices = 2) {
  GatewayConfig out{
      .mine = "M1", .gateway = "G-12", .uplink = UplinkSettings{.host = "broker", .port = 1883}};
  out.profiles.push_back({.name = "head",
                          .signals = {{.name = "ch4",
                                       .table = RegisterTable::holding,
                                       .address = 0,
                                       .encoding = Encoding::u16,
                                       .scale = 0.01}}});
  BusSettings bus{.name = "rs485-1", .endpoint = TcpSettings{"127.0.0.1", 502}};
  for (std::uint32_t i = 0; i < devices; ++i) {
    bus.devices.push_back({.name = "d" + std::to_string(i),
                           .unit = static_cast<std::uint8_t>(i + 1),
                           .points = {{.index = i, .signal = 0}}});
    out.points.push_back({.name = "P" + std::to_string(i),
                          .quantity = "CH4",
                          .unit = "%CH4",
                          .range_low = 0,
                          .range_high = 10,
                          .limits = {{.side = Side::high, .at = 1.0, .clear_at = 1.0}}});
  }
  out.buses.push_back(std::move(bus));
  return out;
}

class EdgeBench {
 public:
  explicit EdgeBench(GatewayConfig c = bench_config()) : config{std::move(c)} {
    for (const DeviceSettings& device : config.buses[0].devices) set(device.unit, 0.5);
    start();
  }

  // The program starts, or starts again after power_cut() or stop(). The spool, broker and sensors stay.
  void start() {
    inbox = std::make_unique<BatchInbox>(1000);
    link = std::make_unique<FakeLink>(broker);
    auto made = Edge::create(config, *spool_now, *inbox, *link, {++boot, "1.2.3", replaced}, read(clock));
    edge = std::move(*made);
    const BusSettings& settings = config.buses[0];
    std::vector<RegisterScanner::DeviceParts> devices;
    for (const DeviceSettings& device : settings.devices)
      devices.push_back({std::make_unique<ModbusDevice>(settings, device, config.profiles[0]), {}});
    scanner = std::make_unique<RegisterScanner>(settings, std::move(devices), channel,
                                                BatchDesk{0U, settings, config.points, clock, *inbox}, clock,
                                                clock.steady());
    scan_due = clock.steady();
  }
  void power_cut() {
    scanner.reset();
    edge.reset();
    link.reset();
  }
  void stop(const std::string& reason) {
    scanner.reset();
    edge->stop(read(clock), reason);
    const SteadyTime end = clock.steady() + Duration{2000};
    while (!edge->is_stopped() && clock.steady() < end) advance(end);
  }

  void run_for(Duration length) {
    const SteadyTime end = clock.steady() + length;
    while (clock.steady() < end) advance(end);
  }

  void set(std::uint8_t unit, double ch4) { bus.set_signal(unit, config.profiles[0].signals[0], ch4); }

  // Everything in the spool, decoded.
  std::vector<Block> stored() {
    std::vector<Block> out;
    BlockDecoder decoder;
    const auto blocks = spool_now->read({1, UINT64_MAX}, SIZE_MAX);
    for (const StoredBlock& block : *blocks) out.push_back(*decoder.decode(block.envelope));
    return out;
  }
  std::vector<Event> stored_events() {
    std::vector<Event> out;
    for (const Block& block : stored()) out.insert(out.end(), block.events.begin(), block.events.end());
    return out;
  }
  std::size_t count(EventKind kind) {
    return static_cast<std::size_t>(std::ranges::count(stored_events(), kind, &Event::kind));
  }
  std::size_t published(TopicKind kind) {
    const std::string name = topic(config.mine, config.gateway, kind);
    return static_cast<std::size_t>(std::ranges::count(broker.log, name, &FakeBroker::Published::topic));
  }

  // A host that takes every block that reaches the broker, and says so.
  void ack_everything() {
    BlockDecoder decoder;
    std::vector<Range> taken;
    for (const auto& message : std::exchange(broker.log, {})) {
      if (message.topic != topic(config.mine, config.gateway, TopicKind::block)) continue;
      const std::uint64_t seq = to_number(decoder.decode(message.payload)->header.seq);
      taken.push_back({seq, seq});
      at_host.add(seq);
    }
    if (taken.empty()) return;
    broker.publish(topic(config.mine, config.gateway, TopicKind::ack), encode_ack({{bench_stream, taken}}));
  }

  ManualClock clock;
  GatewayConfig config;
  RangeSet at_host;
  bool host_takes = false;
  SimulatedBus bus{clock};
  MemorySpool memory{bench_stream};
  Spool* spool_now = &memory;
  std::optional<std::string> replaced;
  FakeBroker broker;
  std::unique_ptr<BatchInbox> inbox;
  std::unique_ptr<FakeLink> link;
  std::unique_ptr<Edge> edge;
  BlockingChannel channel{bus};
  std::unique_ptr<RegisterScanner> scanner;
  std::uint64_t boot = 0;

 private:
  // To whatever is due next, at most to `end`, and does it.
  void advance(SteadyTime end) {
    broker.step(clock.steady());
    if (host_takes) ack_everything();
    if (scanner && clock.steady() >= scan_due) scan_due = scanner->step(read(clock));
    edge->step(read(clock));
    SteadyTime next = std::min({edge->next_due(), broker.next_due(), end});
    if (scanner) next = std::min(next, scan_due);
    clock.advance(std::max(next - clock.steady(), Duration{1}));
  }

  SteadyTime scan_due;
};

}  // namespace davy::test
