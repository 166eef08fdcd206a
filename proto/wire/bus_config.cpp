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
    check_endpoint(in, node, bus);
    config_.check_range(node, "period_ms", in.period_ms(), period_ms_min, period_ms_max);
    config_.check_range(node, "fast_period_ms", in.fast_period_ms(), period_ms_min, fast_period_ms_max);
    bus.fast_period = Duration{in.fast_period_ms()};
    if (in.device_size() == 0)
      config_.problem(node, "device", "is missing: nothing would be read on this bus");
    Addresses addresses;
    for (int i = 0; i < in.device_size(); ++i) {
      const auto& device = in.device(i);
      const auto device_node = node.child("device", i);
      bus.devices.push_back(check_device(device, in, device_node));
      if (!in.has_can()) check_unit(device, in, device_node);
      if (!in.has_lines()) check_unique(device, device_node, addresses);
    }
    if (in.has_lines()) check_lines_bus(in, node, bus);
    whole_.buses.push_back(std::move(bus));
  }

  void check_endpoint(const wire::BusConfig& in, const ConfigNode& node, BusSettings& bus) {
    const int given = in.has_rtu() + in.has_tcp() + in.has_can() + in.has_lines();
    if (given != 1) {
      const char* field = given == 0 ? "rtu" : in.has_lines() ? "lines" : in.has_can() ? "can" : "tcp";
      config_.problem(node, field, "a bus has exactly one of rtu, tcp, can and lines");
    } else if (in.has_rtu()) {
      bus.endpoint = check_rtu(in.rtu(), node.child("rtu"));
    } else if (in.has_tcp()) {
      bus.endpoint = check_tcp(in.tcp(), node.child("tcp"));
    } else if (in.has_can()) {
      bus.endpoint = check_can(in.can(), node.child("can"));
    } else {
      bus.endpoint = LineSettings{in.lines().host(), static_cast<std::uint16_t>(in.lines().port())};
    }
  }

  // Of the devices of one bus, and of those on CAN that have none the profiles.
  struct Addresses {
    std::map<std::uint32_t, std::string> units;
    std::map<std::string, std::string> profiles;
  };

  void check_unit(const wire::DeviceConfig& in, const wire::BusConfig& bus, const ConfigNode& node) {
    if (bus.has_lines()) {
      if (in.has_unit())
        config_.problem(node, "unit", "means nothing to a reader that sends lines; leave it out");
      return;
    }
    if (!in.has_unit())
      return config_.problem(node, "unit", "is missing; give the address set on the device");
    config_.check_range(node, "unit", in.unit(), bus.has_rtu() ? 1 : 0, bus.has_rtu() ? 247 : 255);
  }

  void check_unique(const wire::DeviceConfig& in, const ConfigNode& node, Addresses& taken) {
    if (in.has_unit()) {
      const auto [first, added] = taken.units.emplace(in.unit(), in.name());
      if (added) return;
      config_.problem(
          node, "unit",
          std::to_string(in.unit()) + " is that of device " + in_quotes(first->second) + " on the same bus");
      return;
    }
    const auto [first, added] = taken.profiles.emplace(in.profile(), in.name());
    if (added) return;
    config_.problem(node, "profile",
                    "device " + in_quotes(first->second) + " on this bus listens to the same frames already");
  }

  // A connection is one reader's.
  void check_lines_bus(const wire::BusConfig& in, const ConfigNode& node, BusSettings& bus) {
    const auto lines = node.child("lines");
    check_address(config_, lines, "host", in.lines().host());
    if (in.device_size() > 1)
      config_.problem(node, "device", "a bus with lines is the connection of one reader; give each its own",
                      1);
    if (in.lines().has_port()) return check_port(config_, lines, in.lines().port());
    auto* settings = std::get_if<LineSettings>(&bus.endpoint);
    if (settings == nullptr || bus.devices.empty() || whole_.profiles.empty()) return;  // told already
    const DeviceProfile& model = whole_.profiles[bus.devices[0].profile];
    const auto* reader = model.tag_reader ? std::get_if<TagLinesProfile>(&*model.tag_reader) : nullptr;
    if (reader == nullptr) return;  // told already
    settings->port = reader->port.value_or(0);
    if (!reader->port)
      config_.problem(lines, "port", "is missing, and profile " + in_quotes(model.name) + " has none either");
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

  CanSettings check_can(const wire::CanConfig& in, const ConfigNode& node) {
    // What the kernel takes as an interface's name.
    const bool possible = !in.interface().empty() && in.interface().size() <= 15 &&
                          in.interface().find_first_of(" \t/:") == std::string::npos;
    if (in.has_interface() && !possible)
      config_.problem(node, "interface", "must have 1 to 15 characters without blanks, such as can0");
    const auto [first, added] = can_interfaces_.emplace(in.interface(), node.place_of("interface").line);
    if (!added) {
      config_.problem(node, "interface",
                      in_quotes(in.interface()) + " is used already in line " +
                          std::to_string(first->second) + "; put all its devices on one bus");
    }
    if (in.has_bitrate()) config_.check_range(node, "bitrate", in.bitrate(), 1000, 1'000'000);
    return {in.interface(), in.bitrate()};
  }

  // What a bus can carry, and what a profile needs.
  enum class Kind : std::uint8_t { modbus, can, lines };
  static Kind kind_of(const wire::BusConfig& bus) {
    return bus.has_can() ? Kind::can : bus.has_lines() ? Kind::lines : Kind::modbus;
  }
  static Kind kind_of(const DeviceProfile& model) {
    if (model.can) return Kind::can;
    const auto& reader = model.tag_reader;
    if (reader && std::holds_alternative<TagCanProfile>(*reader)) return Kind::can;
    return reader && std::holds_alternative<TagLinesProfile>(*reader) ? Kind::lines : Kind::modbus;
  }

  // Profile and bus have to be of one kind. True when they are.
  bool check_kind(const wire::DeviceConfig& in, const wire::BusConfig& bus, const DeviceProfile& model,
                  const ConfigNode& node) {
    const Kind needed = kind_of(model);
    const Kind given = kind_of(bus);
    const std::string name = in_quotes(in.profile());
    if (needed == Kind::can && !model.can) {
      config_.problem(node, "profile",
                      name +
                          " is a reader of tags on CAN, which a gateway cannot read yet; take one that has "
                          "registers or sends lines");
      return false;
    }
    if (given == needed) {
      if (given == Kind::can) check_can_unit(in, *model.can, node);
      return true;
    }
    if (needed == Kind::can) {
      config_.problem(node, "profile", name + " is a device on CAN; it needs a bus with can");
    } else if (needed == Kind::lines) {
      config_.problem(node, "profile",
                      name + " is a reader that sends lines over TCP; it needs a bus with lines");
    } else if (given == Kind::can) {
      config_.problem(node, "profile",
                      name + " is no device on CAN; take a profile with can, or a bus with rtu or tcp");
    } else {
      config_.problem(
          node, "profile",
          name + " sends no lines; take a profile with tag_reader { lines }, or a bus with rtu or tcp");
    }
    return false;
  }

  void check_can_unit(const wire::DeviceConfig& in, const CanProfile& model, const ConfigNode& node) {
    switch (model.addressing) {
      case CanAddressing::as_in_dbc:
        if (in.has_unit())
          config_.problem(node, "unit", "means nothing to this profile: its ids are fixed; leave it out");
        return;
      case CanAddressing::canopen_node:
        if (!in.has_unit())
          return config_.problem(node, "unit", "is missing; give the node's number, 1 to 127");
        return config_.check_range(node, "unit", in.unit(), 1, 127);
      case CanAddressing::j1939_source:
        if (in.has_unit()) config_.check_range(node, "unit", in.unit(), 0, 253);
        return;
    }
  }

  DeviceSettings check_device(const wire::DeviceConfig& in, const wire::BusConfig& bus,
                              const ConfigNode& node) {
    device_names_.check(in.name(), node, config_);
    const std::uint32_t period_ms = in.has_period_ms() ? in.period_ms() : bus.period_ms();
    if (in.has_period_ms()) config_.check_range(node, "period_ms", period_ms, period_ms_min, period_ms_max);
    if (in.has_reply_timeout_ms()) {
      config_.check_range(node, "reply_timeout_ms", in.reply_timeout_ms(), 10, 10'000);
    }
    DeviceSettings out{.name = in.name(),
                       .unit = static_cast<std::uint8_t>(in.unit()),
                       .has_unit = in.has_unit(),
                       .period = Duration{period_ms}};
    for (int i = 0; i < in.point_size(); ++i) {
      point_names_.check(in.point(i).name(), node.child("point", i), config_);
    }
    if (!in.has_profile()) return out;  // told already
    const auto profile = shelf_.find(in.profile(), node, config_);
    if (!profile) return out;
    const DeviceProfile& model = whole_.profiles[*profile];
    out.profile = *profile;
    if (!check_kind(in, bus, model, node)) return out;
    out.is_tag_reader = model.tag_reader.has_value();
    if (in.has_debounce()) out.debounce = check_debounce(in, model, node);
    if (in.point_size() == 0 && !model.tag_reader)
      config_.problem(node, "point", "is missing: nothing would be read from this device");
    out.reply_timeout = in.has_reply_timeout_ms() ? Duration{in.reply_timeout_ms()} : model.reply_timeout;
    add_points(in, bus.name() + "/" + in.name(), model, node, out);
    return out;
  }

  DebounceSettings check_debounce(const wire::DeviceConfig& in, const DeviceProfile& model,
                                  const ConfigNode& node) {
    if (!model.tag_reader) {
      config_.problem(node, "debounce",
                      "is for readers of tags, and profile " + in_quotes(model.name) + " is none");
    }
    const auto& debounce = in.debounce();
    const auto child = node.child("debounce");
    config_.check_range(child, "repeat_within_ms", debounce.repeat_within_ms(), 50, 30'000);
    config_.check_range(child, "move_min_cm", debounce.move_min_cm(), 1, 10'000);
    config_.check_range(child, "keep_alive_ms", debounce.keep_alive_ms(), 200, 30'000);
    return {Duration{debounce.repeat_within_ms()}, static_cast<std::int32_t>(debounce.move_min_cm()),
            Duration{debounce.keep_alive_ms()}};
  }

  void add_points(const wire::DeviceConfig& in, const std::string& device, const DeviceProfile& model,
                  const ConfigNode& node, DeviceSettings& out) {
    std::map<std::uint32_t, std::string> signals;
    for (int i = 0; i < in.point_size(); ++i) {
      const auto point = node.child("point", i);
      const auto signal = check_signal(in.point(i), model, point, signals);
      if (!signal) continue;
      out.points.push_back({static_cast<std::uint32_t>(whole_.points.size()), *signal});
      // What is sent less often than it is looked at has the period at which it is sent.
      const auto& can = model.signals[*signal].can;
      const Duration period =
          std::max(out.period, can ? can->source.period.value_or(Duration{0}) : Duration{0});
      whole_.points.push_back(
          point_from(in.point(i), model.signals[*signal], device, period, point, config_));
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
  std::map<std::string, int> can_interfaces_;
};

}  // namespace

void check_buses(const wire::GatewayConfig& in, const std::string& profile_folder, ConfigText& config,
                 GatewayConfig& out) {
  BusCheck{profile_folder, config, out}.run(in);
}

}  // namespace davy
