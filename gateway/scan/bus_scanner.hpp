#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "drivers/api/sensor_driver.hpp"
#include "gateway/scan/bus_batch.hpp"
#include "gateway/scan/device_schedule.hpp"
#include "gateway/scan/limit_judge.hpp"
#include "gateway/scan/sample_tap.hpp"
#include "proto/base/clock.hpp"
#include "proto/wire/gateway_config.hpp"

namespace davy {

struct DeviceCounters {
  std::uint64_t reads = 0;
  std::uint64_t requests = 0;
  std::array<std::uint64_t, 8> failed{};  // requests, by the BusFault their read ended with
  std::uint64_t missed_rounds = 0;
};

// Reads the devices of one bus, each at its own period, and judges their points' limits. Blocking, for at
// most one read of one device a step; called only from that bus's thread, or by a simulation. Retries nothing
// within a round: the next round is the retry. Every point gives one sample a period, dead or alive, and each
// carries the time of its own reading. The caller keeps `settings`, `points`, `clock` and `sink` alive.
class BusScanner {
 public:
  // One driver a device, in the order of settings.devices. The first rounds are spread over each device's
  // period.
  BusScanner(std::uint32_t bus, const BusSettings& settings, std::span<const Point> points,
             std::vector<std::unique_ptr<SensorDriver>> drivers, const Clock& clock, BatchInbox& sink,
             SteadyTime start);

  // Hears every sample before the inbox does; from the next step on.
  void set_tap(SampleTap& tap) { tap_ = &tap; }

  // Does what is due, with at most one read, and says when it wants to be called again: often at once.
  SteadyTime step(Now now);

  DeviceCounters counters(std::size_t device) const;
  const BusSettings& settings() const { return settings_; }

 private:
  struct Device {
    const DeviceSettings* settings;
    std::unique_ptr<SensorDriver> driver;
    DeviceSchedule schedule;
    std::vector<LimitMemory> limits;  // beside settings->points
    DeviceCounters counters;
    bool fault_told = false;  // a bus_fault event of this device is open
    BusFault last_fault = BusFault::none;
    SteadyTime silent_since;
    SteadyTime next_complaint;  // when a partial failure may be logged again
  };

  Device* next_to_read(SteadyTime now);
  void read_device(Device& device, Now now);
  void report_dead(Device& device, Now now);
  void add_samples(Device& device, WallTime at);
  void on_answer(Device& device, const DeviceReport& report, Now now);
  void on_silence(Device& device, const DeviceReport& report, Now now);
  void tell_port(bool lost, const std::string& message, Now now);
  void tell(EventKind kind, WallTime at, std::string text);
  void hand_over(Now now);
  SteadyTime next_due() const;

  const std::uint32_t bus_;
  const BusSettings& settings_;
  const std::span<const Point> points_;
  const Clock& clock_;
  BatchInbox& sink_;
  SampleTap* tap_ = nullptr;
  std::vector<Device> devices_;
  std::vector<Reading> readings_;
  std::vector<Sample> samples_;     // of this step
  std::vector<Event> events_;       // until an inbox has taken them
  std::uint64_t lost_samples_ = 0;  // refused by the inbox and not yet reported
  std::uint64_t lost_events_ = 0;
  std::uint64_t failed_requests_ = 0;
  bool port_lost_ = false;
};

}  // namespace davy
