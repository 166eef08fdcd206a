#include <algorithm>
#include <unordered_map>

#include "drivers/can/dbc_statements.hpp"

namespace davy::dbc {
namespace {

constexpr std::uint64_t extended_bit = 0x8000'0000;
constexpr double cycle_ms_max = 24.0 * 3600 * 1000;

// Finds what statements speak of, and puts what they say there.
class Joiner {
 public:
  Joiner(Statements statements, Problems& problems) : from_{std::move(statements)}, problems_{problems} {}

  Dbc run() {
    for (const MessageStatement& statement : from_.messages) add(statement);
    for (const KindStatement& statement : from_.kinds) join(statement);
    for (const SelectionStatement& statement : from_.selections) join(statement);
    for (const Entry& entry : entries_) {
      DbcMessage& message = out_.messages[entry.place];
      select_signals(*entry.statement, entry.selections, message, problems_);
      check_signals(*entry.statement, message, problems_);
    }
    for (const TextsStatement& statement : from_.texts) join(statement);
    for (const CommentStatement& statement : from_.comments) join(statement);
    join_cycles();
    out_.skipped = std::move(from_.skipped);
    return std::move(out_);
  }

 private:
  struct Entry {
    const MessageStatement* statement = nullptr;
    std::size_t place = 0;  // in out_.messages
    std::unordered_map<std::string_view, std::size_t> signals;
    Selections selections;  // that SG_MUL_VAL_ tells
  };
  struct Found {
    Entry* entry = nullptr;
    DbcMessage* message = nullptr;
    std::size_t signal = 0;
  };

  void add(const MessageStatement& statement);
  void add_signals(Entry& entry, DbcMessage& message);
  // What a statement speaks of. One that matters for values must find it; any other is then skipped.
  std::optional<Found> find(const Target& target, const char* what, bool matters);

  void join(const KindStatement& statement);
  void join(const SelectionStatement& statement);
  void join(const TextsStatement& statement);
  void join(const CommentStatement& statement);
  void join_cycles();

