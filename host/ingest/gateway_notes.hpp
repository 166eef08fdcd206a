#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "proto/base/clock.hpp"

namespace davy {

// Gateway alarms about something that happened rather than something that is: they stay active for a while
// after the last time, so that a repetition is one occurrence, then clear; a person acknowledges them all the
// same.
class GatewayNotes {
 public:
  static constexpr Duration hold{60000};

  struct Note {
    std::string gateway;
    std::string kind;
    SteadyTime until;
  };

  void keep(const std::string& gateway, const std::string& kind, Now now) {
    const auto at = std::ranges::find_if(
        notes_, [&](const Note& note) { return note.gateway == gateway && note.kind == kind; });
    if (at != notes_.end()) {
      at->until = now.steady + hold;
    } else {
      notes_.push_back({gateway, kind, now.steady + hold});
    }
  }

  // Those that are over; forgets them.
  std::vector<Note> take_over(Now now) {
    const auto over =
        std::ranges::stable_partition(notes_, [&](const Note& n) { return n.until > now.steady; });
    std::vector<Note> out{std::make_move_iterator(over.begin()), std::make_move_iterator(over.end())};
    notes_.erase(over.begin(), over.end());
    return out;
  }
  SteadyTime next_due() const {
    SteadyTime due = never;
    for (const Note& note : notes_) due = std::min(due, note.until);
    return due;
  }

 private:
  std::vector<Note> notes_;
};

}  // namespace davy
