#include "drivers/modbus/port_errors.hpp"

#include <cerrno>
#include <system_error>

namespace davy {
namespace {

std::string system_words(int error) { return std::generic_category().message(error); }

}  // namespace

std::string explain_serial(const RtuSettings& line, int error) {
  const std::string port = "serial port " + line.device + ": ";
  switch (error) {
    case ENOENT:
      return port + "does not exist; is its adapter plugged in? ls /dev/serial/by-id shows those that are";
    case EACCES:
    case EPERM:
      return port +
             "no permission to open it; add the user davy runs as to the group that owns it (Debian: "
             "dialout)";
    case EBUSY:
    case EWOULDBLOCK:
      return port + "another program is using it; fuser -v " + line.device + " names it, stop that one first";
    case ENOTTY: return port + "is not a serial port; correct the device in the configuration";
    case ENXIO:
    case ENODEV:
    case EIO: return port + "the hardware behind it is gone; plug the adapter in again";
    case EINVAL:
      return port + "cannot do " + std::to_string(line.serial.baud) +
             " baud; take a usual rate such as 9600 or 19200";
    case ENOTSUP:
      return port +
             "its driver cannot switch the RS-485 transceiver; take rs485 out of the configuration if the "
             "adapter switches by itself, as USB adapters do";
    default: return port + "does not open: " + system_words(error);
  }
}

std::string explain_tcp(const TcpSettings& server, int error) {
  const std::string peer = "Modbus TCP server " + server.host + " port " + std::to_string(server.port) + ": ";
  switch (error) {
    case EADDRNOTAVAIL: return peer + "no address is known for this name; take the IP address";
    case ECONNREFUSED: return peer + "refused; is the device's Modbus TCP switched on, and is this its port?";
    case EINPROGRESS:
    case ETIMEDOUT: return peer + "does not answer; is it powered, and is the cable in?";
    case EHOSTUNREACH:
    case ENETUNREACH: return peer + "no way there; check the network cable and the addresses of both ends";
    case ECONNRESET:
    case EPIPE: return peer + "has closed the connection";
    default: return peer + system_words(error);
  }
}

}  // namespace davy
