#include "proto/wire/rig_config.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "proto/wire/config_checks.hpp"
#include "proto/wire/config_names.hpp"
#include "proto/wire/profile_shelf.hpp"
#include "proto/wire/rig_config.pb.h"

namespace davy::rig {
namespace {

template <typename... Ts>
struct Overload : Ts... {
  using Ts::operator()...;
};

constexpr double longest = 365.0 * 24 * 3600;  // seconds

std::string clock_text(double seconds) {
  const auto whole = static_cast<long>(seconds);
  return whole % 60 == 0 ? std::to_string(whole / 60) + " min" : number_text(seconds) + " s";
}

const char* words_of(FaultKind kind) {
  switch (kind) {
    case FaultKind::silent: return "falls silent";
    case FaultKind::no_head: return "loses its measuring head";
    case FaultKind::other_unit: return "answers as another unit";
    case FaultKind::bad_crc: return "sends damaged replies";
    case FaultKind::exception: return "refuses requests";
    case FaultKind::late_reply: return "answers too late";
    case FaultKind::short_frame: return "sends short frames";
  }
  return "";
}

std::string describe(const Happening& what) {
  return std::visit(
      Overload{
          [](const Ramp& s) {
            return s.signal + " goes to " + number_text(s.to) + " over " + clock_text(s.over);
          },
          [](const Spike& s) { return s.signal + " jumps to " + number_text(s.to); },
          [](const Stuck& s) { return s.signal + " is stuck for " + clock_text(s.lasts); },
          [](const OverRange& s) { return s.signal + " is beyond its range for " + clock_text(s.lasts); },
          [](const Calibration& s) {
            return "calibration gas of " + number_text(s.to) + " at " + s.signal +
                   (s.flagged ? "" : ", not flagged");
          },
          [](const FanStop& s) { return s.fan + " stops for " + clock_text(s.lasts); },
          [](const Fault& s) { return s.device + " " + words_of(s.kind) + " for " + clock_text(s.lasts); },
          [](const TagWalk& s) { return "tag " + std::to_string(s.tag) + " walks past " + s.reader; },
      },
      what);
}

class RigCheck {
 public:
  RigCheck(const std::string& folder, ConfigText& config, RigConfig& out)
      : config_{config}, out_{out}, shelf_{folder, out.profiles} {}

  void run(const wire::RigConfig& in) {
    const auto root = config_.root(in);
    out_.seed = in.seed();
    out_.begin_on_signal = in.begin_on_signal();
    out_.repeat_after = seconds(root, "repeat_after_s", in.repeat_after_s(), 0);
    if (in.line_size() + in.server_size() == 0) {
      config_.problem(root, "line", "is missing: without a line or a server there is nothing to read");
    }
    for (int i = 0; i < in.line_size(); ++i) check_line(in.line(i), root.child("line", i));
    for (int i = 0; i < in.server_size(); ++i) check_server(in.server(i), root.child("server", i));
    for (int i = 0; i < in.step_size(); ++i) check_step(in.step(i), root.child("step", i));
    std::ranges::stable_sort(out_.steps, {}, &Step::at);
  }

 private:
  double seconds(const ConfigNode& node, const char* field, double value, double low) {
    if (!(value >= low && value <= longest)) {
      config_.problem(node, field,
                      "is " + number_text(value) + "; give seconds from " + number_text(low) + " to a year");
    }
    return value;
  }

  void check_line(const wire::RigLine& in, const ConfigNode& node) {
    names_.check(in.name(), node, config_);
    if (in.link().empty()) config_.problem(node, "link", "is empty; give the path that readers will open");
    config_.check_range(node, "baud", in.baud(), 300, 1'000'000);
    config_.check_range(node, "stop_bits", in.stop_bits(), 1, 2);
    LineSettings line{.name = in.name(), .link = path_beside(config_.file(), in.link())};
    line.serial = {
        .baud = in.baud(), .parity = static_cast<Parity>(in.parity()), .stop_bits = in.stop_bits()};
    line.devices = devices(in, node, 1, 247);
    out_.lines.push_back(std::move(line));
  }

