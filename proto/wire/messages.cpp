#include "proto/wire/messages.hpp"

#include "proto/base/assert.hpp"
#include "proto/wire/hash.hpp"
#include "proto/wire/message_checks.hpp"
#include "proto/wire/messages.pb.h"
#include "proto/wire/topics.hpp"

namespace davy {
namespace {

Status read_ranges(const wire::StreamRanges& in, AckOfStream& out) {
  if (auto ok = read_array(in.stream(), false, "stream", out.stream); !ok) return ok;
  for (const auto& range : in.range()) {
    if (range.first() < 1 || range.last() < range.first())
      return fail(Errc::bad_data, "range upside down or from 0");
    out.ranges.push_back({range.first(), range.last()});
  }
  return {};
}

Status check_state(const wire::State& in) {
  Checks checks;
  checks.that(is_topic_name(in.gateway()), "no valid gateway")
      .that(is_time_ms(in.wall_ms()) && is_time_ms(in.steady_ms()), "time out of bounds")
      .that(is_text(in.reason()), "reason is no text")
      .that(is_text(in.version(), name_size_max), "version is no short text")
      .that(wire::BlockBody::Clock_IsValid(in.clock()), "unknown clock quality");
  return checks.status();
}

Status check_command(const wire::Command& in) {
  Checks checks;
  checks.that(is_name(in.id()), "no valid id")
      .that(is_time_ms(in.issued_at_ms()) && is_time_ms(in.expires_at_ms()), "time out of bounds")
      .that(!in.operator_name().empty() && is_text(in.operator_name(), name_size_max), "no valid operator")
      .that(is_text(in.reason()), "reason is no text");
  return checks.status();
}

}  // namespace

std::string encode_ack(const std::vector<AckOfStream>& ack) {
  DAVY_ASSERT(ack.size() <= ack_streams_max);
  wire::Ack message;
  std::size_t ranges = 0;
  for (const AckOfStream& of_stream : ack) {
    auto& out = *message.add_stream();
    out.set_stream(std::string{as_bytes(of_stream.stream)});
    ranges += of_stream.ranges.size();
    for (const Range& range : of_stream.ranges) {
      auto& r = *out.add_range();
      r.set_first(range.first);
      r.set_last(range.last);
    }
  }
  DAVY_ASSERT(ranges <= ack_ranges_max);
  return message.SerializeAsString();
}

Result<std::vector<AckOfStream>> decode_ack(std::string_view bytes) {
  wire::Ack message;
  if (auto ok = parse_message(bytes, message_size_max, message); !ok) return fail(ok.error().in("ack"));
  if (message.stream_size() > static_cast<int>(ack_streams_max))
    return fail(Errc::bad_data, "ack: too many streams");
  std::vector<AckOfStream> out;
  std::size_t ranges = 0;
  for (const auto& of_stream : message.stream()) {
    ranges += static_cast<std::size_t>(of_stream.range_size());
    if (ranges > ack_ranges_max) return fail(Errc::bad_data, "ack: too many ranges");
    if (auto ok = read_ranges(of_stream, out.emplace_back()); !ok) return fail(ok.error().in("ack"));
  }
  return out;
}

std::string encode_state(const GatewayState& state) {
  wire::State message;
  message.set_online(state.online);
  message.set_gateway(state.gateway);
  message.set_boot(state.boot);
  message.set_wall_ms(clamp_time_ms(to_ms(state.wall)));
  message.set_steady_ms(clamp_time_ms(to_ms(state.steady)));
  message.set_reason(clean_text(state.reason));
  message.set_version(clean_text(state.version, name_size_max));
  message.set_stream(std::string{as_bytes(state.stream)});
  message.set_spool_blocks(state.spool_blocks);
  message.set_spool_bytes(state.spool_bytes);
  message.set_spool_oldest_seq(state.spool_oldest_seq);
  message.set_next_seq(state.next_seq);
  message.set_birth(std::string{as_bytes(state.birth)});
  message.set_clock(static_cast<wire::BlockBody::Clock>(state.clock));
  return message.SerializeAsString();
}

Result<GatewayState> decode_state(std::string_view bytes) {
  wire::State message;
  if (auto ok = parse_message(bytes, message_size_max, message); !ok) return fail(ok.error().in("state"));
  if (auto ok = check_state(message); !ok) return fail(ok.error().in("state"));
  GatewayState out{.online = message.online(),
                   .gateway = message.gateway(),
                   .boot = message.boot(),
                   .wall = wall_from_ms(message.wall_ms()),
                   .steady = steady_from_ms(message.steady_ms()),
                   .reason = message.reason(),
                   .version = message.version(),
                   .spool_blocks = message.spool_blocks(),
                   .spool_bytes = message.spool_bytes(),
                   .spool_oldest_seq = message.spool_oldest_seq(),
                   .next_seq = message.next_seq(),
                   .clock = static_cast<ClockQuality>(message.clock())};
  if (auto ok = read_array(message.stream(), false, "stream", out.stream); !ok)
    return fail(ok.error().in("state"));
  if (auto ok = read_array(message.birth(), false, "birth", out.birth); !ok)
    return fail(ok.error().in("state"));
  return out;
}

std::string encode_command(const Command& command) {
  wire::Command message;
  message.set_id(command.id);
  message.set_issued_at_ms(clamp_time_ms(to_ms(command.issued_at)));
  message.set_expires_at_ms(clamp_time_ms(to_ms(command.expires_at)));
  message.set_operator_name(clean_text(command.operator_name, name_size_max));
  message.set_reason(clean_text(command.reason));
  if (command.kind == CommandKind::rebirth) {
    auto& rebirth = *message.mutable_rebirth();
    if (!is_zero(command.birth)) rebirth.set_hash(std::string{as_bytes(command.birth)});
  }
  if (command.kind == CommandKind::fan_key) {
    auto& key = *message.mutable_fan_key();
    key.set_lock(clean_text(command.lock, name_size_max));
    key.set_give_back(command.give_back);
  }
  return message.SerializeAsString();
}

Result<Command> decode_command(std::string_view bytes) {
  wire::Command message;
  if (auto ok = parse_message(bytes, message_size_max, message); !ok) return fail(ok.error().in("command"));
  if (auto ok = check_command(message); !ok) return fail(ok.error().in("command"));
  Command out{.id = message.id(),
              .issued_at = wall_from_ms(message.issued_at_ms()),
              .expires_at = wall_from_ms(message.expires_at_ms()),
              .operator_name = message.operator_name(),
              .reason = message.reason()};
  if (message.has_fan_key()) {
    out.kind = CommandKind::fan_key;
    out.lock = message.fan_key().lock();
    out.give_back = message.fan_key().give_back();
    if (!is_name(out.lock)) return fail(Errc::bad_data, "command: no valid lock");
    return out;
  }
  if (!message.has_rebirth()) return out;  // kind unknown: the gateway answers so
  out.kind = CommandKind::rebirth;
  if (auto ok = read_array(message.rebirth().hash(), true, "birth", out.birth); !ok) {
    return fail(ok.error().in("command"));
  }
  return out;
}

std::string encode_reply(const Reply& reply) {
  wire::Reply message;
  message.set_id(reply.id);
  message.set_outcome(static_cast<wire::Reply::Outcome>(reply.outcome));
  message.set_message(clean_text(reply.message));
  return message.SerializeAsString();
}

Result<Reply> decode_reply(std::string_view bytes) {
  wire::Reply message;
  if (auto ok = parse_message(bytes, message_size_max, message); !ok) return fail(ok.error().in("reply"));
  Checks checks;
  checks.that(is_name(message.id()), "no valid id")
      .that(wire::Reply::Outcome_IsValid(message.outcome()), "unknown outcome")
      .that(is_text(message.message()), "message is no text");
  if (auto ok = checks.status(); !ok) return fail(ok.error().in("reply"));
  return Reply{message.id(), static_cast<Outcome>(message.outcome()), message.message()};
}

}  // namespace davy
