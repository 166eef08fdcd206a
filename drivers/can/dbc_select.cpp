#include <algorithm>

#include "drivers/can/dbc_statements.hpp"

namespace davy::dbc {
namespace {

constexpr std::size_t nesting_max = 8;  // multiplexers within multiplexers

std::uint64_t highest_raw(const DbcSignal& signal) {
  return signal.length >= 64 ? UINT64_MAX : (std::uint64_t{1} << signal.length) - 1;
}

class Selector {
 public:
  Selector(const MessageStatement& statement, DbcMessage& message, Problems& problems)
      : statement_{statement}, message_{message}, problems_{problems} {}

  void run(const Selections& told) {
    for (std::size_t i = 0; i < message_.signals.size(); ++i) {
      const bool always = !statement_.signals[i].selected_by && !told.contains(i);
      if (message_.signals[i].multiplexer && always) roots_.push_back(i);
    }
    for (std::size_t i = 0; i < message_.signals.size(); ++i) {
      if (const auto by = told.find(i); by != told.end()) {
        auto& selection = message_.signals[i].selection.emplace(by->second);
        std::ranges::sort(selection.when, {}, &RawRange::low);
      } else if (const auto value = statement_.signals[i].selected_by) {
        select_by_root(i, *value);
      }
    }
    for (std::size_t i = 0; i < message_.signals.size(); ++i) check(i);
  }

 private:
  void problem(std::size_t signal, const std::string& what) {
    problems_.add(statement_.signals[signal].place, "signal " + message_.signals[signal].name + what);
  }

  void select_by_root(std::size_t signal, std::uint64_t value) {
    if (roots_.size() == 1) {
      message_.signals[signal].selection = DbcSelection{roots_.front(), {{value, value}}};
    } else if (roots_.empty()) {
      problem(signal, " is multiplexed, and message " + message_.name +
                          " has no multiplexer; mark the signal that selects it with M");
    } else {
      problem(signal, " is multiplexed, and message " + message_.name +
                          " has several multiplexers; say with SG_MUL_VAL_ which one selects it");
    }
  }

  void check(std::size_t signal) {
    const auto& selection = message_.signals[signal].selection;
    if (!selection) return;
    const DbcSignal& by = message_.signals[selection->multiplexer];
    if (!by.multiplexer || by.kind == RawKind::float32 || by.kind == RawKind::float64) {
      return problem(signal, " is selected by " + by.name +
                                 ", which is no multiplexer; mark that with M, a whole number");
    }
    for (const RawRange& range : selection->when) {
      if (range.high <= highest_raw(by)) continue;
      return problem(signal, " is there when " + by.name + " is " + std::to_string(range.high) +
                                 ", more than its " + std::to_string(by.length) +
                                 " bits can be; correct the value or the length");
    }
    std::size_t depth = 0;
    for (auto at = &selection; *at && depth <= nesting_max; ++depth) {
      at = &message_.signals[(*at)->multiplexer].selection;
    }
    if (depth > nesting_max) {
      problem(signal, " is selected by multiplexers in a ring, or more than " + std::to_string(nesting_max) +
                          " deep; correct who selects whom");
    }
  }

  const MessageStatement& statement_;
  DbcMessage& message_;
  Problems& problems_;
  std::vector<std::size_t> roots_;
};

}  // namespace

void select_signals(const MessageStatement& statement, const Selections& told, DbcMessage& message,
                    Problems& problems) {
  Selector{statement, message, problems}.run(told);
}

}  // namespace davy::dbc
