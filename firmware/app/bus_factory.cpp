#include "firmware/app/bus_factory.hpp"

#include "drivers/gpio/gpiod_output.hpp"
#include "drivers/modbus/modbus_device.hpp"
#include "drivers/modbus/modbus_output.hpp"
#include "drivers/modbus/rtu_bus.hpp"
#include "drivers/modbus/tcp_bus.hpp"

namespace davy {
namespace {

// Four looks before an output that does not do what it is told counts as faulty.
Duration check_every(const OutputSettings& output) { return output.read_back_within / 4; }

}  // namespace

std::unique_ptr<RegisterBus> make_bus(const BusSettings& settings) {
  if (const auto* rtu = std::get_if<RtuSettings>(&settings.endpoint)) return std::make_unique<RtuBus>(*rtu);
  return std::make_unique<TcpBus>(std::get<TcpSettings>(settings.endpoint));
}

std::vector<std::unique_ptr<SensorDriver>> make_drivers(const GatewayConfig& config,
                                                        const BusSettings& settings, RegisterBus& bus) {
  std::vector<std::unique_ptr<SensorDriver>> out;
  for (const DeviceSettings& device : settings.devices) {
    std::vector<std::uint32_t> signals;
    for (const PointSetting& point : device.points) signals.push_back(point.signal);
    out.push_back(std::make_unique<ModbusDevice>(bus, device.unit, config.profiles[device.profile], signals,
                                                 device.reply_timeout));
  }
  return out;
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
