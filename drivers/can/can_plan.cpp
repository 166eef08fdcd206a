#include "drivers/can/can_plan.hpp"

#include <algorithm>
#include <map>
#include <string>

#include "drivers/can/canopen.hpp"

namespace davy {
namespace {

// A heartbeat may be lost now and then; so many periods without one, and the node is gone.
constexpr int heartbeats_missed = 3;

bool applies_to(const CanStatusProfile& status, const SignalProfile& signal) {
  return status.applies_to.empty() ||
         std::ranges::find(status.applies_to, signal.name) != status.applies_to.end();
}

// The id as it is on the wire when the file's node has another number.
CanId id_of_node(CanId id, std::uint8_t dbc_node, std::uint8_t node) {
  constexpr std::uint32_t node_bits = 0x7F;
  const bool names_node =
      !id.extended && id.number >= 0x080 && id.number < 0x780 && (id.number & node_bits) == dbc_node;
  if (names_node) id.number = (id.number & ~node_bits) | node;
  return id;
}

class Planner {
 public:
  explicit Planner(const GatewayConfig& config) : config_{config} {}

  Result<CanPlans> run() {
    CanPlans plans(config_.buses.size());
    for (std::size_t i = 0; i < plans.size(); ++i) {
      const BusSettings& bus = config_.buses[i];
      if (!std::holds_alternative<CanSettings>(bus.endpoint)) continue;
      for (const DeviceSettings& device : bus.devices) plan_device(device, plans[i]);
    }
    if (!problems_.empty()) return fail(Errc::bad_config, problems_);
    return plans;
  }

 private:
  void plan_device(const DeviceSettings& settings, CanPlan& plan) {
    const DeviceProfile& model = config_.profiles[settings.profile];
    const CanProfile& can = *model.can;
    CanPlannedDevice out;
    if (can.addressing == CanAddressing::canopen_node) {
      out.node = settings.unit;
      if (can.heartbeat) out.heartbeat_silence = heartbeats_missed * *can.heartbeat;
    }
    const Dbc* dbc = dbc_of(can);
    if (dbc == nullptr) return;
    messages_.clear();
    places_.clear();
    for (const PointSetting& setting : settings.points) {
      const SignalProfile& signal = model.signals[setting.signal];
      CanPlannedPoint point{.point = setting.index, .signal = &signal};
      const auto place = want_source(*dbc, signal.can->source, settings, can, plan);
      if (!place) continue;
      check_period(plan.wanted[*place], signal.can->source, config_.points[setting.index]);
      point.place = *place;
      for (const CanStatusProfile& status : can.statuses) {
        if (!applies_to(status, signal)) continue;
        if (const auto told = want_source(*dbc, status.source, settings, can, plan))
          point.statuses.push_back({*told, &status});
      }
      out.points.push_back(std::move(point));
    }
    plan.devices.push_back(std::move(out));
  }

  const Dbc* dbc_of(const CanProfile& can) {
    const auto [at, is_new] = files_.try_emplace(can.dbc);
    if (is_new) {
      auto read = read_dbc(can.dbc);
      if (read) {
        at->second = std::move(*read);
      } else {
        tell(can.where + ": " + read.error().message);
      }
    }
    return at->second ? &*at->second : nullptr;
  }

  // The place of a signal among the wanted ones; each stands there once for each device.
  std::optional<std::size_t> want_source(const Dbc& dbc, const CanSource& source,
                                         const DeviceSettings& device, const CanProfile& can, CanPlan& plan) {
    const auto known = places_.find(source.where);
    if (known != places_.end()) return known->second;
    auto wanted = want(dbc, source.message, source.signal, source.period, source.periods);
    if (!wanted) {
      tell(source.where + ": " + wanted.error().message);
      return std::nullopt;
    }
    if (can.addressing == CanAddressing::j1939_source && !wanted->message->id.extended) {
      tell(source.where + ": message " + source.message +
           " has an id of 11 bits, which names no parameter group; leave out j1939");
      return std::nullopt;
    }
    wanted->message = own_message(*wanted->message, device, can, plan);
    wanted->filter = filter_of(*wanted->message, device, can);
    plan.wanted.push_back(*wanted);
    places_[source.where] = plan.wanted.size() - 1;
    return plan.wanted.size() - 1;
  }

  // The device's own copy of a message of the file, with the id that the device uses.
  const DbcMessage* own_message(const DbcMessage& of_file, const DeviceSettings& device,
                                const CanProfile& can, CanPlan& plan) {
    const auto [at, is_new] = messages_.try_emplace(&of_file, nullptr);
    if (is_new) {
      plan.messages.push_back(std::make_unique<DbcMessage>(of_file));
      DbcMessage& own = *plan.messages.back();
      if (can.addressing == CanAddressing::canopen_node)
        own.id = id_of_node(own.id, can.dbc_node, device.unit);
      at->second = &own;
    }
    return at->second;
  }

