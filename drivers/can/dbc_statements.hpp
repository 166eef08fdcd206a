#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "drivers/can/dbc.hpp"

// A DBC file as its statements stand in it, not yet joined. Between the files of the DBC reader only.
namespace davy::dbc {

struct Place {
  std::size_t line = 1;  // from 1, as editors count
  std::size_t column = 1;
};

// Gathers what is wrong, in the order of the file.
class Problems {
 public:
  explicit Problems(std::string file) : file_{std::move(file)} {}

  void add(Place place, const std::string& what);
  bool ok() const { return found_.empty(); }
  // Enough to stop, and no more are kept: nobody reads more at once.
  bool many() const { return found_.size() >= 20; }
  Error error() const;

 private:
  std::string file_;
  std::vector<std::pair<Place, std::string>> found_;
};

using Texts = std::shared_ptr<const DbcTexts>;

struct SignalStatement {
  Place place;
  DbcSignal signal;
  std::optional<std::uint64_t> selected_by;  // of "m3": 3, or none
};

struct MessageStatement {
  Place place;
  std::uint64_t id = 0;  // with bit 31 for an extended one
  std::string name;
  std::uint64_t size = 0;
  std::string sender;
  std::vector<SignalStatement> signals;
};

// What later statements say of a message or signal. An empty signal means the message.
struct Target {
  Place place;
  std::uint64_t id = 0;
  std::string signal;
};
struct CommentStatement {
  Target target;
  std::string text;
};
struct TextsStatement {
  Target target;
  std::string table;  // empty: the texts themselves
  Texts texts;
};
struct KindStatement {
  Target target;
  std::uint64_t kind = 0;  // 0 whole number, 1 float32, 2 float64
};
struct SelectionStatement {
  Target target;
  std::string multiplexer;
  std::vector<RawRange> when;
};
struct CycleStatement {
  Target target;
  double ms = 0;
};

struct Statements {
  std::vector<MessageStatement> messages;
  std::vector<CommentStatement> comments;
  std::map<std::string, Texts, std::less<>> tables;
  std::vector<TextsStatement> texts;
  std::vector<KindStatement> kinds;
  std::vector<SelectionStatement> selections;
  std::vector<CycleStatement> cycles;
  double cycle_default_ms = 0;
  std::vector<DbcSkipped> skipped;

  void skip(std::string_view what, Place place);
};

// A message that stands for "in no message"; tools park unused signals there.
inline constexpr std::uint64_t parking_id = 0xC000'0000;

// Reads statements, and says which are none.
Statements read_statements(std::string_view text, Problems& problems);
// Joins what belongs together, and says what does not go together.
Dbc join(Statements statements, Problems& problems);
// Which multiplexer selects which signal, by place; without one that was told, the only one that is always
// there.
using Selections = std::map<std::size_t, DbcSelection>;
void select_signals(const MessageStatement& statement, const Selections& told, DbcMessage& message,
                    Problems& problems);
// Whether a message's signals fit into it and beside each other.
void check_signals(const MessageStatement& statement, const DbcMessage& message, Problems& problems);

}  // namespace davy::dbc
