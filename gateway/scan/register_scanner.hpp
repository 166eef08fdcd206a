#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "drivers/api/register_channel.hpp"
#include "drivers/api/register_device.hpp"
#include "gateway/scan/batch_desk.hpp"
#include "gateway/scan/device_breaker.hpp"
#include "gateway/scan/fast_lane.hpp"
#include "gateway/scan/reply_times.hpp"
#include "gateway/scan/scan_grid.hpp"
#include "gateway/scan/scanner.hpp"
#include "gateway/scan/tag_desk.hpp"

namespace davy {

struct DeviceCounters {
  std::uint64_t rounds = 0;
  std::uint64_t requests = 0;
  std::array<std::uint64_t, 8> failed{};  // requests, by BusFault
  std::uint64_t missed_rounds = 0;
};

// Reads the devices of one Modbus bus, each at its own period on a grid that never drifts. Retries nothing
// within a round: the next round is the retry. Every point gives one sample a period, dead or alive, and each
// carries the time at which its own reply arrived.
//
// Two lanes a device: all its points at its period; and the inputs of locks and whatever is near or beyond a
// limit at the bus's fast period. A read of the fast lane goes before any other that has not begun. A dead
// device is probed in the gaps between the living ones.
class RegisterScanner final : public Scanner, private ReplySink {
 public:
  // What one device needs: how it is read, and which of its points (positions in its settings) are inputs of
  // locks.
  struct DeviceParts {
    std::unique_ptr<RegisterDevice> device;
    std::vector<std::uint32_t> lock_inputs;
  };

  // One part a device, in the order of settings.devices. The first rounds follow one another, or are spread
  // over the period where the bus has no time for all of them in a row. The caller keeps `settings`,
  // `channel`, `clock` and what `desk` refers to alive.
  RegisterScanner(const BusSettings& settings, std::vector<DeviceParts> devices, RegisterChannel& channel,
                  BatchDesk desk, const Clock& clock, SteadyTime start);

  SteadyTime step(Now now) override;
  const std::string& bus_name() const override { return settings_.name; }
  void log_counters() const override;

  DeviceCounters counters(std::size_t device) const;
  const ReplyTimes& reply_times(std::size_t device) const { return devices_[device].times; }

 private:
  enum Lane : std::uint32_t { all_points, fast };
  // A series of rounds and the one that is under way.
  struct Rounds {
    std::unique_ptr<DeviceRound> round;
    std::vector<std::uint32_t> points;  // positions in the device's settings
    ScanGrid grid;
    bool running = false;
    bool probing = false;  // this round: the device was dead when it began
    Duration probe_timeout{0};
    std::optional<RoundRequest> pending;  // to be asked next
    std::uint32_t under_way = 0;
    SteadyTime began;
  };
  struct Device {
    const DeviceSettings* settings;
    std::unique_ptr<RegisterDevice> model;
    std::vector<std::uint32_t> lock_inputs;
    std::array<Rounds, 2> lanes;
    DeviceBreaker breaker;
    ReplyTimes times;
    DeviceCounters counters;
    std::optional<TagDesk> tags;  // of a reader of tags
    bool fault_told = false;      // a bus_fault event of this device is open
    BusFault last_fault = BusFault::none;
    SteadyTime silent_since;
    SteadyTime next_complaint;  // when a partial failure may be logged again
  };
  struct Choice {
    Device* device = nullptr;
    Lane lane = all_points;
  };

  static std::vector<Device> make_devices(const BusSettings& settings, std::vector<DeviceParts> parts,
                                          SteadyTime start);
  double ordinary_load() const;
  void on_reply(std::uint32_t ticket, const BusReply& reply,
                std::span<const std::uint16_t> registers) override;
  bool ask_next(Now now);
  Choice choose(Now now);
  Choice running_in(Lane lane);
  Choice due_in(Lane lane, SteadyTime now);
  void begin_round(Choice choice, Now now);
  void ask(Choice choice);
  bool is_covered(const Device& device) const;
  Duration reply_timeout(const Device& device) const;
  // How long a probe may wait for its reply if it is begun now; 0: not now.
  Duration probe_time(const Device& device, SteadyTime now) const;
  void end_round(Device& device, Lane lane, Now now);
  void report_dead(Device& device, Now now);
  void on_answer(Device& device, const DeviceReport& report, Now now);
  void on_silence(Device& device, const DeviceReport& report, SteadyTime began, Now now);
  void tell_port(bool lost, const std::string& message, Now now);
  static bool is_in_fast_lane(const Device& device, std::uint32_t point);
  void update_fast_lane(Device& device, SteadyTime now);
  BusCounts bus_counts() const;
  SteadyTime next_due(SteadyTime now) const;
  SteadyTime next_probe(const Device& device, SteadyTime now) const;
  SteadyTime next_living_due() const;

  const BusSettings& settings_;
  RegisterChannel& channel_;
  BatchDesk desk_;
  const Clock& clock_;
  std::vector<Device> devices_;
  bool has_lock_inputs_ = false;
  SteadyTime pushy_probe_from_;  // a probe may go before a read that is due
  FastLane fast_lane_;
  RoundResult result_;
  std::uint64_t failed_requests_ = 0;
  bool port_lost_ = false;
  bool heard_ = false;  // a round has ended in this step
};

}  // namespace davy
