#include "drivers/simulated/rig_air.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>
#include <utility>

namespace davy::rig {
namespace {

template <typename... Ts>
struct Overload : Ts... {
  using Ts::operator()...;
};

// -1 to 1 for a seed and a whole number: the same for ever, unlike its neighbours.
double noise(std::uint64_t seed, std::int64_t n) {
  std::uint64_t x = seed + static_cast<std::uint64_t>(n) * 0x9E3779B97F4A7C15ULL;
  x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27U)) * 0x94D049BB133111EBULL;
  x ^= x >> 31U;
  return static_cast<double>(x >> 11U) / static_cast<double>(1ULL << 52U) - 1.0;
}

// Noise with smooth ways between its whole numbers.
double smooth_noise(std::uint64_t seed, double at) {
  const double whole = std::floor(at);
  const double part = at - whole;
  const double ease = part * part * (3 - 2 * part);
  const auto n = static_cast<std::int64_t>(whole);
  return noise(seed, n) * (1 - ease) + noise(seed, n + 1) * ease;
}

std::uint64_t seed_of(std::uint64_t seed, const std::string& name) {
  std::uint64_t hash = 1469598103934665603ULL ^ seed;  // FNV-1a
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return hash;
}

double wandering(const Wander& w, std::uint64_t seed, double t) {
  const double slow = smooth_noise(seed, t / w.pace);
  const double fast = smooth_noise(seed + 1, t / w.pace * 7);
  return w.mean + w.reach * (0.8 * slow + 0.2 * fast);
}

// 0 before, up to 1 within `over`, stays for `hold`, back to 0 within `over`.
double trapezium(double since, double over, double hold) {
  if (since < over) return since / over;
  if (since <= over + hold) return 1;
  if (since < 2 * over + hold) return (2 * over + hold - since) / over;
  return 0;
}

// How far the gas has gathered: rises for `lasts` while the fan stands, falls three times as fast when it
// runs again.
double gathered(double since, double lasts, double stands) {
  if (since < stands) return std::min(1.0, since / lasts);
  return std::max(0.0, 1 - (since - stands) * 3 / lasts);
}

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

}  // namespace

Result<RigAir> RigAir::make(const RigConfig& config) {
  RigAir air{config};
  std::string problems;
  const auto add = [&](const DeviceSettings& device) {
    for (const RelaySettings& relay : device.relays) air.relays_->add(relay);
    for (const SignalSettings& signal : device.signals) {
      air.signals_[signal.name] = &signal;
      const auto* source = std::get_if<RecordingSource>(&signal.source);
      if (source == nullptr) continue;
      const std::pair key{source->file, source->time_column};
      if (!air.recordings_.contains(key)) {
        auto loaded = Recording::load(source->file, source->time_column);
        if (!loaded) {
          problems += loaded.error().message + "\n";
          continue;
        }
        air.recordings_.emplace(key, std::move(*loaded));
      }
      if (source->column.empty() || air.recordings_.at(key).has(source->column)) continue;
      problems +=
          source->file + ":1: has no column \"" + source->column + "\", which " + signal.name + " plays\n";
    }
  };
  for (const auto& line : config.lines) std::ranges::for_each(line.devices, add);
  for (const auto& server : config.servers) std::ranges::for_each(server.devices, add);
  if (problems.empty()) return air;
  problems.pop_back();
  return fail(Errc::bad_config, problems);
}

double RigAir::source_value(const std::string& name, const Source& source, double t) const {
  return std::visit(Overload{[](const Constant& s) { return s.value; },
                             [&](const Sine& s) {
                               return s.mean + s.amplitude * std::sin(2 * std::numbers::pi * t / s.period);
                             },
                             [&](const Wander& s) { return wandering(s, seed_of(config_->seed, name), t); },
                             [&](const Follow& s) { return relays_->is_on(s.relay, t) ? s.on : s.off; },
                             [&](const RecordingSource& s) {
                               const Recording& recording = recordings_.at({s.file, s.time_column});
                               const double recorded = t * s.speed;
                               if (s.column.empty())
                                 return static_cast<double>(recording.row_at(recorded) % 65536);
                               return recording.value_at(s.column, recorded);
                             }},
                    source);
}

double RigAir::scenario_time(double t) const {
  const double since = t - scenario_from_;
  return config_->repeat_after > 0 && since >= 0 ? std::fmod(since, config_->repeat_after) : since;
}

// A locked start does not repeat, so the step's own time is the rig's.
double RigAir::stands(const Step& step, const FanStop& stop) const {
  if (stop.start_lock.empty()) return stop.lasts;
  const double began = scenario_from_ + step.at;
  return relays_->first_off(stop.start_lock, began + stop.lasts) - began;
}

