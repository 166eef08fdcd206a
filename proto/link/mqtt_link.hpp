#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "proto/base/result.hpp"

namespace davy {

// Largest payload either way: the biggest birth fits.
inline constexpr std::size_t link_payload_max = 4 * 1024 * 1024;

struct TlsPaths {
  std::string ca;
  std::string certificate;
  std::string key;
};

struct LinkSettings {
  std::string host;
  std::uint16_t port = 8883;
  std::string client_id;
  std::optional<TlsPaths> tls;  // none: plain TCP, for benches and tests on loopback
  std::uint32_t keep_alive_s = 15;
  // What the broker tells the others if we vanish; retained, QoS 1.
  std::string will_topic;
  std::string will_payload;
};

// What the link reports. Delivered in order through poll().
struct LinkUp {};
struct LinkDown {
  std::string reason;  // for a person: names the broker and what it or the network said
};
// The broker took the message (PUBACK). Proves nothing about the other end: only frees the broker's window.
struct LinkSent {
  std::uint64_t token = 0;
};
struct LinkMessage {
  std::string topic;
  std::string payload;
  bool retained = false;  // stored at the broker before we subscribed: old news
};
using LinkEvent = std::variant<LinkUp, LinkDown, LinkSent, LinkMessage>;

// One MQTT connection, as both ends use it. QoS 1, clean start. It never reconnects, retries or stores by
// itself: whoever owns it decides when to connect again, and every queue is the owner's. Calls come from one
// thread, return at once and never throw; what happened is told by poll() on that same thread.
class MqttLink {
 public:
  virtual ~MqttLink() = default;

  // Starts to connect; LinkUp or LinkDown follows. An error here means the settings can never work (a missing
  // file).
  virtual Status connect(const LinkSettings& settings) = 0;
  // Says good-bye (the will is not sent); no LinkDown follows, and what was not polled yet is gone.
  virtual void disconnect() = 0;

  // Only while up: disconnected otherwise; bad_data if larger than link_payload_max. LinkSent{token} follows
  // unless the link goes down first. A message or subscription that the broker refuses takes the link down,
  // with the reason.
  virtual Status publish(std::uint64_t token, std::string_view topic, std::string_view payload,
                         bool retained) = 0;
  virtual Status subscribe(std::string_view filter) = 0;

  // Moves out everything that happened since the last call.
  virtual void poll(std::vector<LinkEvent>& out) = 0;
};

}  // namespace davy
