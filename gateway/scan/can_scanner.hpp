#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include "drivers/can/can_bus.hpp"
#include "drivers/can/can_node.hpp"
#include "drivers/can/can_plan.hpp"
#include "gateway/scan/batch_desk.hpp"
#include "gateway/scan/can_bus_health.hpp"
#include "gateway/scan/scan_grid.hpp"
#include "gateway/scan/scanner.hpp"

namespace davy {

// Listens to the devices of one CAN bus, which send by themselves. When a point gives a sample:
//   - at its device's period, if a frame has brought it since the last sample: the newest value, with the
//     time at which its frame arrived. An old value never gets a new time, so nothing new is no sample, and a
//     sensor that falls silent grows stale before it is known to be gone;
//   - at its device's period, with the time of now, while it is silent or the bus lost: bad_comm;
//   - at once when a frame, silence or the node's own word changes its quality, a crossed limit included;
//   - with every frame that brings it, if it is an input of a lock.
// What only a status signal makes good again is good with the next frame of the value itself.
class CanScanner final : public Scanner {
 public:
  // The caller keeps `settings`, `bus` and what `desk` and `plan` refer to alive. `lock_inputs`: points.
  CanScanner(const BusSettings& settings, const CanPlan& plan, const std::set<std::uint32_t>& lock_inputs,
             CanBus& bus, BatchDesk desk, SteadyTime start);

  SteadyTime step(Now now) override;
  const std::string& bus_name() const override { return settings_.name; }
  void log_counters() const override;

  BusCounts counts() const;

 private:
  struct PointState {
    const CanPlannedPoint* plan = nullptr;
    std::size_t device = 0;
    bool is_lock_input = false;
    bool fresh = false;  // a frame has brought it since its last sample
  };
  struct Device {
    const DeviceSettings* settings = nullptr;
    std::vector<std::size_t> points;  // in points_
    ScanGrid grid;
    std::optional<CanNode> node;
    bool dead_told = false;
    std::optional<std::uint16_t> emergency_told;  // its code
    SteadyTime silent_since{};
    std::uint64_t frames = 0;
  };
  // A signal of the watch and what it means to a point.
  struct Use {
    std::size_t point = 0;  // in points_
    bool is_value = false;  // otherwise a status of it
  };

  void add_device(const DeviceSettings& settings, const CanPlannedDevice& plan,
                  const std::set<std::uint32_t>& lock_inputs, SteadyTime start);
  bool receive(Now now);
  void take(const CanArrival& arrival, Now now);
  void on_value(std::size_t point, Now now);
  void on_status(std::size_t point, WallTime at, Now now);
  void look_for_silence(Now now);
  void look_at_all(Now now);
  void serve_grid(Device& device, Now now);
  void look_at_device(Device& device, bool all_silent, Now now);
  void look_at_node(Device& device, Now now);
  Reading reading_of(const PointState& point, SteadyTime now) const;
  void give(PointState& point, const Reading& reading, WallTime at);
  SteadyTime next_due() const;

  const BusSettings& settings_;
  const CanPlan& plan_;
  CanBus& bus_;
  BatchDesk desk_;
  CanWatch watch_;
  CanBusHealth health_;
  std::vector<PointState> points_;
  std::vector<Device> devices_;
  std::vector<std::vector<Use>> uses_;  // by place in the plan's wanted signals
  std::array<CanArrival, 64> arrivals_;
  SteadyTime silence_due_;
  SteadyTime look_due_;  // at the bus, though nothing has come
  std::uint64_t silences_ = 0;
};

}  // namespace davy
