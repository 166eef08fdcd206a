#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "proto/link/mqtt_link.hpp"

namespace davy {

// What may wait between two calls of poll(). A gateway hears acks and commands; a host hears every block of
// the mine.
struct PahoLimits {
  std::size_t events_max = 4096;
  std::size_t bytes_max = 1024 * 1024;  // of messages; one message always has room
};

// MqttLink over Eclipse Paho's asynchronous C library, MQTT 5. Each connection is a client of its own, made
// by connect() and destroyed with the connection: nothing of one attempt reaches the next, and certificates
// are read anew. Certificates: the broker's is always verified, with its name, against the given authority
// and no other.
//
// When more waits than the limits allow, the link goes down and says so: the library has already told the
// broker that it has the messages, so dropping some would lose them silently. After the reconnect whoever got
// no ack sends again.
//
// The library runs two threads for all links of a process; `wake` is called on them (and must only post or
// signal). The destructor waits for them to end, about a second at most; all other calls return at once.
class PahoLink final : public MqttLink {
 public:
  explicit PahoLink(std::function<void()> wake = {}, PahoLimits limits = {});
  ~PahoLink() override;
  PahoLink(const PahoLink&) = delete;
  PahoLink& operator=(const PahoLink&) = delete;

  Status connect(const LinkSettings& settings) override;
  void disconnect() override;
  Status publish(std::uint64_t token, std::string_view topic, std::string_view payload,
                 bool retained) override;
  Status subscribe(std::string_view filter) override;
  void poll(std::vector<LinkEvent>& out) override;

 private:
  struct Anchor;   // keeps the library's threads running between connections
  struct Session;  // one connection, from connect() to its end
  const std::function<void()> wake_;
  const PahoLimits limits_;
  std::unique_ptr<Anchor> anchor_;
  std::unique_ptr<Session> session_;
};

}  // namespace davy
