#include "proto/wire/messages.hpp"

#include <functional>
#include <limits>

#include <doctest/doctest.h>

#include "proto/wire/hash.hpp"
#include "tests/proto/wire_bytes.hpp"

using namespace davy;
using test::bytes_field;
using test::number_field;

namespace {

Point methane() {
  return {
      .name = "N1201-T0",
      .title = "1201面回风隅角甲烷",
      .title_en = "face 1201 return corner methane",
      .place = "1201工作面",
      .place_en = "face 1201",
      .quantity = "CH4",
      .unit = "%CH4",
      .kind = PointKind::analogue,
      .range_low = 0,
      .range_high = 4,
      .period = Duration{500},
      .stale_after = Duration{1500},
      .limits = {{.side = Side::high, .level = LimitState::alarm, .at = 1.0, .clear_at = 1.0, .priority = 1},
                 {.side = Side::high,
                  .level = LimitState::cut,
                  .at = 1.5,
                  .clear_at = 1.0,
                  .off_delay = Duration{60000},
                  .basis = "AQ 1029-2019"}},
      .device = "face/ch4-1"};
}

Point fan() {
  return {.name = "局扇-1",
          .kind = PointKind::state,
          .range_high = 1,
          .limits = {{.side = Side::low, .level = LimitState::warning, .at = 0, .clear_at = 1}},
          .text_on = "开",
          .text_off = "停"};
}

Birth some_birth() { return {.mine = "mine-1", .gateway = "gw_2", .points = {methane(), fan()}}; }

Hash hash_of_ones() {
  Hash out{};
  out.fill(1);
  return out;
}

// A birth message around the given definition, with the right hash.
std::string birth_around(const std::string& definition) {
  return bytes_field(1, definition) + bytes_field(2, std::string{as_bytes(hash_of(definition))});
}
std::string definition_start() { return number_field(1, 1) + bytes_field(2, "m") + bytes_field(3, "g"); }

}  // namespace

TEST_CASE("birth: every field comes back, and the hash names the definition") {
  const EncodedBirth encoded = encode_birth(some_birth());
  Hash hash{};
  const auto birth = decode_birth(encoded.message, hash);
  REQUIRE(birth);
  CHECK(birth->mine == "mine-1");
  CHECK(birth->gateway == "gw_2");
  CHECK(birth->points == some_birth().points);
  CHECK(hash == encoded.hash);
  CHECK(encode_birth(some_birth()).hash == encoded.hash);

  Birth other = some_birth();
  other.points[0].limits[1].at = 1.6;
  CHECK(encode_birth(other).hash != encoded.hash);
}

TEST_CASE("birth: every flipped bit is noticed or harmless, none is undefined") {
  const EncodedBirth encoded = encode_birth(some_birth());
  for (std::size_t bit = 0; bit < encoded.message.size() * 8; ++bit) {
    std::string message = encoded.message;
    message[bit / 8] = static_cast<char>(static_cast<unsigned>(message[bit / 8]) ^ (1U << (bit % 8)));
    Hash hash{};
    const auto birth = decode_birth(message, hash);
    CAPTURE(bit);
    if (birth) CHECK(birth->points == some_birth().points);
  }
}

TEST_CASE("birth: what a gateway of ours would not say is refused with the reason") {
  struct Row {
    const char* reason;
    std::function<void(Birth&)> spoil;
  };
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double inf = std::numeric_limits<double>::infinity();
  const Row rows[] = {
      {"birth: no valid mine", [](Birth& b) { b.mine = "a/b"; }},
      {"birth: no valid gateway", [](Birth& b) { b.gateway = ""; }},
      {"birth: point 1: name twice: N1201-T0", [](Birth& b) { b.points[1].name = b.points[0].name; }},
      {"birth: point 0: no valid name", [](Birth& b) { b.points[0].name = ""; }},
      {"birth: point 0: no valid name", [](Birth& b) { b.points[0].name = "a b"; }},
      {"birth: point 0: no valid name", [](Birth& b) { b.points[0].name = std::string(65, 'a'); }},
      {"birth: point 1: range that is not a number", [=](Birth& b) { b.points[1].range_high = nan; }},
      {"birth: point 1: range that is not a number", [=](Birth& b) { b.points[1].range_low = -inf; }},
      {"birth: point 1: range upside down", [](Birth& b) { b.points[1].range_low = 2; }},
      {"birth: point 0: period not 1 ms to a week", [](Birth& b) { b.points[0].period = Duration{0}; }},
      {"birth: point 0: stale_after not 1 ms to a week",
       [](Birth& b) { b.points[0].stale_after = Duration{0}; }},
      {"birth: point 0: limit that is not a number", [=](Birth& b) { b.points[0].limits[0].at = inf; }},
      {"birth: point 0: limit that clears on its dangerous side",
       [](Birth& b) { b.points[0].limits[0].clear_at = 1.1; }},
      {"birth: point 1: limit that clears on its dangerous side",
       [](Birth& b) { b.points[1].limits[0].clear_at = -1; }},
      {"birth: point 0: limit with an unknown level",
       [](Birth& b) { b.points[0].limits[0].level = LimitState::none; }},
      {"birth: point 0: limit priority not 1 to 4", [](Birth& b) { b.points[0].limits[0].priority = 5; }},
      {"birth: point with too many limits",
       [](Birth& b) { b.points[0].limits.resize(17, b.points[0].limits[0]); }},
  };
  for (const Row& row : rows) {
    Birth birth = some_birth();
    row.spoil(birth);
    Hash hash{};
    const auto decoded = decode_birth(encode_birth(birth).message, hash);
    REQUIRE_FALSE(decoded);
    CHECK(decoded.error().code == Errc::bad_data);
    CHECK(decoded.error().message == row.reason);
  }
}

