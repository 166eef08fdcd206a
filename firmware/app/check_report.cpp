#include "firmware/app/check_report.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "firmware/app/bus_load.hpp"
#include "firmware/app/endpoint_text.hpp"
#include "firmware/app/lock_deadlines.hpp"
#include "firmware/app/revisit.hpp"
#include "firmware/app/text_table.hpp"
#include "proto/link/tls_check.hpp"

namespace davy {
namespace {

constexpr double busy_share = 0.8;

std::string milliseconds(std::chrono::microseconds t) {
  return std::to_string((t.count() + 500) / 1000) + " ms";
}
std::string milliseconds(Duration t) { return std::to_string(t.count()) + " ms"; }
std::string percent(double share) { return std::to_string(std::lround(100 * share)) + " %"; }
std::string tenth(double value) {
  const long tenths = std::lround(10 * value);
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10);
}

std::string count(std::size_t number, const std::string& what) {
  return std::to_string(number) + " " + what + (number == 1 ? "" : "s");
}

const char* reader_kind(const TagReaderProfile& reader) {
  if (std::holds_alternative<TagRingProfile>(reader)) return "a ring of registers";
  if (std::holds_alternative<TagFifoProfile>(reader)) return "a FIFO in registers";
  if (std::holds_alternative<TagCanProfile>(reader)) return "CAN frames";
  return "lines over TCP";
}

std::string milliseconds(const std::optional<Duration>& t) { return t ? milliseconds(*t) : "no bound"; }

// How long a point may go unread at worst: while nothing is wrong, and when two other devices die together.
constexpr std::uint32_t deaths_shown = 2;

std::string device_table(const GatewayConfig& config, std::uint32_t bus_index, const BusLoad& load) {
  const BusSettings& bus = config.buses[bus_index];
  const auto usual = worst_revisits(config, bus_index, 0);
  const auto dying = worst_revisits(config, bus_index, deaths_shown);
  TextTable table;
  table.add({"device", "unit", "profile", "points", "period", "requests", "line busy", "unread at worst",
             "when 2 die", "lock inputs"});
  for (std::size_t i = 0; i < bus.devices.size(); ++i) {
    const DeviceSettings& device = bus.devices[i];
    const bool has_unit = !std::holds_alternative<LineSettings>(bus.endpoint);
    table.add({device.name, has_unit ? std::to_string(device.unit) : "-",
               config.profiles[device.profile].name, std::to_string(device.points.size()),
               milliseconds(device.period), std::to_string(load.devices[i].requests),
               load.share ? milliseconds(load.devices[i].busy) : "-",
               has_unit ? milliseconds(usual[i].all_points) : "-",
               has_unit ? milliseconds(dying[i].all_points) : "-",
               usual[i].has_lock_inputs ? milliseconds(usual[i].lock_inputs) : "-"});
  }
  return table.print();
}

std::string reader_lines(const GatewayConfig& config, const BusSettings& bus) {
  std::string out;
  for (const DeviceSettings& device : bus.devices) {
    if (!device.is_tag_reader) continue;
    out += "  " + device.name + " is a reader of tags, " +
           reader_kind(*config.profiles[device.profile].tag_reader) + ": ";
    if (!device.debounce) {
      out += "every sighting goes on\n";
      continue;
    }
    const DebounceSettings& d = *device.debounce;
    out += "a sighting within " + milliseconds(d.repeat_within) + " of the tag's last one and less than " +
           std::to_string(d.move_min_cm) + " cm away is dropped, one every " + milliseconds(d.keep_alive) +
           " goes on\n";
  }
  return out;
}

std::string bus_report(const GatewayConfig& config, std::uint32_t bus_index) {
  const BusSettings& bus = config.buses[bus_index];
  const BusLoad load = estimate_load(config, bus);
  std::size_t points = 0;
  std::uint32_t requests = 0;
  for (const DeviceSettings& device : bus.devices) points += device.points.size();
  for (const DeviceLoad& device : load.devices) requests += device.requests;
  std::string out = "bus " + bus.name + ": " + endpoint_text(bus.endpoint) + "\n  " +
                    count(bus.devices.size(), "device") + ", " + count(points, "point") + ", " +
                    count(requests, "request") + " a round, " + tenth(load.requests_per_s) + " requests/s";
  if (load.share) out += ", line busy " + percent(*load.share) + " when devices take 5 ms to answer";
  out += "\n" + device_table(config, bus_index, load) + reader_lines(config, bus);
  if (load.share && *load.share > 1) {
    out +=
        "  warning: more than the line can carry: rounds will be missed. Lengthen periods, raise the baud "
        "rate, or "
        "split the bus.\n";
  } else if (load.share && *load.share > busy_share) {
    out +=
        "  warning: little time is left for slow or dead devices: lengthen periods or raise the baud rate.\n";
  }
  return out + "\n";
}

// The messages that are listened to, and when their silence is told.
std::string message_table(const CanPlan& plan) {
  struct Heard {
    const WantedSignal* signal;
    std::size_t signals = 0;
    Duration silence_min{};
    Duration silence_max{};
  };
  std::vector<Heard> heard;
  for (const WantedSignal& wanted : plan.wanted) {
    const auto same = [&](const Heard& h) { return h.signal->message == wanted.message; };
    auto at = std::ranges::find_if(heard, same);
    if (at == heard.end()) at = heard.insert(at, {&wanted, 0, wanted.silence_max, wanted.silence_max});
    at->signals += 1;
    at->silence_min = std::min(at->silence_min, wanted.silence_max);
    at->silence_max = std::max(at->silence_max, wanted.silence_max);
  }
  TextTable table;
  table.add({"message", "id", "signals", "silence told after"});
  for (const Heard& h : heard) {
    const std::string any = h.signal->filter.mask == extended_id_max ? "" : " (any sender or priority)";
    table.add({h.signal->message->name, to_string(h.signal->filter.id) + any, std::to_string(h.signals),
               h.silence_min == h.silence_max
                   ? milliseconds(h.silence_max)
                   : milliseconds(h.silence_min) + " to " + milliseconds(h.silence_max)});
  }
  return table.print();
}

std::string can_report(const GatewayConfig& config, const BusSettings& bus, const CanPlan& plan) {
  std::size_t points = 0;
  Duration worst{0};
  for (const DeviceSettings& device : bus.devices) points += device.points.size();
  for (const WantedSignal& wanted : plan.wanted) worst = std::max(worst, wanted.silence_max);
  std::string out = "bus " + bus.name + ": " + endpoint_text(bus.endpoint) + "\n  " +
                    count(bus.devices.size(), "device") + ", " + count(points, "point") + ", " +
                    count(plan.messages.size(), "message") + "; a silent sensor is told after " +
                    milliseconds(worst) + " at the latest\n";
  TextTable table;
  table.add({"device", "unit", "profile", "points", "period", "heartbeat"});
  for (std::size_t i = 0; i < bus.devices.size(); ++i) {
    const DeviceSettings& device = bus.devices[i];
    const auto& heartbeat = plan.devices[i].heartbeat_silence;
    table.add({device.name, device.has_unit ? std::to_string(device.unit) : "-",
               config.profiles[device.profile].name, std::to_string(device.points.size()),
               milliseconds(device.period), heartbeat ? "missed after " + milliseconds(*heartbeat) : "-"});
  }
  return out + table.print() + message_table(plan) + "\n";
}

std::string lock_report(const GatewayConfig& config) {
  if (!config.interlock) return {};
  std::string out = "locks, from gas at an input to the command, at worst:\n";
  TextTable table;
  for (const LockSettings& lock : config.interlock->locks) {
    for (const std::uint32_t position : lock.outputs) {
      const OutputSettings& output = config.interlock->outputs[position];
      table.add({lock.name, "row " + std::string{row_name(lock.row)}, output.name,
                 milliseconds(worst_reaction(config, lock, output)),
                 "allowed " + milliseconds(output.feed_within)});
    }
  }
  return out + table.print() + "\n";
}

std::string uplink_report(const std::optional<UplinkSettings>& uplink) {
  if (!uplink) return "uplink: none, readings stay in the spool\n";
  const std::string security = uplink->tls ? "TLS" : "plain TCP: for benches only";
  std::string out = "uplink: " + uplink->host + ":" + std::to_string(uplink->port) + ", " + security + "\n";
  // A warning only: the box measures without them, and they may come later than the configuration.
  const Status files = uplink->tls ? check_tls_files(*uplink->tls) : Status{};
  if (!files) out += "  warning: " + files.error().message + "\n";
  return out;
}

}  // namespace

std::string check_report(const GatewayConfig& config, const CanPlans& plans, const std::string& file) {
  std::string out = file + ": good\nmine " + config.mine + ", gateway " + config.gateway + ", " +
                    count(config.points.size(), "point") + "\n\n";
  for (std::uint32_t i = 0; i < config.buses.size(); ++i) {
    const BusSettings& bus = config.buses[i];
    const bool can = std::holds_alternative<CanSettings>(bus.endpoint);
    out += can ? can_report(config, bus, plans.at(i)) : bus_report(config, i);
  }
  out += lock_report(config);
  out += "spool: " + config.spool.path + ", at most " +
         std::to_string(config.spool.bytes_max / (1024 * 1024)) + " MiB and " +
         std::to_string(config.spool.days_max) + " days\n";
  return out + uplink_report(config.uplink);
}

}  // namespace davy
