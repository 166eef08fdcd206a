#include "drivers/modbus/serial_listener.hpp"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "drivers/modbus/port_errors.hpp"

namespace davy {
namespace {

struct Speed {
  std::uint32_t baud;
  speed_t code;
};
constexpr Speed speeds[] = {
    {300, B300},       {600, B600},       {1200, B1200},     {2400, B2400},     {4800, B4800},
    {9600, B9600},     {19200, B19200},   {38400, B38400},   {57600, B57600},   {115200, B115200},
    {230400, B230400}, {460800, B460800}, {500000, B500000}, {921600, B921600}, {1000000, B1000000},
};

termios settings_of(const SerialSettings& serial, speed_t speed) {
  termios raw{};
  raw.c_cflag = CS8 | CREAD | CLOCAL;
  if (serial.parity != Parity::none) raw.c_cflag |= PARENB;
  if (serial.parity == Parity::odd) raw.c_cflag |= PARODD;
  if (serial.stop_bits == 2) raw.c_cflag |= CSTOPB;
  raw.c_cc[VMIN] = 1;   // nothing there yet is no end of file
  raw.c_iflag = INPCK;  // without IGNPAR and PARMRK: a character in error is read as 0
  ::cfsetispeed(&raw, speed);
  ::cfsetospeed(&raw, speed);
  return raw;
}

}  // namespace

Status SerialListener::open(const RtuSettings& line) {
  close();
  line_ = line;
  const Status done = set_up(line);
  if (!done) close();
  return done;
}

Status SerialListener::set_up(const RtuSettings& line) {
  const auto failed = [&](int error) {
    const bool taken = error == EWOULDBLOCK || error == EBUSY;
    return fail(taken ? Errc::conflict : Errc::disconnected, explain_serial(line, error));
  };
  const auto* speed = std::ranges::find(speeds, line.serial.baud, &Speed::baud);
  if (speed == std::end(speeds)) return failed(EINVAL);
  descriptor_ = ::open(line.device.c_str(), O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  if (descriptor_ < 0) return failed(errno);
  if (::isatty(descriptor_) == 0) return failed(ENOTTY);
  // Before baud rate and parity are touched: somebody may be using the port.
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) return failed(errno);
  const termios raw = settings_of(line.serial, speed->code);
  if (::tcsetattr(descriptor_, TCSANOW, &raw) != 0) return failed(errno);
  if (::ioctl(descriptor_, TIOCEXCL) != 0) return failed(errno);
  ::tcflush(descriptor_, TCIFLUSH);  // what came at other settings
  return {};
}

void SerialListener::close() {
  if (descriptor_ < 0) return;
  ::ioctl(descriptor_, TIOCNXCL);
  ::close(descriptor_);
  descriptor_ = -1;
}

Result<std::span<const std::uint8_t>> SerialListener::read() {
  const ssize_t count = ::read(descriptor_, buffer_.data(), buffer_.size());
  if (count > 0) return std::span{buffer_}.first(static_cast<std::size_t>(count));
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return std::span<const std::uint8_t>{};
  return fail(Errc::disconnected, explain_serial(line_, EIO));
}

}  // namespace davy