  void check_server(const wire::RigServer& in, const ConfigNode& node) {
    names_.check(in.name(), node, config_);
    check_port(config_, node, in.port());
    if (!is_loopback(in.address())) {
      config_.problem(node, "address",
                      "is " + in_quotes(in.address()) + "; a simulation listens on this machine only");
    }
    out_.servers.push_back(
        {in.name(), in.address(), static_cast<std::uint16_t>(in.port()), devices(in, node, 0, 255)});
  }

  template <typename Bus>
  std::vector<DeviceSettings> devices(const Bus& in, const ConfigNode& node, std::uint64_t unit_min,
                                      std::uint64_t unit_max) {
    std::vector<DeviceSettings> out;
    std::map<std::uint32_t, std::string> units;
    for (int i = 0; i < in.device_size(); ++i) {
      const auto& device = in.device(i);
      const auto at = node.child("device", i);
      config_.check_range(at, "unit", device.unit(), unit_min, unit_max);
      const auto [first, added] = units.emplace(device.unit(), device.name());
      if (!added) {
        config_.problem(at, "unit",
                        std::to_string(device.unit()) + " is that of " + in_quotes(first->second));
      }
      out.push_back(check_device(device, at));
    }
    return out;
  }

  DeviceSettings check_device(const wire::RigDevice& in, const ConfigNode& node) {
    names_.check(in.name(), node, config_);
    DeviceSettings device{.name = in.name(), .unit = static_cast<std::uint8_t>(in.unit())};
    device.tag_reader = in.tag_reader();
    device.tag_slots = static_cast<std::uint16_t>(in.tag_slots());
    config_.check_range(node, "tag_slots", in.tag_slots(), 1, tag_ring_slots_max);
    device.turnaround = in.turnaround_ms() / 1000;
    if (!(in.turnaround_ms() >= 0 && in.turnaround_ms() <= 10'000)) {
      config_.problem(node, "turnaround_ms", "is " + number_text(in.turnaround_ms()) + "; give 0 to 10000");
    }
    devices_[in.name()] = in.tag_reader();
    if (in.tag_reader() == in.has_profile()) {
      config_.problem(node, "profile", "a device has a profile or is a tag_reader, one of them");
      return device;
    }
    if (in.tag_reader()) return device;
    const auto profile = shelf_.find(in.profile(), node, config_);
    if (!profile) return device;
    device.profile = *profile;
    if (out_.profiles[*profile].can) {
      config_.problem(node, "profile",
                      in_quotes(in.profile()) + " is a device on CAN; a rig has Modbus only");
      return device;
    }
    for (int i = 0; i < in.relay_size(); ++i) check_relay(in.relay(i), node.child("relay", i), device);
    for (int i = 0; i < in.signal_size(); ++i) {
      check_signal(in.signal(i), node.child("signal", i), device);
    }
    return device;
  }

  void check_relay(const wire::RigRelay& in, const ConfigNode& node, DeviceSettings& device) {
    names_.check(in.name(), node, config_);
    config_.check_range(node, "coil", in.coil(), 0, 65535);
    const auto coil = static_cast<std::uint16_t>(in.coil());
    if (std::ranges::find(device.relays, coil, &RelaySettings::coil) != device.relays.end())
      config_.problem(node, "coil", std::to_string(coil) + " has a relay of this device already");
    relays_.push_back(in.name());
    const auto text = [&](bool given, const std::string& words, const char* otherwise) {
      return given ? words : in.name() + otherwise;
    };
    device.relays.push_back({in.name(), coil, in.on(), text(in.has_text_on(), in.text_on(), " is on"),
                             text(in.has_text_off(), in.text_off(), " is off")});
  }

  void check_signal(const wire::RigSignal& in, const ConfigNode& node, DeviceSettings& device) {
    const auto& signals = out_.profiles[device.profile].signals;
    const auto found = std::ranges::find(signals, in.signal(), &SignalProfile::name);
    if (found == signals.end()) {
      std::vector<std::string> there;
      for (const auto& signal : signals) there.push_back(signal.name);
      config_.problem(node, "signal",
                      "profile " + in_quotes(out_.profiles[device.profile].name) + " has no " +
                          in_quotes(in.signal()) + suggestion(in.signal(), there));
      return;
    }
    const auto name = in.has_name() ? in.name() : device.name + "." + in.signal();
    if (!signals_.emplace(name, 0).second)
      config_.problem(node, "name", in_quotes(name) + " is taken already");
    device.signals.push_back({name, static_cast<std::uint32_t>(found - signals.begin()), source(in, node)});
  }

  Source source(const wire::RigSignal& in, const ConfigNode& node) {
    switch (in.source_case()) {
      case wire::RigSignal::kConstant: return Constant{in.constant()};
      case wire::RigSignal::kSine:
        return Sine{in.sine().mean(), in.sine().amplitude(),
                    seconds(node.child("sine"), "period_s", in.sine().period_s(), 0.001)};
      case wire::RigSignal::kWander:
        return Wander{in.wander().mean(), in.wander().reach(),
                      seconds(node.child("wander"), "pace_s", in.wander().pace_s(), 0.01)};
      case wire::RigSignal::kRecording: {
        const auto& r = in.recording();
        return RecordingSource{path_beside(config_.file(), r.file()), r.column(), r.time_column(),
                               speed(node.child("recording"), r.speed())};
      }
      case wire::RigSignal::kRow:
        return RecordingSource{path_beside(config_.file(), in.row().file()),
                               {},
                               in.row().time_column(),
                               speed(node.child("row"), in.row().speed())};
      case wire::RigSignal::kFollow:
        return Follow{known_relay(node.child("follow"), "relay", in.follow().relay()), in.follow().on(),
                      in.follow().off()};
      case wire::RigSignal::SOURCE_NOT_SET: break;
    }
    config_.problem(node, "signal",
                    "has no source; give one of constant, sine, wander, recording, row, follow");
    return Constant{};
  }

  double speed(const ConfigNode& node, double value) {
    if (!(value > 0 && value <= 1e6))
      config_.problem(node, "speed", "is " + number_text(value) + "; give 0 to 1000000");
    return value;
  }

  void check_step(const wire::RigStep& in, const ConfigNode& node) {
    const double at = seconds(node, "at_s", in.at_s(), 0);
    const auto what = happening(in, node);
    if (!what) return;
    out_.steps.push_back({at, in.has_text() ? in.text() : describe(*what), *what});
  }

  std::optional<Happening> happening(const wire::RigStep& in, const ConfigNode& node) {
    switch (in.what_case()) {
      case wire::RigStep::kRamp: {
        const auto at = node.child("ramp");
        return Ramp{known(at, "signal", in.ramp().signal()), in.ramp().to(),
                    seconds(at, "over_s", in.ramp().over_s(), 0),
                    seconds(at, "hold_s", in.ramp().hold_s(), 0)};
      }
      case wire::RigStep::kSpike: {
        const auto at = node.child("spike");
        return Spike{known(at, "signal", in.spike().signal()), in.spike().to(),
                     seconds(at, "for_s", in.spike().for_s(), 0)};
      }
      case wire::RigStep::kStuck: {
        const auto at = node.child("stuck");
        return Stuck{known(at, "signal", in.stuck().signal()), seconds(at, "for_s", in.stuck().for_s(), 0)};
      }
      case wire::RigStep::kOverRange: {
        const auto at = node.child("over_range");
        return OverRange{known(at, "signal", in.over_range().signal()),
                         seconds(at, "for_s", in.over_range().for_s(), 0)};
      }
      case wire::RigStep::kCalibration: {
        const auto at = node.child("calibration");
        return Calibration{known(at, "signal", in.calibration().signal()), in.calibration().to(),
                           seconds(at, "for_s", in.calibration().for_s(), 0), in.calibration().flagged()};
      }
      case wire::RigStep::kFanStop: return fan_stop(in.fan_stop(), node.child("fan_stop"));
      case wire::RigStep::kFault: {
        const auto at = node.child("fault");
        known_device(at, "device", in.fault().device(), false);
        return Fault{in.fault().device(), static_cast<FaultKind>(in.fault().kind() - 1),
                     seconds(at, "for_s", in.fault().for_s(), 0)};
      }
      case wire::RigStep::kTagWalk: return tag_walk(in.tag_walk(), node.child("tag_walk"));
      case wire::RigStep::WHAT_NOT_SET: break;
    }
    config_.problem(node, "at_s",
                    "nothing happens in this step; give one of ramp, spike, stuck, over_range, "
                    "calibration, fan_stop, fault, tag_walk");
    return std::nullopt;
  }

  FanStop fan_stop(const wire::RigFanStop& in, const ConfigNode& node) {
    FanStop out{known(node, "fan", in.fan()), {}, {}, in.gas_to(), seconds(node, "for_s", in.for_s(), 0), {}};
    if (in.has_start_lock()) {
      out.start_lock = known_relay(node, "start_lock", in.start_lock());
      if (out_.repeat_after > 0) {
        config_.problem(node, "start_lock",
                        "keeps the fan standing for as long as it likes, which does not go with "
                        "repeat_after_s; leave one of them out");
      }
    }
    for (int i = 0; i < in.air_size(); ++i) out.air.push_back(known(node, "air", in.air(i), i));
    for (int i = 0; i < in.gas_size(); ++i) out.gas.push_back(known(node, "gas", in.gas(i), i));
    return out;
  }

  TagWalk tag_walk(const wire::RigTagWalk& in, const ConfigNode& node) {
    known_device(node, "reader", in.reader(), true);
    if (!(in.speed_m_s() > 0 && in.speed_m_s() <= 50)) {
      config_.problem(node, "speed_m_s", "is " + number_text(in.speed_m_s()) + "; give up to 50");
    }
    if (!(in.reach_m() > 0 && in.reach_m() <= 300)) {
      config_.problem(node, "reach_m", "is " + number_text(in.reach_m()) + "; give up to 300");
    }
    return {in.reader(),
            in.tag(),
            in.speed_m_s(),
            in.reach_m(),
            seconds(node, "every_s", in.every_s(), 0.05),
            in.sos(),
            in.low_battery()};
  }

  // A signal that a step refers to.
  std::string known(const ConfigNode& node, const char* field, const std::string& name, int index = -1) {
    if (signals_.contains(name)) return name;
    std::vector<std::string> there;
    for (const auto& [each, unused] : signals_) there.push_back(each);
    config_.problem(node, field, "there is no signal " + in_quotes(name) + suggestion(name, there), index);
    return name;
  }

  std::string known_relay(const ConfigNode& node, const char* field, const std::string& name) {
    if (std::ranges::find(relays_, name) == relays_.end())
      config_.problem(node, field, "there is no relay " + in_quotes(name) + suggestion(name, relays_));
    return name;
  }

  void known_device(const ConfigNode& node, const char* field, const std::string& name, bool reader) {
    const auto found = devices_.find(name);
    if (found == devices_.end()) {
      config_.problem(node, field, "there is no device " + in_quotes(name));
    } else if (reader && !found->second) {
      config_.problem(node, field, in_quotes(name) + " is no tag_reader");
    }
  }

  ConfigText& config_;
  RigConfig& out_;
  ProfileShelf shelf_;
  ConfigNames names_;
  std::map<std::string, int> signals_;
  std::map<std::string, bool> devices_;  // is it a tag reader
  std::vector<std::string> relays_;
};

}  // namespace

double length_of(const Happening& what) {
  return std::visit(
      Overload{[](const Ramp& s) { return 2 * s.over + s.hold; },
               // Air and gas need as long to recover as a third of the stop.
               [](const FanStop& s) { return s.lasts * 4 / 3; },
               [](const TagWalk& s) { return 2 * s.reach / s.speed; }, [](const auto& s) { return s.lasts; }},
      what);
}

Result<RigConfig> parse_rig_config(std::string_view text, const std::string& file,
                                   const std::string& profile_folder) {
  ConfigText config{file};
  wire::RigConfig in;
  RigConfig out;
  if (config.parse(text, in)) {
    const auto folder = in.has_profiles() ? path_beside(config.file(), in.profiles()) : profile_folder;
    RigCheck{folder, config, out}.run(in);
  }
  if (!config.ok()) return fail(config.status().error());
  return out;
}

Result<RigConfig> load_rig_config(const std::string& file, const std::string& profile_folder) {
  const auto text = read_config_file(file);
  if (!text) return fail(text.error());
  return parse_rig_config(*text, file, profile_folder);
}

}  // namespace davy::rig
