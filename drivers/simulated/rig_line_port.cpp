#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include "drivers/modbus/line_timing.hpp"
#include "drivers/simulated/rig_frames.hpp"
#include "drivers/simulated/rig_ports.hpp"
#include "proto/base/log.hpp"

namespace davy::rig {
namespace asio = boost::asio;
namespace {

// Characters of a reply that are handed over together: a real reader sees them trickle in.
constexpr std::size_t chunk = 8;

Error failure(const LineSettings& line, const std::string& what) {
  return {Errc::unavailable, "line " + line.name + ": " + what + ": " + std::strerror(errno)};
}

struct Speed {
  speed_t code;
  std::uint32_t baud;
};
constexpr std::array speeds{Speed{B1200, 1200},   Speed{B2400, 2400},     Speed{B4800, 4800},
                            Speed{B9600, 9600},   Speed{B19200, 19200},   Speed{B38400, 38400},
                            Speed{B57600, 57600}, Speed{B115200, 115200}, Speed{B230400, 230400}};

}  // namespace

RigLinePort::RigLinePort(asio::io_context& context, const LineSettings& settings,
                         std::vector<RigDevice> devices, Seconds seconds)
    : context_{context},
      settings_{settings},
      devices_{std::move(devices)},
      seconds_{std::move(seconds)},
      master_{context} {}

RigLinePort::~RigLinePort() {
  if (linked_) ::unlink(settings_.link.c_str());
  if (slave_ >= 0) ::close(slave_);
}

Result<std::unique_ptr<RigLinePort>> RigLinePort::open(asio::io_context& context,
                                                       const LineSettings& settings,
                                                       std::vector<RigDevice> devices, Seconds seconds) {
  std::unique_ptr<RigLinePort> port{
      new RigLinePort{context, settings, std::move(devices), std::move(seconds)}};
  if (auto opened = port->open_pair(); !opened) return fail(opened.error());
  asio::co_spawn(context, port->serve(), asio::detached);
  return port;
}

Status RigLinePort::open_pair() {
  const int master = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (master < 0) return fail(failure(settings_, "no pseudo-terminal"));
  master_.assign(master);
  std::array<char, 128> name{};
  if (::grantpt(master) != 0 || ::unlockpt(master) != 0 ||
      ::ptsname_r(master, name.data(), name.size()) != 0) {
    return fail(failure(settings_, "pseudo-terminal"));
  }
  slave_ = ::open(name.data(), O_RDWR | O_NOCTTY | O_CLOEXEC);
  termios raw{};
  if (slave_ < 0 || ::tcgetattr(slave_, &raw) != 0) return fail(failure(settings_, name.data()));
  ::cfmakeraw(&raw);
  ::tcsetattr(slave_, TCSANOW, &raw);

  std::error_code ec;
  std::filesystem::create_directories(std::filesystem::path{settings_.link}.parent_path(), ec);
  if (std::filesystem::is_symlink(settings_.link, ec)) std::filesystem::remove(settings_.link, ec);
  if (::symlink(name.data(), settings_.link.c_str()) != 0) return fail(failure(settings_, settings_.link));
  linked_ = true;
  return {};
}

// A real line at another speed carries rubbish. A pseudo-terminal does not, so it is looked up.
bool RigLinePort::speed_fits() {
  termios set{};
  if (::tcgetattr(slave_, &set) != 0) return true;
  const auto* known = std::ranges::find(speeds, ::cfgetospeed(&set), &Speed::code);
  const bool fits = known == speeds.end() || known->baud == settings_.serial.baud;
  if (!fits && !complained_) {
    log::warn("wrong_baud_rate",
              {{"line", settings_.name}, {"reader", known->baud}, {"line_baud", settings_.serial.baud}});
  }
  complained_ = !fits;
  return fits;
}

asio::awaitable<void> RigLinePort::serve() {
  std::vector<std::uint8_t> bytes;
  std::array<std::uint8_t, 256> more{};
  boost::system::error_code error;
  double last = seconds_();
  for (;;) {
    const std::size_t got = co_await master_.async_read_some(
        asio::buffer(more), asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return;
    // Half a request that nobody finished is noise.
    constexpr double stale = 0.1;
    const double now = seconds_();
    if (now - last > stale) bytes.clear();
    last = now;
    bytes.insert(bytes.end(), more.begin(), more.begin() + static_cast<std::ptrdiff_t>(got));
    while (const auto request = take_rtu_request(bytes)) {
      const auto device = std::ranges::find(devices_, request->unit, &RigDevice::unit);
      if (device == devices_.end() || !speed_fits()) continue;
      auto reply = device->answer(request->pdu, now);
      if (!reply.silent) asio::co_spawn(context_, send(std::move(reply)), asio::detached);
    }
  }
}

asio::awaitable<void> RigLinePort::send(DeviceReply reply) {
  const auto frame = rtu_frame(reply);
  const std::chrono::microseconds delay{static_cast<std::int64_t>(reply.delay * 1e6)};
  asio::steady_timer timer{context_};
  boost::system::error_code error;
  // The request came in one go; on a wire it would only now have ended.
  timer.expires_after(wire_time(settings_.serial, rtu_request_size) + frame_silence(settings_.serial) +
                      delay);
  const auto begin = timer.expiry();
  for (std::size_t at = 0; at < frame.size(); at += chunk) {
    const std::size_t size = std::min(chunk, frame.size() - at);
    timer.expires_at(begin + wire_time(settings_.serial, at + size));
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return;
    co_await asio::async_write(master_, asio::buffer(frame.data() + at, size),
                               asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return;
  }
}

}  // namespace davy::rig
