#include "host/alarm/alarm.hpp"

#include <array>
#include <utility>

namespace davy {
namespace {

constexpr std::array sources{std::pair{AlarmSource::limit, "limit"}, std::pair{AlarmSource::blind, "blind"},
                             std::pair{AlarmSource::gateway, "gateway"}};
constexpr std::array conditions{std::pair{Condition::clear, "clear"}, std::pair{Condition::active, "active"},
                                std::pair{Condition::unknown, "unknown"}};
constexpr std::array states{std::pair{AlarmState::normal, "normal"},
                            std::pair{AlarmState::unacknowledged, "unacknowledged"},
                            std::pair{AlarmState::acknowledged, "acknowledged"},
                            std::pair{AlarmState::rtn_unacknowledged, "rtn_unacknowledged"}};
constexpr std::array transitions{std::pair{Transition::raised, "raised"},
                                 std::pair{Transition::cleared, "cleared"},
                                 std::pair{Transition::unknown, "unknown"},
                                 std::pair{Transition::acknowledged, "acknowledged"},
                                 std::pair{Transition::reraised, "reraised"},
                                 std::pair{Transition::late_raised, "late_raised"},
                                 std::pair{Transition::late_cleared, "late_cleared"},
                                 std::pair{Transition::note, "note"}};
constexpr std::array sides{std::pair{Side::high, "high"}, std::pair{Side::low, "low"}};
constexpr std::array levels{std::pair{LimitState::none, "none"}, std::pair{LimitState::warning, "warning"},
                            std::pair{LimitState::alarm, "alarm"}, std::pair{LimitState::cut, "cut"}};

template <typename Table, typename T>
std::string word_of(const Table& table, T value) {
  for (const auto& [one, word] : table) {
    if (one == value) return word;
  }
  return "?";
}

template <typename Table, typename T>
bool value_of(const Table& table, std::string_view word, T& out) {
  for (const auto& [one, text] : table) {
    if (word != text) continue;
    out = one;
    return true;
  }
  return false;
}

}  // namespace

std::string to_string(AlarmSource s) { return word_of(sources, s); }
std::string to_string(Condition c) { return word_of(conditions, c); }
std::string to_string(AlarmState s) { return word_of(states, s); }
std::string to_string(Transition t) { return word_of(transitions, t); }
std::string to_string(Side s) { return word_of(sides, s); }

bool from_string(std::string_view word, AlarmSource& out) { return value_of(sources, word, out); }
bool from_string(std::string_view word, Condition& out) { return value_of(conditions, word, out); }
bool from_string(std::string_view word, AlarmState& out) { return value_of(states, word, out); }
bool from_string(std::string_view word, Transition& out) { return value_of(transitions, word, out); }
bool from_string(std::string_view word, Side& out) { return value_of(sides, word, out); }
bool from_string(std::string_view word, LimitState& out) { return value_of(levels, word, out); }

}  // namespace davy
