#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include "drivers/simulated/rig_device.hpp"
#include "proto/base/result.hpp"
#include "proto/wire/rig_config.hpp"

// The rig's ports on this machine. Everything runs on one io_context; `seconds` tells the rig's time.
namespace davy::rig {

using Seconds = std::function<double()>;

// One RS-485 line: a pseudo-terminal under a symbolic link. Keeps the time of a real wire: a request and a
// reply take as long as their characters would at the line's baud rate, and a reader at another baud rate
// gets no answer.
class RigLinePort {
 public:
  static Result<std::unique_ptr<RigLinePort>> open(boost::asio::io_context& context,
                                                   const LineSettings& settings,
                                                   std::vector<RigDevice> devices, Seconds seconds);
  ~RigLinePort();
  RigLinePort(const RigLinePort&) = delete;
  RigLinePort& operator=(const RigLinePort&) = delete;

 private:
  RigLinePort(boost::asio::io_context& context, const LineSettings& settings, std::vector<RigDevice> devices,
              Seconds seconds);
  Status open_pair();
  boost::asio::awaitable<void> serve();
  boost::asio::awaitable<void> send(DeviceReply reply);
  bool speed_fits();

  boost::asio::io_context& context_;
  const LineSettings& settings_;
  const std::vector<RigDevice> devices_;
  const Seconds seconds_;
  boost::asio::posix::stream_descriptor master_;
  int slave_ = -1;  // held open, so that a reader that closes its end does not end the line
  bool linked_ = false;
  bool complained_ = false;
};

// One Modbus TCP server.
class RigServerPort {
 public:
  static Result<std::unique_ptr<RigServerPort>> open(boost::asio::io_context& context,
                                                     const ServerSettings& settings,
                                                     std::vector<RigDevice> devices, Seconds seconds);

 private:
  RigServerPort(boost::asio::io_context& context, const ServerSettings& settings,
                std::vector<RigDevice> devices, Seconds seconds);
  boost::asio::awaitable<void> accept();
  boost::asio::awaitable<void> serve(boost::asio::ip::tcp::socket socket);

  const ServerSettings& settings_;
  const std::vector<RigDevice> devices_;
  const Seconds seconds_;
  boost::asio::ip::tcp::acceptor acceptor_;
};

}  // namespace davy::rig
