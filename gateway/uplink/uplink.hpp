#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gateway/spool/spool.hpp"
#include "gateway/uplink/backoff.hpp"
#include "gateway/uplink/key_commands.hpp"
#include "gateway/uplink/send_window.hpp"
#include "proto/base/clock.hpp"
#include "proto/link/mqtt_link.hpp"
#include "proto/wire/gateway_config.hpp"
#include "proto/wire/messages.hpp"
#include "proto/wire/topics.hpp"

namespace davy {

// Who is speaking.
struct UplinkIdentity {
  std::string mine;
  std::string gateway;
  std::uint64_t boot = 0;
  std::string version;
  EncodedBirth birth;      // in force; the spool has it too
  std::uint64_t seed = 1;  // of the jitter
};

struct UplinkStats {
  bool up = false;
  std::size_t in_flight = 0;
  std::uint64_t acked_blocks = 0;
  std::uint64_t resent_blocks = 0;
  std::uint64_t connects = 0;
  std::uint64_t bad_messages = 0;  // from the broker, that made no sense
  std::optional<SteadyTime> last_ack;
};

// Moves blocks from the spool to the host, at least once, and releases them when the host says it has them.
//
//   down --(wait over)--> connecting --LinkUp--> up --stop()--> leaving --(good-bye sent, or too late)-->
//   stopped connecting or up --LinkDown--> down, waiting longer each time (Backoff)
//
// Coming up it publishes birth and state (retained), listens for acks and commands, then sends in the order
// of SendWindow. PUBACK releases nothing: only the host's ack does, whenever it comes and whatever it was
// for. Owns no timer and no thread: step() when next_due() is reached, when the link has news and when a
// block was appended. One thread.
class Uplink {
 public:
  static constexpr Duration state_every{5'000};
  static constexpr Duration connect_wait{30'000};
  static constexpr Duration leave_wait{1'000};

  Uplink(const UplinkSettings& settings, UplinkIdentity identity, Spool& spool, MqttLink& link, Now now);

  void step(Now now);
  SteadyTime next_due() const { return due_; }

  void set_clock(ClockQuality clock) { clock_ = clock; }
  // Who takes fan keys; without anybody they are refused. The caller keeps it alive.
  void set_fan_keys(FanKeys& keys) { keys_.set_keys(keys); }

  // Says good-bye; step() goes on until is_stopped(), at most leave_wait.
  void stop(Now now, const std::string& reason);
  bool is_stopped() const { return phase_ == Phase::stopped; }
  bool is_up() const { return phase_ == Phase::up; }
  UplinkStats stats() const;

 private:
  enum class Phase : std::uint8_t { down, connecting, up, leaving, stopped };

  void connect(Now now);
  void give_up(Now now, std::string reason);
  void go_down(Now now, const std::string& reason);
  void on_up(Now now);
  void on_message(const LinkMessage& message, Now now);
  void on_ack(std::string_view payload, Now now);
  void on_command(std::string_view payload, Now now);
  std::optional<Reply> obey(const Command& command, Now now);  // nothing: the answer comes later
  void answer(const Reply& reply, Now now);
  Reply give_birth(const Command& command, Now now);
  void send_blocks(Now now);
  bool send_block(std::uint64_t seq, Now now);
  bool publish(TopicKind kind, std::string_view payload, bool retained, Now now);
  std::string state_message(bool online, const std::string& reason, Now now) const;
  SteadyTime next_deadline(SteadyTime now) const;

  const UplinkSettings settings_;
  const UplinkIdentity identity_;
  Spool& spool_;
  MqttLink& link_;
  Backoff backoff_;
  SendWindow window_;
  Phase phase_ = Phase::down;
  SteadyTime due_;
  SteadyTime phase_ends_;  // down: next try; connecting and leaving: given up
  SteadyTime state_due_ = never;
  SteadyTime spool_retry_{};  // the spool could not be read: not before this
  std::uint64_t token_ = 0;
  std::uint64_t farewell_ = 0;  // token of the good-bye
  ClockQuality clock_ = ClockQuality::unknown;
  KeyCommands keys_;
  std::vector<Reply> replies_;
  UplinkStats stats_;
  std::vector<LinkEvent> events_;
};

}  // namespace davy
