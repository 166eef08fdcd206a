#include "drivers/modbus/modbus_port.hpp"

#include <algorithm>
#include <cerrno>
#include <string>

#include <fcntl.h>
#include <modbus/modbus.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <termios.h>
#include <unistd.h>

#include "drivers/modbus/port_errors.hpp"
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

// Parts of a duration as the library wants them.
struct Seconds {
  explicit Seconds(std::chrono::microseconds t)
      : whole{static_cast<std::uint32_t>(t.count() / 1'000'000)},
        micro{static_cast<std::uint32_t>(t.count() % 1'000'000)} {}
  std::uint32_t whole, micro;
};

// The library sorts out replies from other units before it looks at their checksum. A unit number from a
// damaged frame is no unit number.
bool whole_foreign_reply(std::span<const std::uint8_t, tcp_frame_max> buffer) {
  const bool exception = (buffer[1] & 0x80U) != 0;
  if (!exception && (buffer[1] < 1 || buffer[1] > 6)) return false;
  const std::size_t size = exception ? 3 : buffer[1] > 4 ? 1 + request_pdu_size : 3U + buffer[2];
  if (size + 2 > rtu_frame_max) return false;
  return crc16(buffer.first(size)) == (buffer[size] | (buffer[size + 1] << 8U));
}

}  // namespace

struct ModbusPort::Context {
  explicit Context(modbus_t* made) : modbus{made} {}
  ~Context() {
    if (modbus != nullptr) {
      modbus_close(modbus);
      modbus_free(modbus);
    }
    if (lock >= 0) ::close(lock);
  }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  modbus_t* modbus;
  // Serial lines: a second descriptor of the port that holds the lock. It is taken before the library touches
  // baud rate and parity, which would disturb a program that is using the port already.
  int lock = -1;
};

ModbusPort::ModbusPort(ModbusEndpoint endpoint) : endpoint_{std::move(endpoint)} {}
ModbusPort::~ModbusPort() = default;

Status ModbusPort::open(Duration connect_wait_max) {
  if (is_open()) return {};
  const auto* line = std::get_if<RtuSettings>(&endpoint_);
  Status opened =
      line != nullptr ? open_serial(*line) : open_tcp(std::get<TcpSettings>(endpoint_), connect_wait_max);
  if (!opened) close();
  return opened;
}

void ModbusPort::close() { context_.reset(); }

int ModbusPort::descriptor() const { return is_open() ? modbus_get_socket(context_->modbus) : -1; }

Status ModbusPort::open_serial(const RtuSettings& line) {
  const auto failed = [&](int error) { return fail(Errc::disconnected, explain_serial(line, error)); };
  if (std::ranges::find(baud_rates, line.serial.baud) == std::end(baud_rates)) return failed(EINVAL);
  context_ = std::make_unique<Context>(modbus_new_rtu(line.device.c_str(), static_cast<int>(line.serial.baud),
                                                      parity_letter(line.serial.parity), 8,
                                                      static_cast<int>(line.serial.stop_bits)));
  if (context_->modbus == nullptr) return failed(errno);
  context_->lock = ::open(line.device.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  if (context_->lock < 0) return failed(errno);
  if (::isatty(context_->lock) == 0) return failed(ENOTTY);
  if (::flock(context_->lock, LOCK_EX | LOCK_NB) != 0) return failed(errno);
  if (modbus_connect(context_->modbus) != 0) return failed(errno);
  if (descriptor() >= FD_SETSIZE) return failed(EMFILE);  // the library waits with select()
  // Programs that know nothing of locks are kept out too, unless they are root's.
  if (::ioctl(descriptor(), TIOCEXCL) != 0) return failed(errno);
  modbus_set_error_recovery(context_->modbus, MODBUS_ERROR_RECOVERY_NONE);
  modbus_set_byte_timeout(context_->modbus, 0, 0);
  return {};
}

Status ModbusPort::open_tcp(const TcpSettings& server, Duration connect_wait_max) {
  const auto failed = [&](int error) { return fail(Errc::disconnected, explain_tcp(server, error)); };
  context_ =
      std::make_unique<Context>(modbus_new_tcp_pi(server.host.c_str(), std::to_string(server.port).c_str()));
  if (context_->modbus == nullptr) return failed(errno);
  const Seconds wait{connect_wait_max};
  modbus_set_response_timeout(context_->modbus, wait.whole, wait.micro);
  if (modbus_connect(context_->modbus) != 0) return failed(errno);
  if (descriptor() >= FD_SETSIZE) return failed(EMFILE);
  modbus_set_error_recovery(context_->modbus, MODBUS_ERROR_RECOVERY_NONE);
  modbus_set_byte_timeout(context_->modbus, 0, 0);
  return {};
}

void ModbusPort::drop_input() { modbus_flush(context_->modbus); }

Status ModbusPort::send_rtu(std::uint8_t unit, std::span<const std::uint8_t, request_pdu_size> pdu) {
  std::array<std::uint8_t, request_pdu_size + 1> request{unit};
  std::ranges::copy(pdu, request.begin() + 1);
  drop_input();
  if (modbus_send_raw_request(context_->modbus, request.data(), static_cast<int>(request.size())) > 0)
    return {};
  return fail(Errc::disconnected, explain_serial(std::get<RtuSettings>(endpoint_), errno));
}

Received ModbusPort::receive(std::uint8_t unit, std::chrono::microseconds whole_within) {
  const bool serial = std::holds_alternative<RtuSettings>(endpoint_);
  if (serial) DAVY_ASSERT(modbus_set_slave(context_->modbus, unit) == 0);
  // Without a byte time-out the library takes this one for the frame as a whole.
  const Seconds wait{whole_within};
  modbus_set_response_timeout(context_->modbus, wait.whole, wait.micro);
  const int size = modbus_receive_confirmation(context_->modbus, buffer_.data());
  if (size == 0 && !whole_foreign_reply(buffer_)) return {Arrival::bad_checksum, {}};
  if (size == 0) return {Arrival::other_unit, std::span(buffer_).first(1)};
  if (size > 0) {
    const auto whole = static_cast<std::size_t>(size);
    return {Arrival::frame, std::span(buffer_).first(serial ? whole - 2 : whole)};
  }
  switch (errno) {
    case EMBBADCRC: return {Arrival::bad_checksum, {}};
    case ETIMEDOUT: return {Arrival::cut_short, {}};
    case EMBBADDATA: return {Arrival::unfit, {}};
    default: return {Arrival::lost, {}};
  }
}

}  // namespace davy
