#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "drivers/api/signal_judge.hpp"
#include "drivers/can/can_watch.hpp"
#include "proto/wire/gateway_config.hpp"

namespace davy {

// One point of a device on CAN: from which of the wanted signals its readings come.
struct CanPlannedPoint {
  struct Status {
    std::size_t place = 0;  // in CanPlan::wanted
    const CanStatusProfile* profile = nullptr;
  };
  std::uint32_t point = 0;  // position in GatewayConfig::points
  const SignalProfile* signal = nullptr;
  std::size_t place = 0;  // in CanPlan::wanted
  std::vector<Status> statuses;
};

struct CanPlannedDevice {
  std::vector<CanPlannedPoint> points;
  std::optional<std::uint8_t> node;           // of CANopen
  std::optional<Duration> heartbeat_silence;  // so long without a heartbeat, and the node is gone
};

// What the devices of one CAN bus send and where it goes, made from configuration, profiles and DBC files.
// The configuration outlives it.
struct CanPlan {
  std::vector<CanPlannedDevice> devices;  // in the order of the bus
  std::vector<WantedSignal> wanted;
  std::vector<std::unique_ptr<DbcMessage>> messages;  // what `wanted` points to, with the devices' own ids

  // What the kernel should pass.
  std::vector<CanFilter> filters() const;
};

// By the position of the bus; empty for those that are no CAN buses.
using CanPlans = std::vector<CanPlan>;

// Reads the DBC files. Errors: bad_config with one line a problem, "<file>:<line>:<column>: <field>: <what is
// wrong and what to do>" of the profile, or what parse_dbc says.
Result<CanPlans> plan_can_buses(const GatewayConfig& config);

// Does the DBC file of a CAN device have everything that its profile names? Errors as of plan_can_buses().
Status check_dbc_names(const CanProfile& can, const std::vector<SignalProfile>& signals);

// What a point reads now, and the status signals that apply to it say of it. A status that is silent leaves
// nothing to be believed. The flags are those of the node as a whole.
Reading read_point(const CanPlannedPoint& point, const CanWatch& watch, FlagSet flags, SteadyTime now);

}  // namespace davy
