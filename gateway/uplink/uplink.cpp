#include "gateway/uplink/uplink.hpp"

#include <algorithm>
#include <type_traits>
#include <utility>
#include <variant>

#include "proto/base/log.hpp"

namespace davy {
namespace {

constexpr Duration spool_retry_wait{1'000};
// So many blocks a step at most, then acks and the clock get their turn.
constexpr int blocks_per_step = 64;

}  // namespace

Uplink::Uplink(const UplinkSettings& settings, UplinkIdentity identity, Spool& spool, MqttLink& link, Now now)
    : settings_{settings},
      identity_{std::move(identity)},
      spool_{spool},
      link_{link},
      backoff_{identity_.seed},
      window_{{settings.window_blocks, settings.backlog_blocks_per_s, settings.ack_wait}},
      due_{now.steady},
      phase_ends_{now.steady} {}

void Uplink::step(Now now) {
  if (phase_ == Phase::stopped) return;
  link_.poll(events_);
  for (const LinkEvent& event : events_) {
    if (std::holds_alternative<LinkUp>(event)) {
      on_up(now);
    } else if (const auto* down = std::get_if<LinkDown>(&event)) {
      go_down(now, down->reason);
    } else if (const auto* sent = std::get_if<LinkSent>(&event)) {
      if (phase_ == Phase::leaving && sent->token == farewell_) phase_ends_ = now.steady;
    } else if (const auto* message = std::get_if<LinkMessage>(&event)) {
      on_message(*message, now);
    }
  }
  events_.clear();
  keys_.take_answers(replies_);
  for (const Reply& reply : replies_) answer(reply, now);
  switch (phase_) {
    case Phase::down:
      if (now.steady >= phase_ends_) connect(now);
      break;
    case Phase::connecting:
      if (now.steady >= phase_ends_) {
        link_.disconnect();
        go_down(now, "the broker did not answer");
      }
      break;
    case Phase::up:
      send_blocks(now);
      if (phase_ == Phase::up && now.steady >= state_due_) {
        static_cast<void>(publish(TopicKind::state, state_message(true, {}, now), true, now));
        state_due_ = now.steady + state_every;
      }
      break;
    case Phase::leaving:
      if (now.steady < phase_ends_) break;
      link_.disconnect();
      phase_ = Phase::stopped;
      break;
    case Phase::stopped: break;
  }
  due_ = next_deadline(now.steady);
}

SteadyTime Uplink::next_deadline(SteadyTime now) const {
  switch (phase_) {
    case Phase::down:
    case Phase::connecting:
    case Phase::leaving: return phase_ends_;
    case Phase::up: return std::min(state_due_, std::max(window_.next_due(now), spool_retry_));
    case Phase::stopped: break;
  }
  return never;
}

void Uplink::connect(Now now) {
  const LinkSettings settings{
      .host = settings_.host,
      .port = settings_.port,
      .client_id = identity_.gateway,
      .tls = settings_.tls,
      .keep_alive_s = settings_.keep_alive_s,
      .will_topic = topic(identity_.mine, identity_.gateway, TopicKind::state),
      .will_payload = state_message(false, "connection lost", now),
  };
  ++stats_.connects;
  phase_ = Phase::connecting;
  phase_ends_ = now.steady + connect_wait;
  if (const auto started = link_.connect(settings); !started) go_down(now, started.error().message);
}

void Uplink::go_down(Now now, const std::string& reason) {
  if (phase_ == Phase::leaving) {
    phase_ = Phase::stopped;
    return;
  }
  if (phase_ == Phase::down) return;
  const Duration wait = backoff_.on_down(now.steady);
  log::warn("uplink_down", {{"broker", settings_.host + ":" + std::to_string(settings_.port)},
                            {"reason", reason},
                            {"retry_in_ms", wait.count()}});
  phase_ = Phase::down;
  phase_ends_ = now.steady + wait;
}

void Uplink::on_up(Now now) {
  if (phase_ != Phase::connecting) return;
  phase_ = Phase::up;
  backoff_.on_up(now.steady);
  const SpoolState spool = spool_.state();
  log::info("uplink_up", {{"broker", settings_.host + ":" + std::to_string(settings_.port)},
                          {"backlog_blocks", spool.blocks}});
  for (const TopicKind kind : {TopicKind::ack, TopicKind::command}) {
    const auto listening = link_.subscribe(topic(identity_.mine, identity_.gateway, kind));
    if (listening) continue;
    return give_up(now, listening.error().message);
  }
  if (!publish(TopicKind::birth, identity_.birth.message, true, now)) return;
  if (!publish(TopicKind::state, state_message(true, {}, now), true, now)) return;
  state_due_ = now.steady + state_every;
  window_.restart(spool.oldest_seq, spool.next_seq, now.steady);
}

bool Uplink::publish(TopicKind kind, std::string_view payload, bool retained, Now now) {
  const auto done =
      link_.publish(++token_, topic(identity_.mine, identity_.gateway, kind), payload, retained);
  if (done) return true;
  give_up(now, done.error().message);
  return false;
}

// A link that takes nothing more has mostly ended by itself, and its own word on that says more.
void Uplink::give_up(Now now, std::string reason) {
  std::vector<LinkEvent> last;
  link_.poll(last);
  for (const auto* events : {&events_, &last}) {
    for (const LinkEvent& event : *events) {
      if (const auto* down = std::get_if<LinkDown>(&event)) reason = down->reason;
    }
  }
  link_.disconnect();
  go_down(now, reason);
}

void Uplink::send_blocks(Now now) {
  if (now.steady < spool_retry_) return;
  window_.set_next(spool_.state().next_seq);
  for (int i = 0; i < blocks_per_step; ++i) {
    const auto seq = window_.take(now.steady);
    if (!seq || !send_block(*seq, now)) return;
  }
}

bool Uplink::send_block(std::uint64_t seq, Now now) {
  const auto blocks = spool_.read({seq, seq}, 1);
  if (!blocks) {
    log::error("spool_unreadable", {{"seq", seq}, {"error", blocks.error().message}});
    spool_retry_ = now.steady + spool_retry_wait;
    return false;
  }
  if (blocks->empty()) {
    window_.gone(seq);
    return true;
  }
  if (!publish(TopicKind::block, blocks->front().envelope, false, now)) return false;
  window_.sent(seq, now.steady);
  return true;
}

void Uplink::on_message(const LinkMessage& message, Now now) {
  if (phase_ != Phase::up) return;
  const auto parsed = parse_topic(message.topic);
  if (parsed && parsed->kind == TopicKind::ack) return on_ack(message.payload, now);
  if (parsed && parsed->kind == TopicKind::command && !message.retained)
    return on_command(message.payload, now);
  ++stats_.bad_messages;
  log::warn("message_ignored", {{"topic", message.topic}});
}

// An ack is a fact about the data, so a late one still releases.
void Uplink::on_ack(std::string_view payload, Now now) {
  const auto ack = decode_ack(payload);
  if (!ack) {
    ++stats_.bad_messages;
    log::warn("ack_ignored", {{"error", ack.error().message}});
    return;
  }
  stats_.last_ack = now.steady;
  const SpoolState spool = spool_.state();
  std::vector<Range> ours;
  for (const AckOfStream& stream : *ack) {
    if (stream.stream != spool.stream) continue;
    for (Range range : stream.ranges) {
      // Nobody can have what was never appended.
      if (range.first >= spool.next_seq) continue;
      range.last = std::min(range.last, spool.next_seq - 1);
      ours.push_back(range);
    }
  }
  if (const auto released = spool_.release(ours); !released) {
    log::error("spool_release_failed", {{"error", released.error().message}});
    spool_retry_ = now.steady + spool_retry_wait;
    return;
  }
  stats_.acked_blocks += spool.blocks - spool_.state().blocks;
  window_.set_next(spool.next_seq);
  window_.on_ack(ours, now.steady);
}

void Uplink::on_command(std::string_view payload, Now now) {
  const auto command = decode_command(payload);
  if (!command) {
    ++stats_.bad_messages;
    log::warn("command_ignored", {{"error", command.error().message}});
    return;
  }
  const std::optional<Reply> reply = obey(*command, now);
  log::info("command", {{"id", command->id},
                        {"operator", command->operator_name},
                        {"reason", command->reason},
                        {"answer", reply ? reply->message : "the locks decide"}});
  if (reply) answer(*reply, now);
}

// Without a link the host hears of it by the event that the locks tell.
void Uplink::answer(const Reply& reply, Now now) {
  if (phase_ == Phase::up) static_cast<void>(publish(TopicKind::reply, encode_reply(reply), false, now));
}

std::optional<Reply> Uplink::obey(const Command& command, Now now) {
  if (command.expires_at != WallTime{} && now.wall > command.expires_at) {
    return Reply{command.id, Outcome::expired, "came after it had expired"};
  }
  switch (command.kind) {
    case CommandKind::rebirth: return give_birth(command, now);
    case CommandKind::fan_key: return keys_.take(command, clock_, now);
    case CommandKind::unknown: break;
  }
  return Reply{command.id, Outcome::unknown_command, "this gateway does not know the command"};
}

Reply Uplink::give_birth(const Command& command, Now now) {
  if (command.birth == Hash{} || command.birth == identity_.birth.hash) {
    if (publish(TopicKind::birth, identity_.birth.message, true, now)) window_.send_again(now.steady);
    return {command.id, Outcome::done, "birth in force published"};
  }
  const auto old = spool_.birth(command.birth);
  if (!old) return {command.id, Outcome::failed, old.error().message};
  if (!*old) return {command.id, Outcome::refused, "no block here refers to such a birth"};
  // Not retained: whoever comes later has to see the one in force.
  if (publish(TopicKind::birth, **old, false, now)) window_.send_again(now.steady);
  return {command.id, Outcome::done, "older birth published"};
}

std::string Uplink::state_message(bool online, const std::string& reason, Now now) const {
  const SpoolState spool = spool_.state();
  return encode_state({.online = online,
                       .gateway = identity_.gateway,
                       .boot = identity_.boot,
                       .wall = now.wall,
                       .steady = now.steady,
                       .reason = reason,
                       .version = identity_.version,
                       .stream = spool.stream,
                       .spool_blocks = spool.blocks,
                       .spool_bytes = spool.bytes,
                       .spool_oldest_seq = spool.oldest_seq,
                       .next_seq = spool.next_seq,
                       .birth = identity_.birth.hash,
                       .clock = clock_});
}

void Uplink::stop(Now now, const std::string& reason) {
  if (phase_ != Phase::up) {
    link_.disconnect();
    phase_ = Phase::stopped;
    return;
  }
  send_blocks(now);
  if (phase_ == Phase::up && publish(TopicKind::state, state_message(false, reason, now), true, now)) {
    farewell_ = token_;
    phase_ = Phase::leaving;
    phase_ends_ = now.steady + leave_wait;
    due_ = phase_ends_;
    return;
  }
  phase_ = Phase::stopped;
}

UplinkStats Uplink::stats() const {
  UplinkStats out = stats_;
  out.up = is_up();
  out.in_flight = window_.in_flight();
  out.resent_blocks = window_.resent();
  return out;
}

}  // namespace davy
