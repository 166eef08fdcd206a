#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "proto/base/clock.hpp"
#include "proto/base/result.hpp"
#include "proto/model/block.hpp"
#include "proto/model/point.hpp"
#include "proto/model/range_set.hpp"
#include "proto/wire/limits.hpp"

// The wire messages but the block, as plain values. Every decode refuses what is malformed with bad_data and
// the reason: names that are empty or longer than 64 bytes, counts over the limits of limits.hpp, numbers
// that are not finite, codes nobody has defined. Encoders clean texts (text_rules.hpp) and keep within the
// same limits.
namespace davy {

struct Birth {
  std::string mine;
  std::string gateway;
  std::vector<Point> points;
};
struct EncodedBirth {
  std::string message;  // what is published
  Hash hash{};
};
EncodedBirth encode_birth(const Birth& birth);
// Checks the hash against the definition inside.
Result<Birth> decode_birth(std::string_view message, Hash& hash);

struct AckOfStream {
  Uuid stream{};
  std::vector<Range> ranges;
};
std::string encode_ack(const std::vector<AckOfStream>& ack);
Result<std::vector<AckOfStream>> decode_ack(std::string_view message);

struct GatewayState {
  bool online = false;
  std::string gateway;
  std::uint64_t boot = 0;
  WallTime wall;
  SteadyTime steady;
  std::string reason;
  std::string version;
  Uuid stream{};
  std::uint64_t spool_blocks = 0;
  std::uint64_t spool_bytes = 0;
  std::uint64_t spool_oldest_seq = 0;
  std::uint64_t next_seq = 0;
  Hash birth{};
  ClockQuality clock = ClockQuality::unknown;
};
std::string encode_state(const GatewayState& state);
Result<GatewayState> decode_state(std::string_view message);

enum class CommandKind : std::uint8_t { unknown, rebirth, fan_key };
struct Command {
  std::string id;
  WallTime issued_at;
  WallTime expires_at;  // zero: does not expire
  std::string operator_name;
  std::string reason;
  CommandKind kind = CommandKind::unknown;
  Hash birth{};            // rebirth: which; all zero means the one in force
  std::string lock;        // fan_key: of which lock
  bool give_back = false;  // fan_key: ends it before its time
};
std::string encode_command(const Command& command);
Result<Command> decode_command(std::string_view message);

enum class Outcome : std::uint8_t { done, refused, failed, expired, unknown_command };
struct Reply {
  std::string id;
  Outcome outcome = Outcome::done;
  std::string message;
};
std::string encode_reply(const Reply& reply);
Result<Reply> decode_reply(std::string_view message);

}  // namespace davy
