#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "proto/base/clock.hpp"
#include "proto/link/mqtt_link.hpp"

namespace davy {

class FakeLink;

// What the network does to messages between broker and clients. A real broker keeps the order and loses
// nothing while a connection stands; the first two say what happens when it does not keep its word (restarts
// without persistence).
struct FakeFaults {
  double drop = 0;       // share of published messages that get their PUBACK and reach nobody
  double duplicate = 0;  // share of deliveries that come twice
  Duration delay_min{0};
  Duration delay_max{0};  // above delay_min: deliveries of different messages overtake each other
};

// The fake beside the port: an MQTT broker in memory for unit tests and for the simulation of a whole mine in
// one process. Nothing happens but in step(); the same seed and the same calls give the same run. Not
// thread-safe.
class FakeBroker {
 public:
  explicit FakeBroker(std::uint64_t seed = 1) : random_{seed} {}

  // Does everything that is due, in the order of due time, then of arrival.
  void step(SteadyTime now);
  SteadyTime next_due() const;

  FakeFaults faults;
  // Refuses every connection with this reason; nullopt accepts.
  void refuse(std::optional<std::string> reason) { refusal_ = std::move(reason); }
  // Connections get no answer at all: LinkDown comes after connect_wait.
  void set_reachable(bool reachable) { reachable_ = reachable; }
  // Drops a client right after its LinkUp, as a broker that is out of memory does.
  void set_kick_after_connect(bool kick) { kick_after_connect_ = kick; }

  // The connection breaks and the client notices at once; what was under way in both directions is lost. The
  // will is sent.
  void cut(std::string_view client_id, const std::string& reason = "connection lost");
  void cut_all(const std::string& reason = "broker restarted");
  // A black hole: nothing passes any more, and each side finds out by its keep-alive (broker: one and a
  // half).
  void silence(std::string_view client_id);
  void forget_retained() { retained_.clear(); }

  // A client outside the test's interest.
  void publish(const std::string& topic, const std::string& payload, bool retained = false);

  const std::string* retained(const std::string& topic) const;
  bool connected(std::string_view client_id) const;

  struct Published {
    SteadyTime at;
    std::string client_id;  // empty: publish() above
    std::string topic;
    std::string payload;
    bool retained = false;
  };
  // Everything that came in since the last clear; a test's record of the wire.
  std::vector<Published> log;

  static constexpr Duration connect_wait{10'000};

 private:
  friend class FakeLink;
  // One connection. Things under way name it by number, so that they die with it.
  struct Session {
    FakeLink* link = nullptr;
    LinkSettings settings;
    std::vector<std::string> filters;
    bool silent = false;
  };
  struct Job {
    SteadyTime due;
    std::uint64_t order = 0;
    std::uint64_t session = 0;
    enum class Kind : std::uint8_t {
      connect,
      from_client,
      to_client,
      client_gives_up,
      broker_gives_up
    } kind{};
    LinkEvent event;                    // to_client; client_gives_up
    Published message;                  // from_client
    std::uint64_t token = 0;            // from_client
    std::optional<std::string> filter;  // from_client: a subscription instead of a message
  };

  static bool later(const Job& a, const Job& b);
  std::uint64_t open(FakeLink& link, const LinkSettings& settings);
  void close(std::uint64_t session);                            // good-bye of the client: no will
  void drop(std::uint64_t session, const std::string& reason);  // LinkDown and will
  void bury(std::uint64_t session, const std::optional<std::string>& reason);
  void from_client(std::uint64_t session, Published message, std::uint64_t token,
                   std::optional<std::string> filter);
  void add(Job job, Duration after);
  void run(Job& job);
  void accept(const Job& job);
  void subscribe(std::uint64_t session, const std::string& filter);
  void spread(const Published& message);
  void deliver(std::uint64_t session, LinkMessage message);
  Duration random_delay();
  bool chance(double share);
  std::uint64_t find(std::string_view client_id) const;

  std::mt19937_64 random_;
  SteadyTime now_{};
  std::uint64_t order_ = 0;
  std::uint64_t sessions_made_ = 0;
  std::map<std::uint64_t, Session> sessions_;                  // connecting or connected
  std::map<std::string, std::uint64_t, std::less<>> clients_;  // connected, by client id
  std::map<std::string, std::string> retained_;
  std::vector<Job> jobs_;  // a heap, the next due on top
  std::optional<std::string> refusal_;
  bool reachable_ = true;
  bool kick_after_connect_ = false;
};

// A client of it. Must not outlive its broker. Destroyed without disconnect(): the connection breaks, the
// will is sent.
class FakeLink final : public MqttLink {
 public:
  explicit FakeLink(FakeBroker& broker) : broker_{broker} {}
  ~FakeLink() override;
  FakeLink(const FakeLink&) = delete;
  FakeLink& operator=(const FakeLink&) = delete;

  Status connect(const LinkSettings& settings) override;
  void disconnect() override;
  Status publish(std::uint64_t token, std::string_view topic, std::string_view payload,
                 bool retained) override;
  Status subscribe(std::string_view filter) override;
  void poll(std::vector<LinkEvent>& out) override;

  int connects() const { return connects_; }  // how often connect() was called

 private:
  friend class FakeBroker;
  FakeBroker& broker_;
  std::uint64_t session_ = 0;  // 0: down
  bool up_ = false;
  int connects_ = 0;
  std::vector<LinkEvent> events_;
};

// MQTT's rule for + and #.
bool topic_matches(std::string_view filter, std::string_view topic);

}  // namespace davy
