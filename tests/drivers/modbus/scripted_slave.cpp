#include "tests/drivers/modbus/scripted_slave.hpp"

#include <array>

#include <arpa/inet.h>
#include <poll.h>
#include <pty.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include "drivers/modbus/frame.hpp"
#include "proto/base/assert.hpp"
#include "proto/base/system_clock.hpp"

namespace davy::test {
namespace {

const SystemClock clock_;

void write_all(int to, const Bytes& bytes) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t n = ::write(to, bytes.data() + done, bytes.size() - done);
    if (n <= 0) return;
    done += static_cast<std::size_t>(n);
  }
}

enum class Got { bytes, gone, stop };

// Waits for `count` bytes, however they come.
Got read_exactly(int from, int stop, std::size_t count, Bytes& out) {
  out.clear();
  while (out.size() < count) {
    std::array<pollfd, 2> waiting{{{from, POLLIN, 0}, {stop, POLLIN, 0}}};
    if (::poll(waiting.data(), waiting.size(), -1) < 0) continue;
    if (waiting[1].revents != 0) return Got::stop;
    std::array<std::uint8_t, 300> chunk{};
    const ssize_t n = ::read(from, chunk.data(), count - out.size());
    if (n <= 0) return Got::gone;
    out.insert(out.end(), chunk.begin(), chunk.begin() + n);
  }
  return Got::bytes;
}

void make_pipe(int& read_end, int& write_end) {
  std::array<int, 2> ends{};
  DAVY_ASSERT(::pipe(ends.data()) == 0);
  read_end = ends[0];
  write_end = ends[1];
}

void close_all(std::initializer_list<int> descriptors) {
  for (const int d : descriptors) {
    if (d >= 0) ::close(d);
  }
}

}  // namespace

Bytes with_checksum(Bytes frame) {
  const std::uint16_t crc = crc16(frame);
  frame.push_back(static_cast<std::uint8_t>(crc & 0xFFU));
  frame.push_back(static_cast<std::uint8_t>(crc >> 8U));
  return frame;
}

Bytes operator+(Bytes a, const Bytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

ScriptedLine::ScriptedLine(std::vector<Action> script) : script_{std::move(script)} {
  std::array<char, 100> name{};
  DAVY_ASSERT(::openpty(&port_, &far_end_, name.data(), nullptr, nullptr) == 0);
  path_ = name.data();
  termios raw{};
  ::tcgetattr(far_end_, &raw);
  ::cfmakeraw(&raw);
  ::tcsetattr(far_end_, TCSANOW, &raw);
  make_pipe(stop_read_, stop_write_);
  thread_ = std::thread([this] { run(); });
}

ScriptedLine::~ScriptedLine() {
  ::close(stop_write_);
  thread_.join();
  close_all({stop_read_, port_, far_end_});
}

void ScriptedLine::send(const Bytes& bytes) { write_all(port_, bytes); }

std::vector<ScriptedLine::Seen> ScriptedLine::seen() const {
  const std::lock_guard lock{mutex_};
  return seen_;
}

void ScriptedLine::run() {
  Bytes request;
  for (std::size_t i = 0; read_exactly(port_, stop_read_, 8, request) == Got::bytes; ++i) {
    const SteadyTime came = clock_.steady();
    const Action action = i < script_.size() ? script_[i] : Action{};
    {
      const std::lock_guard lock{mutex_};
      seen_.push_back({request, came, clock_.steady()});
    }
    write_all(port_, action.send);
    if (!action.hang_up) continue;
    close_all({port_, far_end_});
    port_ = far_end_ = -1;
    return;
  }
}

ScriptedServer::ScriptedServer(std::vector<Action> script, std::size_t request_size)
    : script_{std::move(script)}, request_size_{request_size} {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* any = reinterpret_cast<sockaddr*>(&address);
  DAVY_ASSERT(::bind(listener_, any, size) == 0 && ::listen(listener_, 4) == 0);
  DAVY_ASSERT(::getsockname(listener_, any, &size) == 0);
  port_ = ntohs(address.sin_port);
  make_pipe(stop_read_, stop_write_);
  thread_ = std::thread([this] { run(); });
}

ScriptedServer::~ScriptedServer() {
  ::close(stop_write_);
  thread_.join();
  close_all({stop_read_, listener_});
}

std::vector<Bytes> ScriptedServer::seen() const {
  const std::lock_guard lock{mutex_};
  return seen_;
}

int ScriptedServer::connections() const {
  const std::lock_guard lock{mutex_};
  return connections_;
}

void ScriptedServer::run() {
  for (;;) {
    std::array<pollfd, 2> waiting{{{listener_, POLLIN, 0}, {stop_read_, POLLIN, 0}}};
    if (::poll(waiting.data(), waiting.size(), -1) < 0) continue;
    if (waiting[1].revents != 0) return;
    const int connection = ::accept(listener_, nullptr, nullptr);
    if (connection < 0) return;
    {
      const std::lock_guard lock{mutex_};
      ++connections_;
    }
    serve(connection);
    ::close(connection);
  }
}

void ScriptedServer::serve(int connection) {
  Bytes request;
  while (read_exactly(connection, stop_read_, request_size_, request) == Got::bytes) {
    std::size_t i = 0;
    {
      const std::lock_guard lock{mutex_};
      i = seen_.size();
      seen_.push_back(request);
    }
    const Action action = i < script_.size() ? script_[i] : Action{};
    write_all(connection, action.send);
    if (action.hang_up) return;
  }
}

}  // namespace davy::test
