#include "proto/wire/bus_config.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <map>
#include <optional>
#include <set>

#include "proto/wire/config_checks.hpp"
#include "proto/wire/config_names.hpp"
#include "proto/wire/gateway_config.pb.h"
#include "proto/wire/limits.hpp"
#include "proto/wire/point_config.hpp"
#include "proto/wire/profile_shelf.hpp"
#include "proto/wire/text_rules.hpp"

namespace davy {
namespace {

constexpr std::string_view tcp_scheme = "tcp://";
constexpr std::uint64_t period_ms_min = 20;
constexpr std::uint64_t period_ms_max = 3600 * 1000;
constexpr std::uint64_t fast_period_ms_max = 10'000;

class BusCheck {
 public:
  BusCheck(const std::string& folder, ConfigText& config, GatewayConfig& whole)
      : config_{config}, whole_{whole}, shelf_{folder, whole.profiles} {}

  void run(const wire::GatewayConfig& in) {
    const auto root = config_.root(in);
    if (in.bus_size() == 0) config_.problem(root, "bus", "is missing: without one there is nothing to read");
    for (int i = 0; i < in.bus_size(); ++i) check_bus(in.bus(i), root.child("bus", i));
    if (whole_.points.size() > points_max) {
      config_.problem(root, "bus",
                      "has " + std::to_string(whole_.points.size()) + " points in all; a gateway carries " +
                          std::to_string(points_max));
    }
  }

 private:
  void check_bus(const wire::BusConfig& in, const ConfigNode& node) {
    bus_names_.check(in.name(), node, config_);
    BusSettings bus{.name = in.name()};
    if (in.has_rtu() == in.has_tcp()) {
      config_.problem(node, in.has_rtu() ? "tcp" : "rtu", "a bus has exactly one of rtu and tcp");
    } else if (in.has_rtu()) {
      bus.endpoint = check_rtu(in.rtu(), node.child("rtu"));
    } else {
      bus.endpoint = check_tcp(in.tcp(), node.child("tcp"));
    }
    config_.check_range(node, "period_ms", in.period_ms(), period_ms_min, period_ms_max);
    config_.check_range(node, "fast_period_ms", in.fast_period_ms(), period_ms_min, fast_period_ms_max);
    bus.fast_period = Duration{in.fast_period_ms()};
    if (in.device_size() == 0)
      config_.problem(node, "device", "is missing: nothing would be read on this bus");
    std::map<std::uint32_t, std::string> units;
    for (int i = 0; i < in.device_size(); ++i) {
      const auto& device = in.device(i);
      const auto device_node = node.child("device", i);
      config_.check_range(device_node, "unit", device.unit(), in.has_rtu() ? 1 : 0, in.has_rtu() ? 247 : 255);
      const auto [first, added] = units.emplace(device.unit(), device.name());
      if (!added) {
        config_.problem(device_node, "unit",
                        std::to_string(device.unit()) + " is that of device " + in_quotes(first->second) +
                            " on the same bus");
      }
      bus.devices.push_back(check_device(device, in, device_node));
    }
    whole_.buses.push_back(std::move(bus));
  }

  RtuSettings check_rtu(const wire::RtuConfig& in, const ConfigNode& node) {
    RtuSettings out{.device = in.device(), .rs485 = in.rs485()};
    if (in.device().starts_with(tcp_scheme)) {
      out.over_tcp = check_serial_server(in, node);
    } else {
      out.device = path_beside(config_.file(), in.device());
    }
    if (out.device.empty())
      config_.problem(node, "device", "is empty; give the serial port, such as /dev/ttyS1");
    const auto [first, added] = serial_devices_.emplace(out.device, node.place_of("device").line);
    if (!added) {
      config_.problem(node, "device",
                      in_quotes(in.device()) + " is used already in line " + std::to_string(first->second) +
                          "; put all its devices on one bus");
    }
    config_.check_range(node, "baud", in.baud(), 300, 1'000'000);
    config_.check_range(node, "stop_bits", in.stop_bits(), 1, 2);
    out.serial = {in.baud(), static_cast<Parity>(in.parity()), in.stop_bits()};
    return out;
  }

  std::optional<TcpSettings> check_serial_server(const wire::RtuConfig& in, const ConfigNode& node) {
    const std::string where = in.device().substr(tcp_scheme.size());
    const auto colon = where.rfind(':');
    std::uint32_t port = 0;
    if (colon != std::string::npos) {
      const char* end = where.data() + where.size();
      const auto [stop, error] = std::from_chars(where.data() + colon + 1, end, port);
      if (error != std::errc{} || stop != end) port = 0;
    }
    if (colon == 0 || port < 1 || port > 65535) {
      config_.problem(node, "device",
                      in_quotes(in.device()) +
                          " is no serial server; write tcp://host:port, such as "
                          "tcp://192.168.1.50:4001");
      return std::nullopt;
    }
    if (in.rs485())
      config_.problem(node, "rs485", "is the serial server's own affair; set it there and leave it out here");
    return TcpSettings{where.substr(0, colon), static_cast<std::uint16_t>(port)};
  }