  static CanFilter filter_of(const DbcMessage& message, const DeviceSettings& device, const CanProfile& can) {
    if (can.addressing != CanAddressing::j1939_source) return {.id = message.id};
    CanFilter filter = group_filter(parameter_group(message.id.number));
    if (device.has_unit) {
      filter.id.number |= device.unit;
      filter.mask |= 0xFFU;
    }
    return filter;
  }

  // Only the DBC file knows how often some signals come, and the surface would call their points stale.
  void check_period(const WantedSignal& wanted, const CanSource& source, const Point& point) {
    const Duration sent_every = wanted.silence_max / std::max(source.periods, 1U);
    if (sent_every <= point.period) return;
    tell(source.where + ": is sent every " + std::to_string(sent_every.count()) +
         " ms, less often than point \"" + point.name + "\" is expected every " +
         std::to_string(point.period.count()) + " ms; give period_ms: " + std::to_string(sent_every.count()) +
         " here");
  }

  void tell(const std::string& problem) {
    if (problems_.find(problem) != std::string::npos) return;  // another device of the same profile
    problems_ += (problems_.empty() ? "" : "\n") + problem;
  }

  const GatewayConfig& config_;
  std::map<std::string, std::optional<Dbc>> files_;          // by path
  std::map<const DbcMessage*, const DbcMessage*> messages_;  // of the device being planned, by the file's
  std::map<std::string, std::size_t> places_;                // likewise, by where they stand in the profile
  std::string problems_;
};

FlagSet status_flags(const CanStatusProfile& status, std::int64_t raw) {
  FlagSet flags;
  for (const StatusBit& bit : status.bits) {
    const bool set = (static_cast<std::uint64_t>(raw) >> bit.number & 1U) != 0;
    if (set == bit.when) flags.add(bit.means);
  }
  for (const RawMeaning& code : status.codes) {
    if (raw == code.raw) flags.add(code.means);
  }
  return flags;
}

}  // namespace

std::vector<CanFilter> CanPlan::filters() const {
  std::vector<CanFilter> out;
  const auto add = [&](const CanFilter& filter) {
    if (std::ranges::find(out, filter) == out.end()) out.push_back(filter);
  };
  for (const WantedSignal& signal : wanted) add(signal.filter);
  for (const CanPlannedDevice& device : devices) {
    if (!device.node) continue;
    add({.id = emergency_id(*device.node)});
    if (device.heartbeat_silence) add({.id = heartbeat_id(*device.node)});
  }
  return out;
}

Result<CanPlans> plan_can_buses(const GatewayConfig& config) { return Planner{config}.run(); }

Status check_dbc_names(const CanProfile& can, const std::vector<SignalProfile>& signals) {
  const auto dbc = read_dbc(can.dbc);
  if (!dbc) return fail(Errc::bad_config, can.where + ": " + dbc.error().message);
  std::string problems;
  const auto check = [&](const CanSource& source) {
    const auto wanted = want(*dbc, source.message, source.signal, source.period, source.periods);
    if (!wanted) problems += (problems.empty() ? "" : "\n") + source.where + ": " + wanted.error().message;
  };
  for (const SignalProfile& signal : signals) check(signal.can->source);
  for (const CanStatusProfile& status : can.statuses) check(status.source);
  return problems.empty() ? Status{} : fail(Errc::bad_config, problems);
}

Reading read_point(const CanPlannedPoint& point, const CanWatch& watch, FlagSet flags, SteadyTime now) {
  const CanReading own = watch.reading(point.place, now);
  if (own.validity == Validity::bad_comm || own.validity == Validity::not_read)
    return {.quality = {.validity = own.validity}};
  for (const CanPlannedPoint::Status& status : point.statuses) {
    const CanReading told = watch.reading(status.place, now);
    if (told.validity != Validity::good) {
      const bool awaited = told.validity == Validity::not_read;
      return {.quality = {.validity = awaited ? Validity::not_read : Validity::bad_comm}};
    }
    flags.add(status_flags(*status.profile, told.raw));
  }
  if (own.validity != Validity::good) return judge_number(*point.signal, std::nullopt, flags);
  FlagSet meant;
  for (const RawMeaning& meaning : point.signal->raw_meanings) {
    if (meaning.raw == own.raw) meant.add(meaning.means);
  }
  flags.add(meant);
  return judge_number(*point.signal, meant.empty() ? std::optional{own.value} : std::nullopt, flags);
}

}  // namespace davy
