#include "firmware/app/bus_factory.hpp"

#include "drivers/modbus/modbus_device.hpp"
#include "drivers/modbus/rtu_bus.hpp"
#include "drivers/modbus/tcp_bus.hpp"

namespace davy {

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

}  // namespace davy