  Statements from_;
  Problems& problems_;
  Dbc out_;
  std::vector<Entry> entries_;
  std::unordered_map<std::uint64_t, std::size_t> by_id_;  // in entries_
  std::unordered_map<std::string_view, const MessageStatement*> by_name_;
};

void Joiner::add(const MessageStatement& statement) {
  if (statement.id == parking_id) return from_.skip("message " + statement.name, statement.place);
  const CanId id{.number = static_cast<std::uint32_t>(statement.id & ~extended_bit),
                 .extended = (statement.id & extended_bit) != 0};
  if (statement.id > UINT32_MAX || !is_possible(id)) {
    return problems_.add(
        statement.place,
        "message " + statement.name + " has the id " + std::to_string(statement.id) +
            ": up to 2047 for 11 bits, or 2147483648 plus the number for 29 bits; correct it");
  }
  if (statement.size > can_data_max) {
    problems_.add(statement.place, "message " + statement.name + " has " + std::to_string(statement.size) +
                                       " bytes, a frame " + std::to_string(can_data_max) +
                                       " at most; correct its size");
  }
  if (const auto same = by_id_.find(statement.id); same != by_id_.end()) {
    const MessageStatement& first = *entries_[same->second].statement;
    return problems_.add(statement.place, "message " + statement.name + " has the same id as " + first.name +
                                              " in line " + std::to_string(first.place.line) +
                                              "; correct one or delete one");
  }
  if (const auto [same, fresh] = by_name_.emplace(statement.name, &statement); !fresh) {
    return problems_.add(statement.place, "a second message " + statement.name + ", the first is in line " +
                                              std::to_string(same->second->place.line) + "; rename one");
  }
  by_id_.emplace(statement.id, entries_.size());
  Entry& entry = entries_.emplace_back(Entry{.statement = &statement, .place = out_.messages.size()});
  DbcMessage& message = out_.messages.emplace_back(
      DbcMessage{.id = id,
                 .name = statement.name,
                 .size = static_cast<std::uint8_t>(std::min<std::uint64_t>(statement.size, can_data_max)),
                 .sender = statement.sender});
  add_signals(entry, message);
}

void Joiner::add_signals(Entry& entry, DbcMessage& message) {
  for (const SignalStatement& signal : entry.statement->signals) {
    if (message.signals.size() == dbc_signals_max) {
      return problems_.add(signal.place, "message " + message.name + " has more than " +
                                             std::to_string(dbc_signals_max) +
                                             " signals; delete those that nobody needs");
    }
    if (!entry.signals.emplace(signal.signal.name, message.signals.size()).second) {
      problems_.add(signal.place,
                    "a second signal " + signal.signal.name + " in message " + message.name + "; rename one");
    }
    message.signals.push_back(signal.signal);
  }
}

std::optional<Joiner::Found> Joiner::find(const Target& target, const char* what, bool matters) {
  const auto entry = by_id_.find(target.id);
  if (entry != by_id_.end()) {
    Entry& there = entries_[entry->second];
    DbcMessage& message = out_.messages[there.place];
    if (target.signal.empty()) return Found{&there, &message, 0};
    if (const auto signal = there.signals.find(target.signal); signal != there.signals.end()) {
      return Found{&there, &message, signal->second};
    }
  }
  if (target.id == parking_id) return std::nullopt;
  const std::string nothing =
      std::string{what} + (entry == by_id_.end() ? " of no message" : " of no signal");
  if (!matters) {
    from_.skip(nothing, target.place);
  } else {
    problems_.add(target.place, nothing + ": there is no " + target.signal + " in a message with id " +
                                    std::to_string(target.id) + "; correct the name or delete the line");
  }
  return std::nullopt;
}

void Joiner::join(const KindStatement& statement) {
  const auto found = find(statement.target, "SIG_VALTYPE_", true);
  if (!found || statement.kind == 0) return;
  DbcSignal& signal = found->message->signals[found->signal];
  const std::uint64_t bits = statement.kind == 1 ? 32 : 64;
  if (statement.kind > 2) {
    return problems_.add(
        statement.target.place,
        "type " + std::to_string(statement.kind) +
            " is none: 0 is a whole number, 1 a 32-bit and 2 a 64-bit floating-point number");
  }
  if (signal.length != bits) {
    return problems_.add(statement.target.place,
                         "signal " + signal.name + " is to be a floating-point number of " +
                             std::to_string(bits) + " bits and has " + std::to_string(signal.length) +
                             "; correct its length or its type");
  }
  signal.kind = statement.kind == 1 ? RawKind::float32 : RawKind::float64;
}

void Joiner::join(const SelectionStatement& statement) {
  const auto found = find(statement.target, "SG_MUL_VAL_", true);
  if (!found) return;
  const auto multiplexer = found->entry->signals.find(statement.multiplexer);
  if (multiplexer == found->entry->signals.end() || multiplexer->second == found->signal) {
    return problems_.add(statement.target.place, "signal " + statement.target.signal + " is selected by " +
                                                     statement.multiplexer +
                                                     ", which is no other signal of its message; correct it");
  }
  for (const RawRange& range : statement.when) {
    if (range.low <= range.high) continue;
    return problems_.add(statement.target.place, "the range " + std::to_string(range.low) + "-" +
                                                     std::to_string(range.high) +
                                                     " ends before it begins; exchange its ends");
  }
  const auto [same, fresh] = found->entry->selections.try_emplace(found->signal);
  if (same->second.when.size() + statement.when.size() > dbc_ranges_max) {
    return problems_.add(statement.target.place, "signal " + statement.target.signal + " has more than " +
                                                     std::to_string(dbc_ranges_max) +
                                                     " ranges; join those that lie side by side");
  }
  same->second.multiplexer = multiplexer->second;
  same->second.when.insert(same->second.when.end(), statement.when.begin(), statement.when.end());
}

void Joiner::join(const TextsStatement& statement) {
  const auto found = find(statement.target, "VAL_", false);
  if (!found) return;
  const auto table = from_.tables.find(statement.table);
  if (!statement.table.empty() && table == from_.tables.end()) {
    return problems_.add(statement.target.place, "there is no value table " + statement.table +
                                                     "; add it with VAL_TABLE_ or correct the name");
  }
  found->message->signals[found->signal].texts = statement.table.empty() ? statement.texts : table->second;
}

void Joiner::join(const CommentStatement& statement) {
  const auto found = find(statement.target, "CM_", false);
  if (!found) return;
  const bool of_signal = !statement.target.signal.empty();
  (of_signal ? found->message->signals[found->signal].comment : found->message->comment) = statement.text;
}

// Zero, the usual default, says that nothing is known.
void Joiner::join_cycles() {
  const auto known = [](double ms) -> std::optional<Duration> {
    if (!(ms >= 1 && ms <= cycle_ms_max)) return std::nullopt;
    return Duration{static_cast<std::int64_t>(ms)};
  };
  for (DbcMessage& message : out_.messages) message.cycle = known(from_.cycle_default_ms);
  for (const CycleStatement& statement : from_.cycles) {
    if (const auto found = find(statement.target, "BA_", false)) found->message->cycle = known(statement.ms);
  }
}

}  // namespace

Dbc join(Statements statements, Problems& problems) { return Joiner{std::move(statements), problems}.run(); }

}  // namespace davy::dbc
