#include "proto/base/assert.hpp"
#include "proto/wire/hash.hpp"
#include "proto/wire/messages.hpp"
#include "proto/wire/topics.hpp"
#include "tests/fuzz/target.hpp"
#include "tests/proto/wire_bytes.hpp"

// Everything that arrives by MQTT but blocks. The first byte of an input says which message the rest is.
// Property: what a decoder accepts, our encoder says again, and the decoder agrees with itself.
namespace davy::fuzz {
namespace {

template <typename Decoder, typename Encoder>
void round_trip(std::string_view message, Decoder decode, Encoder encode) {
  const auto first = decode(message);
  if (!first) {
    DAVY_ASSERT(!first.error().message.empty());
    return;
  }
  const std::string again = encode(*first);
  const auto second = decode(again);
  DAVY_ASSERT(second.has_value());
  DAVY_ASSERT(encode(*second) == again);
}

void try_birth(std::string_view message) {
  const auto decode = [](std::string_view m) {
    Hash hash{};
    return decode_birth(m, hash);
  };
  round_trip(message, decode, [](const Birth& birth) { return encode_birth(birth).message; });
}

// The hash in front of a birth stops nearly every mutation: this one goes behind it.
void try_definition(std::string_view definition) {
  try_birth(test::bytes_field(1, std::string{definition}) +
            test::bytes_field(2, std::string{as_bytes(hash_of(definition))}));
}

void try_topic(std::string_view text) {
  const auto parsed = parse_topic(text);
  if (parsed) DAVY_ASSERT(topic(parsed->mine, parsed->gateway, parsed->kind) == text);
}

Birth some_birth() {
  const Limit cut{
      .side = Side::high, .level = LimitState::cut, .at = 1.5, .clear_at = 1.0, .basis = "AQ 1029"};
  const Point methane{.name = "N1201-T0",
                      .title = "回风隅角甲烷",
                      .quantity = "CH4",
                      .unit = "%CH4",
                      .range_high = 4,
                      .limits = {cut},
                      .device = "face/ch4-1"};
  return {
      .mine = "mine-1", .gateway = "gw-2", .points = {methane, {.name = "fan", .kind = PointKind::state}}};
}

}  // namespace

void try_input(std::string_view input) {
  if (input.empty()) return;
  const std::string_view message = input.substr(1);
  switch (input.front()) {
    case 'b': return try_birth(message);
    case 'd': return try_definition(message);
    case 'a': return round_trip(message, decode_ack, encode_ack);
    case 's': return round_trip(message, decode_state, encode_state);
    case 'c': return round_trip(message, decode_command, encode_command);
    case 'r': return round_trip(message, decode_reply, encode_reply);
    default: return try_topic(message);
  }
}

std::vector<std::string> seeds() {
  const Uuid stream{1, 2, 3};
  const WallTime noon = wall_from_ms(1'800'000'000'000);
  const std::string birth = encode_birth(some_birth()).message;
  return {
      "b" + birth,
      // Behind its tag, its two bytes of length, and before the hash in its field of 34 bytes.
      "d" + birth.substr(3, birth.size() - 3 - 34),
      "a" + encode_ack({{stream, {{1, 5}, {8, 8}}}}),
      "s" + encode_state({.online = true, .gateway = "gw-2", .boot = 3, .wall = noon, .stream = stream}),
      "c" + encode_command({.id = "c1", .issued_at = noon, .reason = "test", .kind = CommandKind::rebirth}),
      "c" + encode_command({.id = "c2", .operator_name = "otto", .kind = CommandKind::fan_key, .lock = "F"}),
      "r" + encode_reply({.id = "c1", .outcome = Outcome::refused, .message = "expired"}),
      "t" + topic("mine-1", "gw-2", TopicKind::block),
  };
}

}  // namespace davy::fuzz
