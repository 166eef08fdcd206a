#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio.hpp>

// Many Modbus TCP devices behind one port, a device a connection, whose holding registers wander.
//   tcp_devices PORT PERIOD_MS
// Each line on standard input is answered with what was asked since the last one, in JSON: requests,
// registers, connections that asked, and how far off its own grid of PERIOD_MS the 99th of a hundred first
// requests of a round came, in milliseconds.
namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

struct Seen {
  long requests = 0;
  long registers = 0;
  long connections = 0;
  std::vector<double> off_grid_ms;
};

Seen seen;
double period_ms = 1000;

double now_ms() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double, std::milli>(now).count();
}

class Device : public std::enable_shared_from_this<Device> {
 public:
  explicit Device(tcp::socket socket) : socket_{std::move(socket)} {}

  void serve() {
    asio::async_read(socket_, asio::buffer(request_),
                     [self = shared_from_this()](const boost::system::error_code& error, std::size_t) {
                       if (!error) self->answer();
                     });
  }

 private:
  void answer() {
    const double now = now_ms();
    const unsigned first = static_cast<unsigned>(request_[8] << 8U | request_[9]);
    const unsigned count = static_cast<unsigned>(request_[10] << 8U | request_[11]);
    if (first == 0) note_round(now);
    seen.requests += 1;
    seen.registers += count;
    const unsigned size = 3 + 2 * count;
    reply_ = {request_[0],
              request_[1],
              0,
              0,
              static_cast<std::uint8_t>(size >> 8U),
              static_cast<std::uint8_t>(size & 0xFFU),
              request_[6],
              request_[7],
              static_cast<std::uint8_t>(2 * count)};
    for (unsigned i = 0; i < count; ++i) {
      const unsigned value = 10 + (static_cast<unsigned>(rounds_) * 7 + first + i) % 5;
      reply_.push_back(static_cast<std::uint8_t>(value >> 8U));
      reply_.push_back(static_cast<std::uint8_t>(value & 0xFFU));
    }
    asio::async_write(socket_, asio::buffer(reply_),
                      [self = shared_from_this()](const boost::system::error_code& error, std::size_t) {
                        if (!error) self->serve();
                      });
  }

  void note_round(double now) {
    if (rounds_ == 0) began_ms_ = now;
    rounds_ += 1;
    const double rounds = std::round((now - began_ms_) / period_ms);
    seen.off_grid_ms.push_back(std::abs(now - began_ms_ - rounds * period_ms));
  }

  tcp::socket socket_;
  std::array<std::uint8_t, 12> request_{};
  std::vector<std::uint8_t> reply_;
  double began_ms_ = 0;
  long rounds_ = 0;
};

void accept(tcp::acceptor& acceptor) {
  acceptor.async_accept([&](const boost::system::error_code& error, tcp::socket socket) {
    if (error) return;
    socket.set_option(tcp::no_delay{true});
    seen.connections += 1;
    std::make_shared<Device>(std::move(socket))->serve();
    accept(acceptor);
  });
}

void report() {
  std::ranges::sort(seen.off_grid_ms);
  const double p99 = seen.off_grid_ms.empty() ? 0 : seen.off_grid_ms[seen.off_grid_ms.size() * 99 / 100];
  std::printf("{\"requests\": %ld, \"registers\": %ld, \"connections\": %ld, \"off_grid_p99_ms\": %.3f}\n",
              seen.requests, seen.registers, seen.connections, p99);
  std::fflush(stdout);
  seen.requests = seen.registers = 0;
  seen.off_grid_ms.clear();
}

void await_commands(asio::posix::stream_descriptor& input, std::string& line) {
  asio::async_read_until(input, asio::dynamic_buffer(line), '\n',
                         [&](const boost::system::error_code& error, std::size_t size) {
                           if (error) std::exit(0);
                           line.erase(0, size);
                           report();
                           await_commands(input, line);
                         });
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 64;
  period_ms = std::atof(argv[2]);
  asio::io_context context{1};
  const auto port = static_cast<std::uint16_t>(std::atoi(argv[1]));
  tcp::acceptor acceptor{context, {asio::ip::address_v4::loopback(), port}};
  acceptor.listen(1000);
  accept(acceptor);
  asio::posix::stream_descriptor input{context, ::dup(STDIN_FILENO)};
  std::string line;
  await_commands(input, line);
  context.run();
}
