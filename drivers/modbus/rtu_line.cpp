#include "drivers/modbus/rtu_line.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <utility>

#include <fcntl.h>
#include <linux/serial.h>
#include <modbus/modbus.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include "drivers/modbus/port_errors.hpp"
#include "drivers/modbus/tcp_connect.hpp"
#include "drivers/modbus/wait_timer.hpp"
#include "proto/base/assert.hpp"

namespace davy {
namespace {

// What the library knows; any other rate it would silently open at 9600.
constexpr std::uint32_t baud_rates[] = {
    110,    300,    600,    1200,   2400,    4800,    9600,    19200,   38400,   57600,   115200,  230400,
    460800, 500000, 576000, 921600, 1000000, 1152000, 1500000, 2000000, 2500000, 3000000, 3500000, 4000000};

char parity_letter(Parity parity) {
  switch (parity) {
    case Parity::none: return 'N';
    case Parity::even: return 'E';
    case Parity::odd: return 'O';
  }
  return 'N';
}

// A USB adapter hands over what it has received only every 16 ms unless it is asked not to wait. Ports that
// know nothing of it are quick anyway.
void ask_for_low_latency(int port) {
  serial_struct serial{};
  if (::ioctl(port, TIOCGSERIAL, &serial) != 0) return;
  serial.flags = static_cast<int>(static_cast<unsigned>(serial.flags) | ASYNC_LOW_LATENCY);
  ::ioctl(port, TIOCSSERIAL, &serial);
}

// The kernel's driver switches the transceiver to sending and back, which no program can do in time.
bool switch_direction_in_kernel(int port) {
  serial_rs485 rs485{};
  rs485.flags = SER_RS485_ENABLED | SER_RS485_RTS_ON_SEND;
  return ::ioctl(port, TIOCSRS485, &rs485) == 0;
}

}  // namespace

struct RtuLine::Port {
  explicit Port(modbus_t* made) : modbus{made} {}
  ~Port() {
    if (modbus != nullptr) {
      modbus_close(modbus);
      modbus_free(modbus);
    }
    if (lock >= 0) ::close(lock);
  }
  Port(const Port&) = delete;
  Port& operator=(const Port&) = delete;

  modbus_t* modbus;
  // A second descriptor of the port that holds the lock. It is taken before the library touches baud rate and
  // parity, which would disturb a program that is using the port already.
  int lock = -1;
};

RtuLine::RtuLine(RtuSettings settings) : settings_{std::move(settings)} {}

RtuLine::~RtuLine() { close(); }

Status RtuLine::open() {
  Status opened = settings_.over_tcp ? open_tcp() : open_serial();
  if (!opened) close();
  return opened;
}

void RtuLine::close() {
  port_.reset();
  if (socket_ >= 0) ::close(std::exchange(socket_, -1));
}

int RtuLine::descriptor() const {
  if (socket_ >= 0) return socket_;
  return port_ && port_->modbus != nullptr ? modbus_get_socket(port_->modbus) : -1;
}

Status RtuLine::open_serial() {
  const auto failed = [&](int error) { return fail(Errc::disconnected, explain_serial(settings_, error)); };
  const SerialSettings& serial = settings_.serial;
  if (std::ranges::find(baud_rates, serial.baud) == std::end(baud_rates)) return failed(EINVAL);
  port_ = std::make_unique<Port>(modbus_new_rtu(settings_.device.c_str(), static_cast<int>(serial.baud),
                                                parity_letter(serial.parity), 8,
                                                static_cast<int>(serial.stop_bits)));
  if (port_->modbus == nullptr) return failed(errno);
  port_->lock = ::open(settings_.device.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  if (port_->lock < 0) return failed(errno);
  if (::isatty(port_->lock) == 0) return failed(ENOTTY);
  if (::flock(port_->lock, LOCK_EX | LOCK_NB) != 0) return failed(errno);
  if (modbus_connect(port_->modbus) != 0) return failed(errno);
  // Programs that know nothing of locks are kept out too, unless they are root's.
  if (::ioctl(descriptor(), TIOCEXCL) != 0) return failed(errno);
  ask_for_low_latency(descriptor());
  if (settings_.rs485 && !switch_direction_in_kernel(descriptor())) return failed(ENOTSUP);
  return {};
}

Status RtuLine::open_tcp() {
  const auto socket = begin_connect(*settings_.over_tcp);
  if (!socket) return fail(socket.error());
  socket_ = *socket;
  WaitTimer wait;
  wait.arm(connect_wait_max);
  wait_writable(socket_, wait);
  const int error = connect_state(socket_);
  if (error != 0) return fail(Errc::disconnected, explain_tcp(*settings_.over_tcp, error));
  return {};
}

bool RtuLine::send(std::span<const std::uint8_t> bytes) {
  const auto size = static_cast<ssize_t>(bytes.size());
  if (socket_ >= 0) return ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL) == size;
  return ::write(descriptor(), bytes.data(), bytes.size()) == size;
}

std::ptrdiff_t RtuLine::receive(std::span<std::uint8_t> out) {
  for (;;) {
    const ssize_t got = ::read(descriptor(), out.data(), out.size());
    if (got > 0) return got;
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return 0;
    // A serial port that is set not to wait says "nothing" with 0; a connection says that it has ended.
    return got == 0 && socket_ < 0 ? 0 : -1;
  }
}

void RtuLine::drop_input() {
  std::array<std::uint8_t, 256> dropped;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  while (receive(dropped) > 0) {}
}

std::size_t RtuLine::unsent() const {
  int bytes = 0;
  if (socket_ >= 0 || ::ioctl(descriptor(), TIOCOUTQ, &bytes) != 0) return 0;
  return static_cast<std::size_t>(bytes);
}

std::string RtuLine::why_lost() const {
  return settings_.over_tcp ? explain_tcp(*settings_.over_tcp, ECONNRESET) : explain_serial(settings_, EIO);
}

}  // namespace davy
