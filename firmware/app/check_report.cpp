#include "firmware/app/check_report.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "firmware/app/bus_load.hpp"
#include "proto/link/tls_check.hpp"

namespace davy {
namespace {

constexpr double busy_share = 0.8;

// Columns on a terminal: one for each character, two for a Chinese one.
std::size_t width(const std::string& text) {
  std::size_t columns = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0U) != 0x80U) columns += byte >= 0xE3U && byte < 0xF0U ? 2 : 1;
  }
  return columns;
}

class Table {
 public:
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }

  std::string print() const {
    std::vector<std::size_t> widths;
    for (const auto& row : rows_) {
      widths.resize(std::max(widths.size(), row.size()));
      for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width(row[i]));
    }
    std::string out;
    for (const auto& row : rows_) {
      std::string line = " ";
      for (std::size_t i = 0; i < row.size(); ++i) {
        line += " " + row[i] + std::string(widths[i] - width(row[i]) + 1, ' ');
      }
      out += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
    }
    return out;
  }

 private:
  std::vector<std::vector<std::string>> rows_;
};

std::string endpoint_name(const BusSettings& bus) {
  if (const auto* tcp = std::get_if<TcpSettings>(&bus.endpoint)) {
    return "TCP " + tcp->host + ":" + std::to_string(tcp->port);
  }
  const auto& [device, serial] = std::get<RtuSettings>(bus.endpoint);
  const char parity = serial.parity == Parity::none ? 'N' : serial.parity == Parity::even ? 'E' : 'O';
  return "RTU " + device + ", " + std::to_string(serial.baud) + " 8" + parity +
         std::to_string(serial.stop_bits);
}

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
  Table table;
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
  std::string out = "bus " + bus.name + ": " + endpoint_name(bus) + "\n  " +
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
