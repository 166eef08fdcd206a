#include <algorithm>
#include <array>
#include <chrono>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "drivers/simulated/rig_frames.hpp"
#include "drivers/simulated/rig_ports.hpp"

namespace davy::rig {
namespace asio = boost::asio;
using asio::ip::tcp;

RigServerPort::RigServerPort(asio::io_context& context, const ServerSettings& settings,
                             std::vector<RigDevice> devices, Seconds seconds)
    : settings_{settings}, devices_{std::move(devices)}, seconds_{std::move(seconds)}, acceptor_{context} {}

Result<std::unique_ptr<RigServerPort>> RigServerPort::open(asio::io_context& context,
                                                           const ServerSettings& settings,
                                                           std::vector<RigDevice> devices, Seconds seconds) {
  std::unique_ptr<RigServerPort> port{
      new RigServerPort{context, settings, std::move(devices), std::move(seconds)}};
  boost::system::error_code error;
  const auto address =
      asio::ip::make_address(settings.address == "localhost" ? "127.0.0.1" : settings.address, error);
  const tcp::endpoint endpoint{address, settings.port};
  if (!error) port->acceptor_.open(endpoint.protocol(), error);
  if (!error) port->acceptor_.set_option(tcp::acceptor::reuse_address{true}, error);
  if (!error) port->acceptor_.bind(endpoint, error);
  if (!error) port->acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    return fail(Errc::conflict, "server " + settings.name + ": " + settings.address + ":" +
                                    std::to_string(settings.port) + ": " + error.message() +
                                    (error == asio::error::address_in_use
                                         ? ": stop the other program (ss -ltnp names it) or correct `port`"
                                         : ": correct `address` or `port`"));
  }
  asio::co_spawn(context, port->accept(), asio::detached);
  return port;
}

asio::awaitable<void> RigServerPort::accept() {
  boost::system::error_code error;
  for (;;) {
    tcp::socket socket = co_await acceptor_.async_accept(asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return;
    asio::co_spawn(acceptor_.get_executor(), serve(std::move(socket)), asio::detached);
  }
}

asio::awaitable<void> RigServerPort::serve(tcp::socket socket) {
  std::vector<std::uint8_t> bytes;
  std::array<std::uint8_t, 1024> more{};
  boost::system::error_code error;
  socket.set_option(tcp::no_delay{true}, error);
  asio::steady_timer timer{socket.get_executor()};
  for (;;) {
    const std::size_t got =
        co_await socket.async_read_some(asio::buffer(more), asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return;
    bytes.insert(bytes.end(), more.begin(), more.begin() + static_cast<std::ptrdiff_t>(got));
    bool broken = false;
    while (const auto request = take_tcp_request(bytes, broken)) {
      const auto device = std::ranges::find(devices_, request->unit, &RigDevice::unit);
      if (device == devices_.end()) continue;
      const auto reply = device->answer(request->pdu, seconds_());
      if (reply.silent) continue;
      timer.expires_after(std::chrono::microseconds{static_cast<std::int64_t>(reply.delay * 1e6)});
      co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, error));
      const auto frame = tcp_frame(*request, reply);
      co_await asio::async_write(socket, asio::buffer(frame),
                                 asio::redirect_error(asio::use_awaitable, error));
      if (error) co_return;
    }
    if (broken) co_return;
  }
}

}  // namespace davy::rig