double RigAir::length(const Step& step) const {
  const auto* stop = std::get_if<FanStop>(&step.what);
  return stop == nullptr ? length_of(step.what) : stands(step, *stop) + stop->lasts / 3;
}

std::vector<std::string> RigAir::fan_news(double from, double to) const {
  std::vector<std::string> out;
  for (const Step& step : config_->steps) {
    const auto* stop = std::get_if<FanStop>(&step.what);
    if (stop == nullptr || stop->start_lock.empty()) continue;
    const double began = scenario_from_ + step.at;
    const double told = began + stop->lasts;
    const double runs = began + stands(step, *stop);
    const auto now = [&](double t) { return t >= from && t < to; };
    if (now(told) && relays_->is_on(stop->start_lock, told))
      out.push_back(stop->fan + " is told to start and cannot: " + stop->start_lock + " locks it");
    if (now(runs)) out.push_back(stop->fan + " runs again");
  }
  return out;
}

template <typename Use>
void RigAir::each_active(double t, Use use) const {
  const double now = scenario_time(t);
  for (const Step& step : config_->steps) {
    const double since = now - step.at;
    if (since < 0) return;  // sorted by time
    if (since < length(step)) use(step, since);
  }
}

SignalState RigAir::signal(const std::string& name, double t) const {
  const SignalSettings& settings = *signals_.at(name);
  SignalState out{source_value(name, settings.source, t), {}};
  const auto towards = [&](double to, double share) { out.value += (to - out.value) * share; };
  each_active(t, [&](const Step& step, double since) {
    std::visit(Overload{
                   [&](const Ramp& s) {
                     if (s.signal == name) towards(s.to, trapezium(since, s.over, s.hold));
                   },
                   [&](const Spike& s) {
                     if (s.signal == name) out.value = s.to;
                   },
                   [&](const Stuck& s) {
                     if (s.signal == name) out.value = source_value(name, settings.source, t - since);
                   },
                   [&](const OverRange& s) {
                     if (s.signal == name) out.flags.add(QualityFlag::over_range);
                   },
                   [&](const Calibration& s) {
                     if (s.signal != name) return;
                     // The head needs some seconds to see the gas and to lose it again.
                     const double edge = std::min(5.0, s.lasts / 4);
                     towards(s.to, trapezium(since, edge, s.lasts - 2 * edge));
                     if (s.flagged) out.flags.add(QualityFlag::calibrating);
                   },
                   [&](const FanStop& s) {
                     const double standing = stands(step, s);
                     const double share = gathered(since, s.lasts, standing);
                     if (s.fan == name && since < standing) out.value = 0;
                     if (has(s.air, name)) towards(0, std::min(1.0, share * 4));
                     if (has(s.gas, name)) towards(s.gas_to, share);
                   },
                   [](const Fault&) {},
                   [](const TagWalk&) {},
               },
               step.what);
  });
  return out;
}

DeviceState RigAir::device(const std::string& name, double t) const {
  DeviceState out;
  each_active(t, [&](const Step& step, double) {
    const auto* fault = std::get_if<Fault>(&step.what);
    if (fault == nullptr || fault->device != name) return;
    if (fault->kind == FaultKind::no_head) {
      out.flags.add(QualityFlag::disconnected);
      return;
    }
    out.faulty = true;
    out.fault = fault->kind;
  });
  return out;
}

std::vector<Sighting> RigAir::sightings(const std::string& reader, double t) const {
  std::vector<Sighting> out;
  if (t < scenario_from_) return out;
  const double pass = config_->repeat_after;
  const int passes = pass > 0 ? static_cast<int>((t - scenario_from_) / pass) + 1 : 1;
  for (int i = 0; i < passes; ++i) {
    for (const Step& step : config_->steps) {
      const auto* walk = std::get_if<TagWalk>(&step.what);
      if (walk == nullptr || walk->reader != reader) continue;
      const double begins = scenario_from_ + step.at + i * pass;
      for (double s = 0; s <= length_of(step.what) && begins + s <= t; s += walk->every) {
        out.push_back({begins + s, walk->tag, s * walk->speed - walk->reach, walk->sos, walk->low_battery});
      }
    }
  }
  std::ranges::stable_sort(out, {}, &Sighting::at);
  return out;
}

std::vector<const Step*> RigAir::beginning(double from, double to) const {
  std::vector<const Step*> out;
  const double pass = config_->repeat_after;
  // Within one pass of the scenario or over its end; a caller asks often, so never over more than one end.
  const double start = scenario_time(from);
  const double end = start + (to - from);
  for (const Step& step : config_->steps) {
    if (step.at >= start && step.at < end) out.push_back(&step);
    if (pass > 0 && step.at + pass >= start && step.at + pass < end) out.push_back(&step);
  }
  return out;
}

}  // namespace davy::rig
