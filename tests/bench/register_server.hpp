#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio.hpp>

// A Modbus TCP server for benchmarks: methane registers of several units that can be made to jump over a
// limit, with the moment noted at which a reply first carried the jump.
namespace davy::bench {

using boost::asio::ip::tcp;
using Micros = std::chrono::microseconds;
using Time = std::chrono::time_point<std::chrono::steady_clock, Micros>;

inline Time now() { return std::chrono::time_point_cast<Micros>(std::chrono::steady_clock::now()); }

constexpr std::uint16_t safe_raw = 10;   // 0.10 %CH4
constexpr std::uint16_t over_raw = 160;  // 1.60 %CH4

struct Cell {
  std::uint16_t raw = safe_raw;
  bool armed = false;  // jumped, not yet read
  Time read{};         // when the reply that carried the jump left
};

// Registers of all devices: unit -> cells by address. Shared by the server thread and the measuring thread.
class Registers {
 public:
  Registers(int units, int per_unit) : cells_(static_cast<std::size_t>(units)) {
    for (auto& unit : cells_) unit.resize(static_cast<std::size_t>(per_unit));
  }
  void jump(std::size_t unit, std::size_t at) {
    const std::lock_guard lock{mutex_};
    cells_[unit][at] = {over_raw, true, {}};
  }
  void settle(std::size_t unit, std::size_t at) {
    const std::lock_guard lock{mutex_};
    cells_[unit][at].raw = safe_raw;
  }
  // Every reading differs a little from the one before.
  void wander(bool on) { wandering_ = on; }
  // Time of the reply with the jump; zero when not read yet.
  Time read_at(std::size_t unit, std::size_t at) {
    const std::lock_guard lock{mutex_};
    return cells_[unit][at].read;
  }
  std::vector<std::uint8_t> reply(const std::array<std::uint8_t, 12>& q) {
    const std::size_t unit = q[6] - 1U;
    const std::size_t first = static_cast<std::size_t>(q[8] << 8U | q[9]);
    const std::size_t count = static_cast<std::size_t>(q[10] << 8U | q[11]);
    const std::lock_guard lock{mutex_};
    if (unit >= cells_.size() || first + count > cells_[unit].size()) {
      return {q[0], q[1], 0, 0, 0, 3, q[6], static_cast<std::uint8_t>(q[7] | 0x80U), 2};
    }
    const auto bytes = static_cast<std::uint8_t>(2 * count);
    std::vector<std::uint8_t> out{q[0], q[1], 0,    0, 0, static_cast<std::uint8_t>(3 + bytes),
                                  q[6], q[7], bytes};
    for (std::size_t i = first; i < first + count; ++i) {
      Cell& cell = cells_[unit][i];
      if (wandering_) cell.raw = static_cast<std::uint16_t>(20 + (cell.raw * 7U + i) % 11U);
      out.push_back(static_cast<std::uint8_t>(cell.raw >> 8U));
      out.push_back(static_cast<std::uint8_t>(cell.raw & 0xFFU));
      if (!cell.armed) continue;
      cell.armed = false;
      cell.read = now();
    }
    return out;
  }

 private:
  std::mutex mutex_;
  std::vector<std::vector<Cell>> cells_;
  bool wandering_ = false;
};

inline void serve_one(tcp::socket socket, Registers& registers) {
  socket.set_option(tcp::no_delay{true});
  std::array<std::uint8_t, 12> request{};
  boost::system::error_code error;
  while (boost::asio::read(socket, boost::asio::buffer(request), error) == request.size()) {
    boost::asio::write(socket, boost::asio::buffer(registers.reply(request)), error);
    if (error) return;
  }
}

// For ever, a thread a connection.
inline void serve(int port, Registers& registers) {
  boost::asio::io_context context;
  tcp::acceptor acceptor{context,
                         {boost::asio::ip::make_address("127.0.0.1"), static_cast<std::uint16_t>(port)}};
  for (;;) std::thread{serve_one, acceptor.accept(), std::ref(registers)}.detach();
}

}  // namespace davy::bench
