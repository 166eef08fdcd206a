#include "firmware/app/revisit.hpp"

#include <algorithm>
#include <chrono>
#include <functional>
#include <set>

#include "drivers/modbus/read_plan.hpp"
#include "firmware/app/lock_inputs.hpp"

namespace davy {
namespace {

using std::chrono::microseconds;

// Rounds after which a bus that still has not got round is taken to have no bound.
constexpr int rounds_max = 50;
// A device that dies is asked twice in vain before it is only probed.
constexpr int time_outs_of_a_death = 2;

struct Cost {
  microseconds whole{0};     // a round in which everything answers
  microseconds one_lost{0};  // its longest request, and no answer to it
};

struct Task {
  microseconds cost{0};
  Duration period{1000};
};

Cost cost_of_round(const GatewayConfig& config, const BusSettings& bus, const DeviceSettings& device,
                   const std::vector<std::uint32_t>& signals) {
  const DeviceProfile& profile = config.profiles[device.profile];
  const microseconds turnaround = assumed_turnaround(bus);
  const ReadCost cost = read_cost(bus, turnaround, profile.pause_after_reply);
  Cost out;
  std::vector<PlannedRead> plan = plan_reads(profile, signals, cost);
  // A reader of tags is asked how much it has, and then for as much as one request can carry.
  if (device.is_tag_reader) {
    plan.push_back({RegisterTable::input, 0, 1});
    plan.push_back({RegisterTable::input, 1, profile.registers_per_request_max});
  }
  for (const PlannedRead& read : plan) {
    const auto answered = std::chrono::ceil<microseconds>(cost_of(read, cost));
    out.whole += answered;
    out.one_lost = std::max(out.one_lost, answered - turnaround + device.reply_timeout);
  }
  return out;
}

// The response time of one task among others that may all be due at the same moment, none of which is
// interrupted: it grows until it holds everything that may come before it.
std::optional<microseconds> response(microseconds own_and_blocking, const std::vector<Task>& before,
                                     microseconds give_up) {
  microseconds now = own_and_blocking;
  for (int i = 0; i < rounds_max && now <= give_up; ++i) {
    microseconds next = own_and_blocking;
    for (const Task& task : before) {
      const microseconds period = task.period;
      next += (now.count() / period.count() + 1) * task.cost;
    }
    if (next == now) return now;
    now = next;
  }
  return std::nullopt;
}

struct BusModel {
  std::vector<Task> all;   // beside the bus's devices
  std::vector<Task> fast;  // cost 0: none
  std::vector<Duration> timeouts;
  microseconds blocking{0};
};

BusModel model_of(const GatewayConfig& config, const BusSettings& bus) {
  const std::set<std::uint32_t> inputs = lock_inputs(config);
  BusModel out;
  for (const DeviceSettings& device : bus.devices) {
    std::vector<std::uint32_t> signals;
    std::vector<std::uint32_t> fast;
    for (const PointSetting& point : device.points) {
      signals.push_back(point.signal);
      if (inputs.contains(point.index)) fast.push_back(point.signal);
    }
    const Cost all_cost = cost_of_round(config, bus, device, signals);
    const Cost fast_cost = cost_of_round(config, bus, device, fast);
    // A device whose every point is in the fast lane has no other rounds.
    const bool covered = !fast.empty() && fast.size() == signals.size();
    out.all.push_back({covered ? microseconds{0} : all_cost.whole, device.period});
    out.fast.push_back({fast_cost.whole, std::min(device.period, bus.fast_period)});
    out.timeouts.push_back(device.reply_timeout);
    out.blocking = std::max(out.blocking, all_cost.one_lost);
  }
  return out;
}

// What so many deaths among the others cost, once.
microseconds deaths(const BusModel& model, std::size_t device, std::uint32_t dead) {
  std::vector<Duration> others = model.timeouts;
  others.erase(others.begin() + static_cast<std::ptrdiff_t>(device));
  std::ranges::sort(others, std::greater{});
  microseconds out{0};
  for (std::size_t i = 0; i < std::min<std::size_t>(dead, others.size()); ++i)
    out += time_outs_of_a_death * others[i];
  return out;
}

}  // namespace

Duration longest_exchange(const GatewayConfig& config, std::uint32_t bus) {
  return std::chrono::ceil<Duration>(model_of(config, config.buses[bus]).blocking);
}

std::vector<DeviceRevisit> worst_revisits(const GatewayConfig& config, std::uint32_t bus,
                                          std::uint32_t dead) {
  const BusModel model = model_of(config, config.buses[bus]);
  std::vector<DeviceRevisit> out;
  for (std::size_t i = 0; i < model.all.size(); ++i) {
    DeviceRevisit device;
    const auto bound = [&](const Task& own, microseconds blocking, std::vector<Task> before) {
      const auto waits = response(own.cost + blocking, before, rounds_max * microseconds{own.period});
      if (!waits) return std::optional<Duration>{};
      return std::optional{own.period + std::chrono::ceil<Duration>(*waits)};
    };
    std::vector<Task> before = model.fast;
    before.erase(before.begin() + static_cast<std::ptrdiff_t>(i));
    device.has_lock_inputs = model.fast[i].cost > microseconds{0};
    if (device.has_lock_inputs) device.lock_inputs = bound(model.fast[i], model.blocking, before);
    if (model.all[i].cost == microseconds{0}) {
      device.all_points = device.has_lock_inputs ? device.lock_inputs : std::optional{model.all[i].period};
    } else {
      before = model.fast;
      for (std::size_t other = 0; other < model.all.size(); ++other) {
        if (other != i) before.push_back(model.all[other]);
      }
      device.all_points = bound(model.all[i], model.blocking + deaths(model, i, dead), before);
    }
    out.push_back(device);
  }
  return out;
}

}  // namespace davy
