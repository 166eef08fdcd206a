#include "firmware/app/endpoint_text.hpp"

namespace davy {

std::string line_text(const SerialSettings& line) {
  const char parity = line.parity == Parity::none ? 'N' : line.parity == Parity::even ? 'E' : 'O';
  return std::to_string(line.baud) + " 8" + parity + std::to_string(line.stop_bits);
}

std::string endpoint_text(const decltype(BusSettings::endpoint)& endpoint) {
  if (const auto* can = std::get_if<CanSettings>(&endpoint)) {
    return "CAN " + can->interface + (can->bitrate > 0 ? ", " + std::to_string(can->bitrate) + " bit/s" : "");
  }
  if (const auto* lines = std::get_if<LineSettings>(&endpoint))
    return "lines from " + lines->host + ":" + std::to_string(lines->port);
  if (const auto* tcp = std::get_if<TcpSettings>(&endpoint)) {
    return "TCP " + tcp->host + ":" + std::to_string(tcp->port);
  }
  const auto& rtu = std::get<RtuSettings>(endpoint);
  const std::string& device = rtu.device;
  const SerialSettings& serial = rtu.serial;
  return "RTU " + device + ", " + line_text(serial);
}

}  // namespace davy
