#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include <sys/types.h>

#include "proto/link/mqtt_link.hpp"

namespace davy::test {

// A real Mosquitto for one test: on a free port of the loopback, with an authority and certificates made on
// the spot, and the access rules of a mine: a gateway reads and writes below davy/<mine>/<its name>/,
// "davy-host" everywhere.
class Mosquitto {
 public:
  struct Setup {
    bool tls = true;
    bool certificates_required = true;
    std::string extra;  // more lines for its configuration
  };
  // nullptr with a message to the test's output where Mosquitto or openssl is not installed.
  static std::unique_ptr<Mosquitto> start(const Setup& setup);
  ~Mosquitto();
  Mosquitto(const Mosquitto&) = delete;
  Mosquitto& operator=(const Mosquitto&) = delete;

  std::uint16_t port() const { return port_; }
  std::string file(const std::string& name) const { return folder_ + "/" + name; }

  // A certificate by the authority for this name, made at the first call. "server" is the broker's own.
  TlsPaths certificate(const std::string& name);
  // The same by an authority that the broker does not know.
  TlsPaths strange_certificate(const std::string& name);
  LinkSettings settings(const std::string& client);

  void kill();     // kill -9
  void restart();  // after kill(): on the same port
  void freeze();   // it lives, and answers nothing
  void thaw();
  std::string log() const;
  bool wait_for_log(std::string_view text, int wait_ms = 10'000) const;

  // The names under which test files are asked for by shell commands, such as mosquitto_sub.
  std::string client_arguments(const std::string& client);

 private:
  Mosquitto() = default;
  void prepare(const Setup& setup);
  void launch();
  void make_authority(const std::string& name);
  void make_certificate(const std::string& authority, const std::string& name, const std::string& subject);

  std::string folder_;
  std::uint16_t port_ = 0;
  bool tls_ = true;
  pid_t process_ = -1;
  int output_ = -1;
  std::thread reader_;
  mutable std::mutex mutex_;
  std::string log_;
  int news_ = -1;  // an eventfd: the log has grown
};

// Runs a command and returns what it printed; fails the test when it does not end with 0.
std::string run_command(const std::string& command);

}  // namespace davy::test
