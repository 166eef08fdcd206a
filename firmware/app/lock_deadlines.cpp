#include "firmware/app/lock_deadlines.hpp"

#include <algorithm>

#include "firmware/app/revisit.hpp"

namespace davy {
namespace {

// Judging, and writing a coil with its answer at 1200 baud.
constexpr Duration acting{200};

struct Whereabouts {
  std::uint32_t bus = 0;
  std::size_t device = 0;
};

std::optional<Whereabouts> find_point(const GatewayConfig& config, std::uint32_t point) {
  for (std::uint32_t b = 0; b < config.buses.size(); ++b) {
    const auto& devices = config.buses[b].devices;
    for (std::size_t d = 0; d < devices.size(); ++d) {
      if (std::ranges::find(devices[d].points, point, &PointSetting::index) != devices[d].points.end())
        return Whereabouts{b, d};
    }
  }
  return std::nullopt;
}

bool has_registers(const BusSettings& bus) {
  return std::holds_alternative<RtuSettings>(bus.endpoint) ||
         std::holds_alternative<TcpSettings>(bus.endpoint);
}

std::string seconds(Duration d) {
  const auto tenths = (d.count() + 99) / 100;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
}

}  // namespace

std::optional<Duration> worst_reaction(const GatewayConfig& config, const LockSettings& lock,
                                       const OutputSettings& output) {
  Duration slowest{0};
  for (const LockInput& input : lock.inputs) {
    const auto at = find_point(config, input.point);
    // A point that is heard, not asked, is as old as its message.
    if (!at || !has_registers(config.buses[at->bus])) continue;
    const auto revisit = worst_revisits(config, at->bus, 0)[at->device].lock_inputs;
    if (!revisit) return std::nullopt;
    slowest = std::max(slowest, *revisit);
  }
  Duration command = acting;
  if (const auto* modbus = std::get_if<ModbusOutputSettings>(&output.port))
    command += longest_exchange(config, modbus->bus);
  return slowest + command;
}

Status check_lock_deadlines(const GatewayConfig& config, const std::string& file) {
  if (!config.interlock) return {};
  std::string problems;
  for (const LockSettings& lock : config.interlock->locks) {
    for (const std::uint32_t position : lock.outputs) {
      const OutputSettings& output = config.interlock->outputs[position];
      const auto reaction = worst_reaction(config, lock, output);
      if (reaction && *reaction <= output.feed_within) continue;
      problems += (problems.empty() ? "" : "\n") + file + ": interlock: lock \"" + lock.name +
                  "\" may act on output \"" + output.name + "\" only after " +
                  (reaction ? seconds(*reaction) : std::string{"any time: its bus cannot keep up"}) +
                  ", and " + seconds(output.feed_within) +
                  " are allowed: shorten reply_timeout_ms of the devices on its buses or fast_period_ms, "
                  "raise the baud rate, or move other devices to another bus; --check shows the times";
    }
  }
  if (problems.empty()) return {};
  return fail(Errc::bad_config, problems);
}

}  // namespace davy
