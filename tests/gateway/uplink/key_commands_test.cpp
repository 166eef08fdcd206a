#include "gateway/uplink/key_commands.hpp"

#include <doctest/doctest.h>

#include "proto/base/manual_clock.hpp"

using namespace davy;
using namespace std::chrono_literals;

namespace {

struct Locks final : FanKeys {
  std::vector<FanKeyAsk> asked;
  bool full = false;
  bool ask(FanKeyAsk ask) override {
    if (!full) asked.push_back(std::move(ask));
    return !full;
  }
  void take_answers(std::vector<Reply>& out) override { out.clear(); }
};

}  // namespace

TEST_CASE("key commands: what is not surely in time never gets to the locks") {
  struct Row {
    Duration issued;  // from now
    Duration valid;   // 0: for ever
    ClockQuality clock;
    const char* why;  // null: it gets there
  };
  constexpr Row rows[] = {
      {0s, 15s, ClockQuality::synced, nullptr},
      {0s, 120s, ClockQuality::free, nullptr},
      {60s, 15s, ClockQuality::free, nullptr},
      {0s, 0s, ClockQuality::synced, "a key has to expire within 2 min of being asked for"},
      {0s, 121s, ClockQuality::synced, "a key has to expire within 2 min of being asked for"},
      {61s, 15s, ClockQuality::synced,
       "it is from the future: the clocks of host and gateway differ; set them"},
      {0s, 15s, ClockQuality::unset,
       "this gateway's clock is not set: it cannot tell whether the command comes in time"},
  };
  const ManualClock clock;
  for (const Row& row : rows) {
    CAPTURE(row.issued.count());
    CAPTURE(row.valid.count());
    Locks locks;
    KeyCommands keys;
    keys.set_keys(locks);
    const WallTime issued = clock.wall() + row.issued;
    const Command command{.id = "1",
                          .issued_at = issued,
                          .expires_at = row.valid == 0s ? WallTime{} : issued + row.valid,
                          .operator_name = "otto",
                          .reason = "plan 7",
                          .kind = CommandKind::fan_key,
                          .lock = "F"};
    const auto reply = keys.take(command, row.clock, read(clock));
    CHECK(locks.asked.empty() == (row.why != nullptr));
    REQUIRE(reply.has_value() == (row.why != nullptr));
    if (reply) CHECK(reply->outcome == Outcome::refused);
    if (reply) CHECK(reply->message == row.why);
  }
}

TEST_CASE("key commands: without locks, or with too many that wait, a key is refused") {
  const ManualClock clock;
  const Command command{.id = "1",
                        .issued_at = clock.wall(),
                        .expires_at = clock.wall() + 15s,
                        .operator_name = "otto",
                        .kind = CommandKind::fan_key,
                        .lock = "F"};
  KeyCommands keys;
  CHECK(keys.take(command, ClockQuality::free, read(clock))->message == "this gateway has no local locks");
  Locks locks;
  locks.full = true;
  keys.set_keys(locks);
  CHECK(keys.take(command, ClockQuality::free, read(clock))->outcome == Outcome::refused);
  locks.full = false;  // a refused one is not remembered: it may be asked for again
  CHECK_FALSE(keys.take(command, ClockQuality::free, read(clock)));
}
