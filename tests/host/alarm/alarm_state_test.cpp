#include "host/alarm/alarm_state.hpp"

#include <doctest/doctest.h>

using namespace davy;

TEST_CASE("alarm state: every event in every state does what ISA-18.2 says") {
  using S = AlarmState;
  using E = AlarmEvent;
  struct Row {
    S from;
    E event;
    S to;
  };
  // A normal, B unacknowledged, C acknowledged, D rtn_unacknowledged: the whole table.
  constexpr Row rows[] = {
      {S::normal, E::condition_on, S::unacknowledged},  // A->B
      {S::normal, E::condition_off, S::normal},
      {S::normal, E::operator_ack, S::normal},
      {S::unacknowledged, E::condition_on, S::unacknowledged},
      {S::unacknowledged, E::condition_off, S::rtn_unacknowledged},  // B->D: must not vanish unseen
      {S::unacknowledged, E::operator_ack, S::acknowledged},         // B->C
      {S::acknowledged, E::condition_on, S::acknowledged},
      {S::acknowledged, E::condition_off, S::normal},  // C->A
      {S::acknowledged, E::operator_ack, S::acknowledged},
      {S::rtn_unacknowledged, E::condition_on, S::unacknowledged},  // D->B
      {S::rtn_unacknowledged, E::condition_off, S::rtn_unacknowledged},
      {S::rtn_unacknowledged, E::operator_ack, S::normal},  // D->A
  };
  static_assert(std::size(rows) == 4 * 3);
  for (const Row& row : rows) {
    CAPTURE(to_string(row.from));
    CAPTURE(static_cast<int>(row.event));
    CHECK(next_state(row.from, row.event) == row.to);
  }
}

TEST_CASE("alarm words: what is written is read back, anything else is refused") {
  for (const auto t :
       {Transition::raised, Transition::cleared, Transition::unknown, Transition::acknowledged,
        Transition::reraised, Transition::late_raised, Transition::late_cleared, Transition::note}) {
    Transition back{};
    REQUIRE(from_string(to_string(t), back));
    CHECK(back == t);
  }
  for (const auto s : {AlarmState::normal, AlarmState::unacknowledged, AlarmState::acknowledged,
                       AlarmState::rtn_unacknowledged}) {
    AlarmState back{};
    REQUIRE(from_string(to_string(s), back));
    CHECK(back == s);
  }
  auto source = AlarmSource::blind;
  CHECK_FALSE(from_string("", source));
  CHECK_FALSE(from_string("Limit", source));
  CHECK(source == AlarmSource::blind);
}
