#include "proto/wire/output_config.hpp"

#include <algorithm>

#include "proto/wire/gateway_config.pb.h"

namespace davy {
namespace {

constexpr Duration local_cut{2'000};    // AQ 6201: a cut on the spot
constexpr Duration remote_cut{40'000};  // and one through another station

template <typename T>
std::vector<std::string> names_of(const std::vector<T>& things) {
  std::vector<std::string> out;
  for (const T& thing : things) out.push_back(thing.name);
  return out;
}

}  // namespace

void check_lock_title(const char* field, const std::string& title, const ConfigNode& node,
                      ConfigText& config) {
  if (title.size() <= lock_title_size_max) return;
  config.problem(node, field, "is longer than " + std::to_string(lock_title_size_max) + " bytes");
}

std::optional<std::uint32_t> find_name(const std::vector<std::string>& names, const std::string& name,
                                       const char* what, const ConfigNode& node, const char* field, int index,
                                       ConfigText& config) {
  const auto at = std::ranges::find(names, name);
  if (at != names.end()) return static_cast<std::uint32_t>(at - names.begin());
  config.problem(node, field,
                 std::string{"there is no "} + what + " " + in_quotes(name) + suggestion(name, names), index);
  return std::nullopt;
}

OutputCheck::OutputCheck(ConfigText& config, const GatewayConfig& whole, InterlockSettings& out)
    : config_{config},
      whole_{whole},
      out_{out},
      area_names_{names_of(out.areas)},
      point_names_{names_of(whole.points)},
      bus_names_{names_of(whole.buses)} {}

void OutputCheck::run(const wire::InterlockConfig& in, const ConfigNode& node) {
  if (in.output_size() == 0) config_.problem(node, "output", "is missing: without one nothing can be cut");
  for (int i = 0; i < in.output_size(); ++i) {
    out_.outputs.push_back(check(in.output(i), node.child("output", i)));
  }
}

OutputSettings OutputCheck::check(const wire::OutputConfig& in, const ConfigNode& node) {
  names_.check(in.name(), node, config_);
  check_lock_title("title", in.title(), node, config_);
  check_lock_title("title_en", in.title_en(), node, config_);
  OutputSettings out{.name = in.name(),
                     .title = in.title(),
                     .title_en = in.title_en(),
                     .kind = static_cast<OutputKind>(in.kind() - wire::OutputConfig::CUTTER)};
  if (in.has_area()) {
    out.area = find_name(area_names_, in.area(), "area", node, "area", -1, config_).value_or(0);
  }
  check_acting(in, node, out);
  config_.check_range(node, "read_back_within_ms", in.read_back_within_ms(), 200, 10'000);
  out.read_back_within = Duration{in.read_back_within_ms()};
  out.feed_within = in.remote() ? remote_cut : local_cut;
  check_feeds(in, node, out);
  if (in.has_gpio() == in.has_modbus()) {
    config_.problem(node, in.has_gpio() ? "modbus" : "gpio", "an output has exactly one of gpio and modbus");
  } else if (in.has_gpio()) {
    out.port = check_gpio(in.gpio(), node.child("gpio"));
  } else {
    out.port = check_modbus(in.modbus(), node.child("modbus"));
  }
  return out;
}

// Two things a fan must never meet: a dead box that keeps it from starting, and one that lets it start into
// gas.
void OutputCheck::check_acting(const wire::OutputConfig& in, const ConfigNode& node, OutputSettings& out) {
  const bool cutter = out.kind == OutputKind::cutter;
  out.energise_to_act = in.has_acts_by() ? in.acts_by() == wire::OutputConfig::ENERGISE : !cutter;
  if (out.kind == OutputKind::fan_lock && !out.energise_to_act) {
    config_.problem(node, "acts_by",
                    "is DEENERGISE; a FAN_LOCK acts by ENERGISE: a box without power must not stop a fan");
  }
  switch (out.kind) {
    case OutputKind::cutter: out.on_exit = ExitState::act; break;
    case OutputKind::fan_lock: out.on_exit = ExitState::keep; break;
    case OutputKind::sounder: out.on_exit = ExitState::rest; break;
  }
  if (!in.has_on_exit()) return;
  out.on_exit = static_cast<ExitState>(in.on_exit() - wire::OutputConfig::ACT);
  if (out.kind == OutputKind::fan_lock && out.on_exit == ExitState::act) {
    config_.problem(node, "on_exit",
                    "is ACT; a gateway that ends must not lock a fan: give KEEP or REST, or leave it out");
  }
  if (cutter && out.on_exit != ExitState::act && in.legal_basis().empty()) {
    config_.problem(node, "on_exit",
                    "leaves the area fed while nobody watches it; give ACT, or in legal_basis who allows it");
  }
}

void OutputCheck::check_feeds(const wire::OutputConfig& in, const ConfigNode& node, OutputSettings& out) {
  if (in.feed_size() > 0 && out.kind != OutputKind::cutter) {
    config_.problem(node, "feed", "only a CUTTER has a load side", 0);
  }
  for (int i = 0; i < in.feed_size(); ++i) {
    const auto feed = node.child("feed", i);
    if (!in.feed(i).has_point()) continue;  // told already
    const auto point = find_name(point_names_, in.feed(i).point(), "point", feed, "point", -1, config_);
    if (!point) continue;
    const bool twice =
        std::ranges::any_of(out.feeds, [&](const FeedSettings& f) { return f.point == *point; });
    if (twice) config_.problem(feed, "point", in_quotes(in.feed(i).point()) + " is named twice here");
    out.feeds.push_back({*point, in.feed(i).fed_above()});
  }
}

GpioOutputSettings OutputCheck::check_gpio(const wire::GpioOutputConfig& in, const ConfigNode& node) {
  constexpr std::uint64_t line_max = 1023;
  if (in.chip().empty()) config_.problem(node, "chip", "is empty; give the chip, such as /dev/gpiochip0");
  config_.check_range(node, "line", in.line(), 0, line_max);
  GpioOutputSettings out{.chip = in.chip(), .line = in.line(), .active_low = in.active_low()};
  claim(in.chip() + ", line " + std::to_string(in.line()), node, "line");
  if (!in.has_read_back_line()) {
    if (in.has_read_back_active_low()) {
      config_.problem(node, "read_back_active_low", "has no meaning without read_back_line");
    }
    return out;
  }
  config_.check_range(node, "read_back_line", in.read_back_line(), 0, line_max);
  claim(in.chip() + ", line " + std::to_string(in.read_back_line()), node, "read_back_line");
  out.read_back_line = in.read_back_line();
  out.read_back_active_low = in.read_back_active_low();
  return out;
}

ModbusOutputSettings OutputCheck::check_modbus(const wire::ModbusOutputConfig& in, const ConfigNode& node) {
  constexpr std::uint64_t word_max = UINT16_MAX;
  ModbusOutputSettings out;
  if (in.has_bus()) out.bus = find_name(bus_names_, in.bus(), "bus", node, "bus", -1, config_).value_or(0);
  const auto is_modbus = [](const auto& endpoint) {
    return std::holds_alternative<RtuSettings>(endpoint) || std::holds_alternative<TcpSettings>(endpoint);
  };
  if (out.bus < whole_.buses.size() && !is_modbus(whole_.buses[out.bus].endpoint)) {
    config_.problem(node, "bus", in_quotes(in.bus()) + " is no Modbus bus; take one with rtu or tcp");
  }
  config_.check_range(node, "unit", in.unit(), 1, 247);
  config_.check_range(node, "reply_timeout_ms", in.reply_timeout_ms(), 10, 1000);
  out.unit = static_cast<std::uint8_t>(in.unit());
  out.reply_timeout = Duration{in.reply_timeout_ms()};
  if (in.has_coil() == in.has_holding_register()) {
    config_.problem(node, in.has_coil() ? "holding_register" : "coil",
                    "an output is exactly one of coil and holding_register");
    return out;
  }
  const bool coil = in.has_coil();
  const char* field = coil ? "coil" : "holding_register";
  const std::uint32_t address = coil ? in.coil() : in.holding_register();
  config_.check_range(node, field, address, 0, word_max);
  config_.check_range(node, "on_value", in.on_value(), 0, coil ? 1 : word_max);
  config_.check_range(node, "off_value", in.off_value(), 0, coil ? 1 : word_max);
  if (in.on_value() == in.off_value()) config_.problem(node, "off_value", "is the same as on_value");
  if (coil && in.on_value() != 1) config_.problem(node, "on_value", "of a coil is 1");
  claim("bus " + in.bus() + ", unit " + std::to_string(in.unit()) + ", " + field + " " +
            std::to_string(address),
        node, field);
  out.table = coil ? RegisterTable::coil : RegisterTable::holding;
  out.address = static_cast<std::uint16_t>(address);
  out.on_value = static_cast<std::uint16_t>(in.on_value());
  out.off_value = static_cast<std::uint16_t>(in.off_value());
  out.read_back_table = out.table;
  out.read_back_address = out.address;
  out.read_back_on = out.on_value;
  out.read_back_off = out.off_value;
  if (in.has_read_back_contact()) {
    config_.check_range(node, "read_back_contact", in.read_back_contact(), 0, word_max);
    out.read_back_table = RegisterTable::discrete_input;
    out.read_back_address = static_cast<std::uint16_t>(in.read_back_contact());
    out.read_back_on = in.read_back_inverted() ? 0 : 1;
    out.read_back_off = in.read_back_inverted() ? 1 : 0;
  } else if (in.has_read_back_inverted()) {
    config_.problem(node, "read_back_inverted", "has no meaning without read_back_contact");
  }
  return out;
}

void OutputCheck::claim(const std::string& port, const ConfigNode& node, const char* field) {
  const auto [first, added] = ports_.emplace(port, node.place_of(field).line);
  if (added) return;
  config_.problem(node, field,
                  port + " is used already in line " + std::to_string(first->second) +
                      "; two outputs cannot share one port");
}

}  // namespace davy
