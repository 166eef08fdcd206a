#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "proto/base/clock.hpp"

// The far end of a wire that does exactly what a test says, byte by byte, whatever Modbus thinks of it.
namespace davy::test {

using Bytes = std::vector<std::uint8_t>;

Bytes with_checksum(Bytes frame);  // of an RTU frame without it
Bytes operator+(Bytes a, const Bytes& b);

// What to do about one request: send bytes (maybe none), then perhaps hang up.
struct Action {
  Bytes send;
  bool hang_up = false;
};

// A pseudo terminal whose other end, path(), is opened as a serial port. Reads requests of 8 bytes; the i-th
// one gets the i-th action, further ones silence.
class ScriptedLine {
 public:
  explicit ScriptedLine(std::vector<Action> script);
  ~ScriptedLine();
  ScriptedLine(const ScriptedLine&) = delete;
  ScriptedLine& operator=(const ScriptedLine&) = delete;

  const std::string& path() const { return path_; }
  // Sends without having been asked.
  void send(const Bytes& bytes);

  struct Seen {
    Bytes request;
    SteadyTime came, answered;  // answered: just before the answer was sent
  };
  std::vector<Seen> seen() const;

 private:
  void run();

  const std::vector<Action> script_;
  int port_ = -1;
  int far_end_ = -1;  // kept open so that the port outlives its users
  int stop_read_ = -1, stop_write_ = -1;
  std::string path_;
  mutable std::mutex mutex_;
  std::vector<Seen> seen_;
  std::thread thread_;
};

// The same as a TCP server on loopback: requests of so many bytes; hanging up ends the connection, the next
// one is accepted.
class ScriptedServer {
 public:
  explicit ScriptedServer(std::vector<Action> script, std::size_t request_size = 12);
  ~ScriptedServer();
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  std::uint16_t port() const { return port_; }
  std::vector<Bytes> seen() const;
  int connections() const;

 private:
  void run();
  void serve(int connection);

  const std::vector<Action> script_;
  const std::size_t request_size_;
  int listener_ = -1;
  int stop_read_ = -1, stop_write_ = -1;
  std::uint16_t port_ = 0;
  mutable std::mutex mutex_;
  std::vector<Bytes> seen_;
  int connections_ = 0;
  std::thread thread_;
};

}  // namespace davy::test
