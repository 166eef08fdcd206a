#include "firmware/app/check_report.hpp"

#include <cmath>
#include <vector>

#include "firmware/app/bus_load.hpp"
#include "firmware/app/endpoint_text.hpp"
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

std::string device_table(const GatewayConfig& config, const BusSettings& bus, const BusLoad& load) {
  TextTable table;
  table.add({"device", "unit", "profile", "points", "period", "requests", "line busy"});
  for (std::size_t i = 0; i < bus.devices.size(); ++i) {
    const DeviceSettings& device = bus.devices[i];
    table.add({device.name, std::to_string(device.unit), config.profiles[device.profile].name,
               std::to_string(device.points.size()), milliseconds(device.period),
               std::to_string(load.devices[i].requests),
               load.share ? milliseconds(load.devices[i].busy) : "-"});
  }
  return table.print();
}

std::string bus_report(const GatewayConfig& config, const BusSettings& bus) {
  const BusLoad load = estimate_load(config, bus);
  std::size_t points = 0;
  std::uint32_t requests = 0;
  for (const DeviceSettings& device : bus.devices) points += device.points.size();
  for (const DeviceLoad& device : load.devices) requests += device.requests;
  std::string out = "bus " + bus.name + ": " + endpoint_text(bus.endpoint) + "\n  " +
                    count(bus.devices.size(), "device") + ", " + count(points, "point") + ", " +
                    count(requests, "request") + " a round, " + tenth(load.requests_per_s) + " requests/s";
  if (load.share) out += ", line busy " + percent(*load.share) + " plus what the devices take to answer";
  out += "\n" + device_table(config, bus, load);
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

std::string check_report(const GatewayConfig& config, const std::string& file) {
  std::string out = file + ": good\nmine " + config.mine + ", gateway " + config.gateway + ", " +
                    count(config.points.size(), "point") + "\n\n";
  for (const BusSettings& bus : config.buses) out += bus_report(config, bus);
  out += "spool: " + config.spool.path + ", at most " +
         std::to_string(config.spool.bytes_max / (1024 * 1024)) + " MiB and " +
         std::to_string(config.spool.days_max) + " days\n";
  return out + uplink_report(config.uplink);
}

}  // namespace davy