TEST_CASE("birth: hostile bytes are refused before they cost memory") {
  std::string crowd = definition_start();
  for (std::size_t i = 0; i <= points_max; ++i) crowd += bytes_field(4, "");
  struct Row {
    const char* reason;
    std::string message;
  };
  const Row rows[] = {
      {"birth: hash has 0 bytes, not 32", ""},
      {"birth: no protobuf message of this kind", std::string("\x0a\xff", 2)},
      {"birth: its hash is not that of its definition",
       bytes_field(1, definition_start()) + bytes_field(2, std::string(32, 'x'))},
      {"birth: more than 32768 points", birth_around(crowd)},
      {"birth: schema 2 is not known here", birth_around(number_field(1, 2))},
      {"birth: no protobuf message of this kind",
       birth_around(definition_start() + bytes_field(4, "\x0a\x01\xff"))},
      {"birth: longer than 16777216 bytes", std::string(birth_size_max + 1, 'x')},
  };
  for (const Row& row : rows) {
    Hash hash{};
    const auto decoded = decode_birth(row.message, hash);
    REQUIRE_FALSE(decoded);
    CHECK(decoded.error().message == row.reason);
  }
}

TEST_CASE("birth: words from elsewhere cannot make it unreadable") {
  Birth birth = some_birth();
  birth.points[0].title = "a\xff\nb";
  Hash hash{};
  const auto decoded = decode_birth(encode_birth(birth).message, hash);
  REQUIRE(decoded);
  CHECK(decoded->points[0].title == "a? b");
}

TEST_CASE("ack: ranges of several streams come back") {
  const std::vector<AckOfStream> ack{{random_uuid(), {{1, 5}, {7, 7}}}, {random_uuid(), {{9, UINT64_MAX}}}};
  const auto decoded = decode_ack(encode_ack(ack));
  REQUIRE(decoded);
  REQUIRE(decoded->size() == 2);
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK((*decoded)[i].stream == ack[i].stream);
    CHECK((*decoded)[i].ranges == ack[i].ranges);
  }
  CHECK(decode_ack("")->empty());
}

TEST_CASE("ack: nothing but whole ranges from 1 on is taken for one") {
  const std::string uuid(16, 'u');
  const auto ack = [&](const std::string& range) {
    return bytes_field(1, bytes_field(1, uuid) + bytes_field(2, range));
  };
  REQUIRE(decode_ack(ack(number_field(1, 3) + number_field(2, 3))));
  std::string crowd;
  for (std::size_t i = 0; i <= ack_ranges_max; ++i)
    crowd += bytes_field(2, number_field(1, 1) + number_field(2, 1));
  std::string streams;
  for (std::size_t i = 0; i <= ack_streams_max; ++i) streams += bytes_field(1, bytes_field(1, uuid));
  struct Row {
    const char* reason;
    std::string message;
  };
  const Row rows[] = {
      {"ack: range upside down or from 0", ack(number_field(2, 3))},
      {"ack: range upside down or from 0", ack(number_field(1, 4) + number_field(2, 3))},
      {"ack: stream has 15 bytes, not 16", bytes_field(1, bytes_field(1, std::string(15, 'u')))},
      {"ack: too many ranges", bytes_field(1, bytes_field(1, uuid) + crowd)},
      {"ack: too many streams", streams},
      {"ack: no protobuf message of this kind", "\x0a"}};
  for (const Row& row : rows) {
    const auto decoded = decode_ack(row.message);
    REQUIRE_FALSE(decoded);
    CHECK(decoded.error().message == row.reason);
  }
}