  TcpSettings check_tcp(const wire::TcpConfig& in, const ConfigNode& node) {
    check_host(config_, node, "host", in.host());
    check_port(config_, node, in.port());
    config_.check_range(node, "outstanding", in.outstanding(), 1, 16);
    return {in.host(), static_cast<std::uint16_t>(in.port()), in.outstanding()};
  }

  DeviceSettings check_device(const wire::DeviceConfig& in, const wire::BusConfig& bus,
                              const ConfigNode& node) {
    device_names_.check(in.name(), node, config_);
    const std::uint32_t period_ms = in.has_period_ms() ? in.period_ms() : bus.period_ms();
    if (in.has_period_ms()) config_.check_range(node, "period_ms", period_ms, period_ms_min, period_ms_max);
    if (in.has_reply_timeout_ms()) {
      config_.check_range(node, "reply_timeout_ms", in.reply_timeout_ms(), 10, 10'000);
    }
    DeviceSettings out{
        .name = in.name(), .unit = static_cast<std::uint8_t>(in.unit()), .period = Duration{period_ms}};
    if (in.point_size() == 0)
      config_.problem(node, "point", "is missing: nothing would be read from this device");

    for (int i = 0; i < in.point_size(); ++i) {
      point_names_.check(in.point(i).name(), node.child("point", i), config_);
    }
    if (!in.has_profile()) return out;  // told already
    const auto profile = shelf_.find(in.profile(), node, config_);
    if (!profile) return out;
    const DeviceProfile& model = whole_.profiles[*profile];
    out.profile = *profile;
    out.reply_timeout = in.has_reply_timeout_ms() ? Duration{in.reply_timeout_ms()} : model.reply_timeout;
    add_points(in, bus.name() + "/" + in.name(), model, node, out);
    return out;
  }

  void add_points(const wire::DeviceConfig& in, const std::string& device, const DeviceProfile& model,
                  const ConfigNode& node, DeviceSettings& out) {
    std::map<std::uint32_t, std::string> signals;
    for (int i = 0; i < in.point_size(); ++i) {
      const auto point = node.child("point", i);
      const auto signal = check_signal(in.point(i), model, point, signals);
      if (!signal) continue;
      out.points.push_back({static_cast<std::uint32_t>(whole_.points.size()), *signal});
      whole_.points.push_back(
          point_from(in.point(i), model.signals[*signal], device, out.period, point, config_));
    }
  }

  // The position of a point's signal in the profile. `taken` are those of the device's other points.
  std::optional<std::uint32_t> check_signal(const wire::PointConfig& in, const DeviceProfile& profile,
                                            const ConfigNode& node,
                                            std::map<std::uint32_t, std::string>& taken) {
    if (!in.has_signal()) return std::nullopt;
    const auto at = std::ranges::find(profile.signals, in.signal(), &SignalProfile::name);
    if (at == profile.signals.end()) {
      std::vector<std::string> names;
      std::ranges::transform(profile.signals, std::back_inserter(names), &SignalProfile::name);
      std::string list;
      for (const auto& name : names) list += (list.empty() ? "" : ", ") + name;
      config_.problem(node, "signal",
                      "profile " + in_quotes(profile.name) + " has no signal " + in_quotes(in.signal()) +
                          suggestion(in.signal(), names) + "; it has: " + list);
      return std::nullopt;
    }
    const auto index = static_cast<std::uint32_t>(at - profile.signals.begin());
    const auto [first, added] = taken.emplace(index, in.name());
    if (!added) {
      config_.problem(node, "signal",
                      "overlapping points: " + in_quotes(in.signal()) + " of this device is already " +
                          in_quotes(first->second));
    }
    return index;
  }

  ConfigText& config_;
  GatewayConfig& whole_;
  ProfileShelf shelf_;
  ConfigNames bus_names_;
  ConfigNames device_names_;
  ConfigNames point_names_;
  std::map<std::string, int> serial_devices_;
};

}  // namespace

void check_buses(const wire::GatewayConfig& in, const std::string& profile_folder, ConfigText& config,
                 GatewayConfig& out) {
  BusCheck{profile_folder, config, out}.run(in);
}

}  // namespace davy
