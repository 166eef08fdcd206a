#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "host/api/mirror.hpp"
#include "host/core/host_view.hpp"
#include "proto/base/clock.hpp"

namespace davy {

// One JSON text frame: what is the client's own, and what all clients share.
struct Frame {
  std::string head;
  std::shared_ptr<const std::string> tail;
  std::size_t size() const { return head.size() + tail->size(); }
};

// Where frames of one live connection go. On the io thread; returns at once.
class LiveClient {
 public:
  virtual ~LiveClient() = default;
  virtual void send(Frame frame) = 0;
  virtual std::size_t waiting_bytes() const = 0;  // sent, but not taken by the network yet
  // Since when the frame at the head of the line waits for the other end; none when nothing waits.
  virtual std::optional<SteadyTime> stuck_since() const = 0;
  virtual void cut(const std::string& why) = 0;  // ends the connection now
};

// Keeps every page up to date. Alarms, gateways and points go out at once; values are collected and go out at
// most five times a second, the newest of each point. A client that is slow gets its values together when it
// has caught up, and every alarm; one that holds up too much, or whose session is over, is cut off. On the io
// thread; no timer of its own.
class LiveHub {
 public:
  struct About {
    std::string mine;
    std::string version;
  };
  using InForce = std::function<bool(const std::string& session_hash)>;
  LiveHub(About about, const Mirror& mirror, InForce in_force);

  // Greets it with the whole state. `client` is remembered weakly.
  void add(const std::shared_ptr<LiveClient>& client, const std::string& session_hash, Now now);

  // What the mirror has just taken in.
  void on_points(const std::set<HostPointId>& ids, Now now);
  void on_value(HostPointId id) { changed_.insert(id); }
  void on_gateway(const GatewayStatus& status, Now now);
  void on_alarm(const JournalEntry& entry, Now now);

  void send_values(Now now);  // every values_every
  void beat(Now now);         // every beat_every
  void cut_all(const std::string& why);
  std::size_t size() const { return clients_.size(); }

  static constexpr Duration values_every{200};
  static constexpr Duration beat_every{1000};
  static constexpr std::size_t waiting_max = std::size_t{4} << 20U;     // longer than stuck_max: cut off
  static constexpr std::size_t waiting_limit = std::size_t{64} << 20U;  // at once
  static constexpr Duration stuck_max{5000};
  static constexpr Duration silent_max{30'000};  // one frame that is not taken for so long

 private:
  struct Client {
    std::weak_ptr<LiveClient> client;
    std::string session_hash;
    std::uint64_t seq = 0;
    std::set<HostPointId> behind;  // values it has yet to get
  };
  using Tail = std::shared_ptr<const std::string>;
  void send(Client& to, LiveClient& client, const char* type, const Tail& tail);
  void send_all(const char* type, const Tail& tail, Now now);
  static bool holds_up(const LiveClient& client, Now now);
  Tail values_tail(const std::set<HostPointId>& ids, Now now) const;

  const About about_;
  const Mirror& mirror_;
  const InForce in_force_;
  std::map<std::uint64_t, Client> clients_;
  std::uint64_t next_client_ = 1;
  std::set<HostPointId> changed_;
};

}  // namespace davy