TEST_CASE("state: every field comes back") {
  const GatewayState state{.online = true,
                           .gateway = "gw",
                           .boot = 7,
                           .wall = wall_from_ms(1'790'000'000'000),
                           .steady = steady_from_ms(123456),
                           .reason = "stopped by SIGTERM",
                           .version = "0.1.0",
                           .stream = random_uuid(),
                           .spool_blocks = 1,
                           .spool_bytes = 2,
                           .spool_oldest_seq = 3,
                           .next_seq = 4,
                           .birth = hash_of_ones(),
                           .clock = ClockQuality::synced};
  const auto decoded = decode_state(encode_state(state));
  REQUIRE(decoded);
  CHECK(encode_state(*decoded) == encode_state(state));
  CHECK(decoded->wall == state.wall);
  CHECK(decoded->birth == state.birth);
  CHECK(decoded->clock == state.clock);
  CHECK(decoded->reason == state.reason);
}

TEST_CASE("state: a clock that is off by ages cannot overflow anybody's arithmetic") {
  GatewayState state{.gateway = "gw", .wall = WallTime::max(), .steady = SteadyTime::min()};
  const auto decoded = decode_state(encode_state(state));
  REQUIRE(decoded);
  CHECK(to_ms(decoded->wall) == time_ms_max);
  CHECK(to_ms(decoded->steady) == -time_ms_max);

  const std::string good = encode_state({.gateway = "gw"});
  const auto beyond = decode_state(good + number_field(4, UINT64_MAX));
  REQUIRE_FALSE(beyond);
  CHECK(beyond.error().message == "state: time out of bounds");
  CHECK(decode_state(good + number_field(14, 9)).error().message == "state: unknown clock quality");
  CHECK(decode_state(good + bytes_field(8, "short")).error().message == "state: stream has 5 bytes, not 16");
  CHECK(decode_state(encode_state({.gateway = "a b"})).error().message == "state: no valid gateway");
}

TEST_CASE("command and reply: come back; one that is not known here says so") {
  Command command{.id = "c-1",
                  .issued_at = wall_from_ms(1),
                  .expires_at = wall_from_ms(2),
                  .operator_name = "davy-host",
                  .reason = "unknown birth",
                  .kind = CommandKind::rebirth,
                  .birth = hash_of_ones()};
  auto decoded = decode_command(encode_command(command));
  REQUIRE(decoded);
  CHECK(encode_command(*decoded) == encode_command(command));
  CHECK(decoded->kind == CommandKind::rebirth);
  CHECK(decoded->birth == command.birth);
  CHECK(decoded->expires_at == command.expires_at);

  command.birth = {};
  decoded = decode_command(encode_command(command));
  REQUIRE(decoded);
  CHECK(decoded->birth == Hash{});

  command.kind = CommandKind::fan_key;
  command.lock = "N1305-F";
  command.give_back = true;
  decoded = decode_command(encode_command(command));
  REQUIRE(decoded);
  CHECK(decoded->kind == CommandKind::fan_key);
  CHECK(decoded->lock == "N1305-F");
  CHECK(decoded->give_back);
  command.lock.clear();
  CHECK(decode_command(encode_command(command)).error().message == "command: no valid lock");

  const std::string unknown = bytes_field(1, "c-2") + bytes_field(4, "op") + bytes_field(40, "later");
  decoded = decode_command(unknown);
  REQUIRE(decoded);
  CHECK(decoded->kind == CommandKind::unknown);
  CHECK_FALSE(decode_command(bytes_field(1, "c-2")));  // nobody asked
  CHECK_FALSE(decode_command(bytes_field(4, "op")));   // no id

  for (const Outcome outcome :
       {Outcome::done, Outcome::refused, Outcome::failed, Outcome::expired, Outcome::unknown_command}) {
    const auto reply = decode_reply(encode_reply({"c-1", outcome, "没有"}));
    REQUIRE(reply);
    CHECK(reply->id == "c-1");
    CHECK(reply->outcome == outcome);
    CHECK(reply->message == "没有");
  }
  CHECK(decode_reply(bytes_field(1, "c") + number_field(2, 7)).error().message == "reply: unknown outcome");
}
