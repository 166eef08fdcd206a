#include <doctest/doctest.h>

#include "host/ingest/gateway_notes.hpp"
#include "host/ingest/quarantine_gate.hpp"
#include "host/ingest/rebirth_requests.hpp"
#include "host/ingest/twin_watch.hpp"
#include "proto/base/manual_clock.hpp"

using namespace davy;
using namespace std::chrono_literals;

TEST_CASE("twin watch: who comes back is a twin, who comes anew is not") {
  const SteadyTime now = steady_from_ms(0);
  TwinWatch once{1};
  CHECK_FALSE(once.seen("a", now));
  CHECK_FALSE(once.seen("a", now));
  CHECK_FALSE(once.seen("b", now));
  CHECK_FALSE(once.seen("c", now));
  CHECK(once.seen("b", now));
  CHECK(once.other() == "c");

  TwinWatch twice{2};
  for (const char* box : {"a", "b", "a"}) CHECK_FALSE(twice.seen(box, now));
  CHECK(twice.seen("b", now));

  TwinWatch slow{1};
  CHECK_FALSE(slow.seen("a", now));
  CHECK_FALSE(slow.seen("b", now));
  CHECK_FALSE(slow.seen("a", now + TwinWatch::memory + 1ms));  // a swap back after the break
}

TEST_CASE("quarantine gate: one a second is kept, the same one is counted") {
  ManualClock clock;
  QuarantineGate gate;
  const auto first = gate.pass("g", "topic", "rubbish", "why", read(clock));
  REQUIRE(first);
  CHECK(first->count == 1);
  for (int i = 0; i < 5; ++i) CHECK_FALSE(gate.pass("g", "topic", "rubbish", "why", read(clock)));
  clock.advance(1s);
  const auto again = gate.pass("g", "topic", "rubbish", "why", read(clock));
  REQUIRE(again);
  CHECK(again->count == 6);
  CHECK(again->hash == first->hash);
  clock.advance(1s);
  const auto big = gate.pass("g", std::string(1000, 't'), std::string(1'000'000, 'x'), "why", read(clock));
  REQUIRE(big);
  CHECK(big->bytes.size() == quarantine_bytes_max);
  CHECK(big->size == 1'000'000);
  CHECK(big->topic.size() < 1000);
}

TEST_CASE("rebirth requests: at once, then ever more rarely, each birth for itself") {
  ManualClock clock;
  RebirthRequests requests;
  const Hash one{1};
  const Hash two{2};
  const auto first = requests.want("g", one, read(clock));
  REQUIRE(first);
  CHECK(first->birth == one);
  CHECK(first->kind == CommandKind::rebirth);
  CHECK_FALSE(requests.want("g", one, read(clock)));
  CHECK(requests.want("g", two, read(clock)));
  int sent = 0;
  for (int s = 0; s < 600; ++s) {
    clock.advance(1s);
    sent += requests.want("g", one, read(clock)) ? 1 : 0;
  }
  CHECK(sent >= 10);
  CHECK(sent <= 15);
  requests.satisfied("g", one);
  const auto anew = requests.want("g", one, read(clock));
  REQUIRE(anew);
  CHECK(anew->id != first->id);
}

TEST_CASE("gateway notes: a repetition is the same note") {
  ManualClock clock;
  GatewayNotes notes;
  CHECK(notes.next_due() == never);
  notes.keep("g", "lost", read(clock));
  clock.advance(40s);
  notes.keep("g", "lost", read(clock));
  clock.advance(40s);
  CHECK(notes.take_over(read(clock)).empty());
  clock.advance(20s);
  CHECK(notes.next_due() == clock.steady());
  const auto over = notes.take_over(read(clock));
  REQUIRE(over.size() == 1);
  CHECK(over[0].kind == "lost");
  CHECK(notes.take_over(read(clock)).empty());
}
