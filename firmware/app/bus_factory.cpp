#include "firmware/app/bus_factory.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include <arpa/inet.h>

#include "drivers/api/blocking_channel.hpp"
#include "drivers/can/socket_can.hpp"
#include "drivers/gpio/gpiod_output.hpp"
#include "drivers/modbus/modbus_device.hpp"
#include "drivers/modbus/modbus_output.hpp"
#include "drivers/modbus/rtu_bus.hpp"
#include "drivers/modbus/tcp_bus.hpp"
#include "drivers/modbus/tcp_channel.hpp"
#include "drivers/tags/tag_device.hpp"
#include "firmware/app/lock_inputs.hpp"
#include "gateway/scan/can_scanner.hpp"
#include "gateway/scan/line_scanner.hpp"
#include "gateway/scan/register_scanner.hpp"

namespace davy {
namespace {

// Four looks before an output that does not do what it is told counts as faulty.
Duration check_every(const OutputSettings& output) { return output.read_back_within / 4; }

bool is_address(const std::string& host) {
  in6_addr unused{};
  return ::inet_pton(AF_INET, host.c_str(), &unused) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), &unused) == 1;
}

bool has_outputs(const GatewayConfig& config, std::uint32_t bus) {
  return config.interlock && std::ranges::any_of(config.interlock->outputs, [bus](const OutputSettings& o) {
           const auto* modbus = std::get_if<ModbusOutputSettings>(&o.port);
           return modbus != nullptr && modbus->bus == bus;
         });
}

std::unique_ptr<RegisterDevice> make_device(const BusSettings& bus, const DeviceSettings& device,
                                            const DeviceProfile& profile) {
  if (device.is_tag_reader) return std::make_unique<TagDevice>(bus, device, profile);
  return std::make_unique<ModbusDevice>(bus, device, profile);
}

}  // namespace

std::string_view shared_thread(const GatewayConfig& config, std::uint32_t bus) {
  if (std::holds_alternative<CanSettings>(config.buses[bus].endpoint)) return "can";
  if (std::holds_alternative<LineSettings>(config.buses[bus].endpoint)) return "tcp";
  const auto* tcp = std::get_if<TcpSettings>(&config.buses[bus].endpoint);
  return tcp != nullptr && is_address(tcp->host) && !has_outputs(config, bus) ? "tcp" : "";
}

BusLink make_link(const GatewayConfig& config, const CanPlans& plans, std::uint32_t bus, const Clock& clock,
                  SocketWatch& watch) {
  const BusSettings& settings = config.buses[bus];
  BusLink out;
  if (std::holds_alternative<LineSettings>(settings.endpoint)) return out;
  if (const auto* can = std::get_if<CanSettings>(&settings.endpoint)) {
    out.can =
        make_can_bus({.interface = can->interface, .bitrate = can->bitrate, .wanted = plans[bus].filters()},
                     clock, &watch);
    return out;
  }
  if (!shared_thread(config, bus).empty()) {
    out.channel = std::make_unique<TcpChannel>(std::get<TcpSettings>(settings.endpoint), watch);
    return out;
  }
  if (const auto* rtu = std::get_if<RtuSettings>(&settings.endpoint)) {
    out.bus = std::make_unique<RtuBus>(*rtu);
  } else {
    out.bus = std::make_unique<TcpBus>(std::get<TcpSettings>(settings.endpoint), clock);
  }
  out.channel = std::make_unique<BlockingChannel>(*out.bus);
  return out;
}

std::unique_ptr<Scanner> make_scanner(const GatewayConfig& config, const CanPlans& plans, std::uint32_t bus,
                                      const BusLink& link, SocketWatch& watch, BatchDesk desk,
                                      const Clock& clock, SteadyTime start) {
  const BusSettings& settings = config.buses[bus];
  if (std::holds_alternative<LineSettings>(settings.endpoint)) {
    const TagReaderProfile& reader = *config.profiles[settings.devices.front().profile].tag_reader;
    return std::make_unique<LineScanner>(settings, std::get<TagLinesProfile>(reader), std::move(desk), watch,
                                         start);
  }
  const std::set<std::uint32_t> inputs = lock_inputs(config);
  if (link.can) {
    return std::make_unique<CanScanner>(settings, plans[bus], inputs, *link.can, std::move(desk), start);
  }
  std::vector<RegisterScanner::DeviceParts> devices;
  for (const DeviceSettings& device : settings.devices) {
    RegisterScanner::DeviceParts parts{
        .device = make_device(settings, device, config.profiles[device.profile]), .lock_inputs = {}};
    for (std::uint32_t i = 0; i < device.points.size(); ++i) {
      if (inputs.contains(device.points[i].index)) parts.lock_inputs.push_back(i);
    }
    devices.push_back(std::move(parts));
  }
  return std::make_unique<RegisterScanner>(settings, std::move(devices), *link.channel, std::move(desk),
                                           clock, start);
}

std::unique_ptr<OutputGroup> make_bus_outputs(const InterlockSettings& locks, std::uint32_t bus_index,
                                              RegisterBus& bus, LockBoard& board) {
  std::unique_ptr<OutputGroup> out;
  for (std::size_t i = 0; i < locks.outputs.size(); ++i) {
    const auto* modbus = std::get_if<ModbusOutputSettings>(&locks.outputs[i].port);
    if (modbus == nullptr || modbus->bus != bus_index) continue;
    if (!out) out = std::make_unique<OutputGroup>(board);
    out->add(i, std::make_unique<ModbusOutput>(bus, *modbus), check_every(locks.outputs[i]));
  }
  return out;
}

OutputGroup make_pin_outputs(const InterlockSettings& locks, LockBoard& board) {
  OutputGroup out{board};
  for (std::size_t i = 0; i < locks.outputs.size(); ++i) {
    if (const auto* pin = std::get_if<GpioOutputSettings>(&locks.outputs[i].port))
      out.add(i, std::make_unique<GpiodOutput>(*pin), check_every(locks.outputs[i]));
  }
  return out;
}

}  // namespace davy
