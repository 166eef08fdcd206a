#include "firmware/tool/bus_choice.hpp"

#include "drivers/modbus/rtu_bus.hpp"
#include "drivers/modbus/serial_listener.hpp"
#include "drivers/modbus/tcp_bus.hpp"
#include "firmware/app/endpoint_text.hpp"
#include "firmware/tool/words.hpp"

namespace davy {

std::unique_ptr<RegisterBus> make_bus(const BusChoice& choice, const SerialSettings& line,
                                      const Clock& clock) {
  if (choice.tcp) return std::make_unique<TcpBus>(*choice.tcp, clock);
  return std::make_unique<RtuBus>(RtuSettings{choice.port, line});
}

decltype(BusSettings::endpoint) endpoint_of(const BusChoice& choice, const SerialSettings& line) {
  if (choice.tcp) return *choice.tcp;
  return RtuSettings{choice.port, line};
}

std::string bus_text(const BusChoice& choice, const SerialSettings& line) {
  if (choice.tcp) return choice.tcp->host + ":" + std::to_string(choice.tcp->port);
  return choice.port + " " + line_text(line);
}

Status check_port(const BusChoice& choice, const SerialSettings& line) {
  if (choice.tcp) return {};
  SerialListener probe;
  return probe.open({choice.port, line});
}

ExitCode complain_of_port(Console& console, const Error& error) {
  console.err << "davy: " << error.message << "\n";
  if (error.code == Errc::conflict) {
    console.err
        << "Two programs on one bus take each other's answers. If it is davy-gateway that has the port:\n"
           "  systemctl stop davy-gateway     its points go bad and its local locks act until it runs again\n"
           "  systemctl start davy-gateway    when you are done here\n";
  }
  return ExitCode::port_unusable;
}

std::string bus_flags(const BusChoice& choice, const SerialSettings& line) {
  if (choice.tcp) return "--tcp " + bus_text(choice, line);
  std::string out = "--port " + choice.port + " --baud " + std::to_string(line.baud);
  if (line.parity != Parity::none) out += " --parity " + std::string{parity_word(line.parity)};
  if (line.stop_bits != 1) out += " --stop-bits " + std::to_string(line.stop_bits);
  return out;
}

}  // namespace davy
