#include "gateway/uplink/send_window.hpp"

#include <algorithm>

#include <doctest/doctest.h>

using namespace davy;
using namespace std::chrono_literals;

TEST_CASE("send window: a silent host that has the newest block is probed with one that it has not") {
  SendWindow window{{.ack_wait = 10s}};
  SteadyTime now{};
  window.restart(0, 1, now);
  window.set_next(3);
  for (const std::uint64_t seq : {1U, 2U}) {
    REQUIRE(window.take(now) == seq);
    window.sent(seq, now);
  }
  now += 1s;
  window.on_ack({{2, 2}}, now);
  for (int probes = 0; probes < 3;) {
    now = std::max(now + 1s, window.next_due(now));
    const auto seq = window.take(now);
    if (!seq) continue;
    CHECK(*seq == 1);
    window.sent(*seq, now);
    ++probes;
  }
  CHECK(window.host_away());
  window.gone(1);  // thinned out meanwhile
  CHECK_FALSE(window.host_away());
  CHECK_FALSE(window.take(now + 1h));
  CHECK(window.next_due(now) == never);
}
