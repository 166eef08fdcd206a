#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "drivers/api/blocking_channel.hpp"
#include "gateway/scan/register_scanner.hpp"
#include "proto/base/manual_clock.hpp"

// A bus whose devices follow scripts, in time that a test moves.
namespace davy::test {

// What a fake device does when asked at a time since the start.
struct Answer {
  BusFault fault = BusFault::none;
  double value = 0.4;
  Duration takes{20};
};
using Script = std::function<Answer(Duration since_start)>;

// Every unit follows its script; its one register holds hundredths.
class ScriptedBus final : public RegisterBus {
 public:
  ScriptedBus(ManualClock& clock, std::vector<Script> scripts)
      : clock_{clock}, start_{clock.steady()}, scripts_{std::move(scripts)}, asked(scripts_.size()) {}

  BusReply read(const RegisterRead& request, std::span<std::uint16_t> out) override {
    const std::size_t device = request.unit - 1U;
    requests.push_back(request);
    asked[device].push_back(clock_.steady() - start_);
    const Answer answer = scripts_[device](clock_.steady() - start_);
    clock_.advance(answer.fault == BusFault::timeout ? std::min(answer.takes, request.reply_timeout)
                                                     : answer.takes);
    if (answer.fault != BusFault::none) return {.fault = answer.fault, .message = "no reply"};
    for (auto& word : out) word = static_cast<std::uint16_t>(std::lround(answer.value * 100));
    return {.turnaround = std::chrono::microseconds{answer.takes} - std::chrono::microseconds{500}};
  }
  BusReply write(const RegisterWrite& request) override {
    return failed_reply(request, BusFault::exception, "nothing to write");
  }

 private:
  ManualClock& clock_;
  SteadyTime start_;
  std::vector<Script> scripts_;

 public:
  std::vector<std::vector<Duration>> asked;  // by device
  std::vector<RegisterRead> requests;
};

// A round asks for each point in a request of its own.
class FakeDevice final : public RegisterDevice {
 public:
  explicit FakeDevice(const DeviceSettings& settings) : settings_{settings} {}

  class Round final : public DeviceRound {
   public:
    Round(const DeviceSettings& settings, std::size_t points) : settings_{settings}, readings_(points) {}
    void begin() override {
      next_ = 0;
      report_ = {};
      std::ranges::fill(readings_, PointReading{{.quality = {.validity = Validity::bad_comm}}, {}});
    }
    std::optional<RoundRequest> next() override {
      if (next_ == readings_.size() || report_.failed > 0) return std::nullopt;
      return RoundRequest{
          next_++,
          RegisterRead{.unit = settings_.unit, .count = 1, .reply_timeout = settings_.reply_timeout}};
    }
    void on_reply(std::uint32_t id, const BusReply& reply, std::span<const std::uint16_t> registers,
                  WallTime at) override {
      report_.requests += 1;
      if (reply.ok()) {
        readings_[id] = {{registers[0] / 100.0, {}}, at};
        return;
      }
      report_.failed += 1;
      report_.last_fault = reply.fault;
      report_.message = reply.message;
    }
    void finish(RoundResult& out, WallTime now) override {
      out = {.report = report_, .readings = readings_, .tags = {}};
      for (PointReading& reading : out.readings) {
        if (reading.reading.quality.validity == Validity::bad_comm) reading.at = now;
      }
    }
    std::chrono::microseconds typical_cost() const override { return Duration{20} * readings_.size(); }

   private:
    const DeviceSettings& settings_;
    std::vector<PointReading> readings_;
    std::uint32_t next_ = 0;
    DeviceReport report_;
  };

  std::unique_ptr<DeviceRound> make_round(std::span<const std::uint32_t> points) override {
    return std::make_unique<Round>(settings_, points.size());
  }
  std::unique_ptr<DeviceRound> make_whole_round() override {
    return std::make_unique<Round>(settings_, settings_.points.size());
  }
  void set_turnaround(std::chrono::microseconds) override {}

 private:
  const DeviceSettings& settings_;
};

// What a bench differs in.
struct Options {
  Duration period{1000};
  std::size_t inbox_size = 1000;
  std::uint32_t points_a_device = 1;
  std::vector<std::uint32_t> lock_devices;  // whose first point is the input of a lock
  Duration fast_period{250};
};

// A bus of devices, its clock and what came out.
struct Bus {
  explicit Bus(const std::vector<Script>& scripts, const Options& options = {})
      : sink{options.inbox_size}, bus{clock, scripts}, channel{bus} {
    settings.name = "rs485-1";
    settings.fast_period = options.fast_period;
    for (std::uint32_t i = 0; i < scripts.size(); ++i) {
      DeviceSettings device{.name = "d" + std::to_string(i),
                            .unit = static_cast<std::uint8_t>(i + 1),
                            .period = options.period};
      for (std::uint32_t p = 0; p < options.points_a_device; ++p) {
        device.points.push_back({.index = static_cast<std::uint32_t>(points.size())});
        points.push_back({.name = "P" + std::to_string(points.size()),
                          .range_high = 4,
                          .period = options.period,
                          .limits = {{.side = Side::high, .at = 1.0, .clear_at = 0.8}}});
      }
      settings.devices.push_back(device);
    }
    std::vector<RegisterScanner::DeviceParts> parts;
    for (std::uint32_t i = 0; i < scripts.size(); ++i) {
      const bool locks = std::ranges::find(options.lock_devices, i) != options.lock_devices.end();
      parts.push_back({std::make_unique<FakeDevice>(settings.devices[i]),
                       locks ? std::vector<std::uint32_t>{0} : std::vector<std::uint32_t>{}});
    }
    started_wall = clock.wall();
    started = clock.steady();
    scanner = std::make_unique<RegisterScanner>(settings, std::move(parts), channel,
                                                BatchDesk{0U, settings, points, clock, sink}, clock, started);
  }

  // As the bus thread does it: step, then wait until it is due.
  void run_for(Duration length, bool drain = true) {
    const SteadyTime end = clock.steady() + length;
    while (clock.steady() < end) {
      const SteadyTime due = scanner->step(read(clock));
      if (drain) collect();
      const SteadyTime next = std::min(due, end);
      if (next > clock.steady()) clock.advance(next - clock.steady());
    }
  }
  void collect() {
    std::vector<BusBatch> batches;
    sink.drain(batches);
    for (const BusBatch& batch : batches) {
      for (const Sample& s : batch.samples) samples[static_cast<std::uint32_t>(s.point)].push_back(s);
      events.insert(events.end(), batch.events.begin(), batch.events.end());
      last = batch;
    }
  }
  std::size_t count(EventKind kind) const {
    return static_cast<std::size_t>(std::ranges::count(events, kind, &Event::kind));
  }

  ManualClock clock;
  BatchInbox sink;
  ScriptedBus bus;
  std::vector<std::vector<Duration>>& asked = bus.asked;
  BlockingChannel channel;
  BusSettings settings;
  std::vector<Point> points;
  SteadyTime started;
  WallTime started_wall;
  std::unique_ptr<RegisterScanner> scanner;
  std::map<std::uint32_t, std::vector<Sample>> samples;
  std::vector<Event> events;
  BusBatch last;
};

inline Answer alive(Duration) { return {}; }
inline Answer dead(Duration) { return {.fault = BusFault::timeout, .takes = Duration{300}}; }
inline Script dead_between(Duration from, Duration to) {
  return [=](Duration t) { return t >= from && t < to ? dead(t) : alive(t); };
}

}  // namespace davy::test
