#include <algorithm>
#include <bitset>

#include "drivers/can/bit_position.hpp"
#include "drivers/can/dbc_statements.hpp"

namespace davy::dbc {
namespace {

using Bits = std::bitset<can_data_max * 8>;

// Of the frame, numbered as little-endian signals are: the same numbers for both orders.
Bits bits_of(const DbcSignal& signal) {
  const BitPosition position = position_of(signal);
  Bits bits;
  for (std::size_t i = position.first; i < position.first + position.length && i < bits.size(); ++i) {
    bits.set(position.order == BitOrder::little_endian ? i : i / 8 * 8 + (7 - i % 8));
  }
  return bits;
}

// Both are sorted by their low ends.
bool overlap(const std::vector<RawRange>& a, const std::vector<RawRange>& b) {
  auto x = a.begin();
  auto y = b.begin();
  while (x != a.end() && y != b.end()) {
    if (x->low <= y->high && y->low <= x->high) return true;
    if (x->high < y->low) {
      ++x;
    } else {
      ++y;
    }
  }
  return false;
}

// Can both be in one frame? Not when a multiplexer above them would need two values at once.
bool together(const DbcMessage& message, const DbcSignal& a, const DbcSignal& b) {
  for (const auto* x = &a.selection; *x; x = &message.signals[(*x)->multiplexer].selection) {
    for (const auto* y = &b.selection; *y; y = &message.signals[(*y)->multiplexer].selection) {
      if ((*x)->multiplexer == (*y)->multiplexer && !overlap((*x)->when, (*y)->when)) return false;
    }
  }
  return true;
}

class SignalCheck {
 public:
  SignalCheck(const MessageStatement& statement, const DbcMessage& message, Problems& problems)
      : statement_{statement}, message_{message}, problems_{problems} {}

  void run() {
    for (std::size_t i = 0; i < message_.signals.size(); ++i) check(i);
    if (problems_.ok()) check_overlaps();  // what follows from an earlier mistake is not told
  }

 private:
  void problem(std::size_t signal, const std::string& what) {
    problems_.add(statement_.signals[signal].place, "signal " + message_.signals[signal].name + what);
  }

  void check(std::size_t i) {
    const DbcSignal& signal = message_.signals[i];
    if (signal.length == 0) return problem(i, " has 0 bits; give it a length or delete it");
    if (signal.length > 64) {
      return problem(i, " has " + std::to_string(signal.length) + " bits, 64 at most; correct its length");
    }
    const BitPosition position = position_of(signal);
    if (position.end_byte() > message_.size) {
      problem(i, " ends in byte " + std::to_string(position.end_byte()) + ", and message " + message_.name +
                     " has " + std::to_string(message_.size) +
                     " bytes; correct its start, length or byte order, or the message's size");
    }
    if (signal.factor == 0) problem(i, " has the factor 0, so every value would be the same; correct it");
    if (signal.range && signal.range->first > signal.range->second) {
      problem(i, " has a minimum above its maximum; exchange them, or write [0|0] when there is none");
    }
  }

  void check_overlaps() {
    std::vector<Bits> bits;
    bits.reserve(message_.signals.size());
    for (const DbcSignal& signal : message_.signals) bits.push_back(bits_of(signal));
    for (std::size_t i = 0; i < bits.size(); ++i) {
      for (std::size_t j = 0; j < i && !problems_.many(); ++j) {
        if ((bits[i] & bits[j]).none() || !together(message_, message_.signals[i], message_.signals[j])) {
          continue;
        }
        problem(i, " shares bits with " + message_.signals[j].name + " in line " +
                       std::to_string(statement_.signals[j].place.line) +
                       "; correct start, length or byte order of one, or delete the one that nobody needs");
        break;
      }
    }
  }

  const MessageStatement& statement_;
  const DbcMessage& message_;
  Problems& problems_;
};

}  // namespace

void check_signals(const MessageStatement& statement, const DbcMessage& message, Problems& problems) {
  SignalCheck{statement, message, problems}.run();
}

}  // namespace davy::dbc
