#include <charconv>
#include <cmath>

#include "drivers/can/dbc_parser.hpp"
#include "proto/wire/text_rules.hpp"

// The statements that say something of messages and signals already there.
namespace davy::dbc {

namespace {
constexpr std::string_view cycle_attribute = "GenMsgCycleTime";
}

// VAL_TABLE_ name 0 "off" 1 "on" ;
bool Parser::value_table() {
  std::string name;
  Texts table;
  if (!word(name, "the table's name") || !texts(table)) return false;
  if (out_.tables.emplace(name, std::move(table)).second) return true;
  problems_.add(keyword_, "a second value table " + name + "; delete or rename one");
  return false;
}

// VAL_ id signal 0 "off" 1 "on" ;  or  VAL_ id signal table ;  or  VAL_ variable ... ;
bool Parser::value_texts() {
  TextsStatement statement{.target = {.place = keyword_}};
  if (lexer_.peek().kind == TokenKind::word) {  // of an environment variable
    skip_statement({TokenKind::word, "VAL_ of a variable", keyword_});
    return true;
  }
  if (!whole(statement.target.id, "the message's id") ||
      !word(statement.target.signal, "the signal's name")) {
    return false;
  }
  if (lexer_.peek().kind == TokenKind::word) {
    statement.table = std::string{lexer_.take().text};
    if (!expect(';')) return false;
  } else if (!texts(statement.texts)) {
    return false;
  }
  out_.texts.push_back(std::move(statement));
  return true;
}

bool Parser::texts(Texts& out) {
  DbcTexts read;
  while (!is(';')) {
    double raw = 0;
    std::string means;
    if (!real(raw, "a raw value or ';'") || !text(means, "what the value means,")) return false;
    if (std::abs(raw) >= 0x1p63 || raw != std::floor(raw)) continue;  // no raw value can be that
    read.emplace_back(static_cast<std::int64_t>(raw), clean_text(means));
  }
  out = std::make_shared<const DbcTexts>(std::move(read));
  return expect(';');
}

// SIG_VALTYPE_ id signal : 1 ;
bool Parser::kind() {
  KindStatement statement{.target = {.place = keyword_}};
  if (!whole(statement.target.id, "the message's id") ||
      !word(statement.target.signal, "the signal's name")) {
    return false;
  }
  if (is(':')) lexer_.take();  // older tools leave it out
  if (!whole(statement.kind, "the signal's type") || !expect(';')) return false;
  out_.kinds.push_back(std::move(statement));
  return true;
}

// SG_MUL_VAL_ id signal multiplexer 1-3, 7-7 ;
bool Parser::selection() {
  SelectionStatement statement{.target = {.place = keyword_}};
  if (!whole(statement.target.id, "the message's id") ||
      !word(statement.target.signal, "the signal's name") ||
      !word(statement.multiplexer, "the multiplexer's name")) {
    return false;
  }
  while (!is(';')) {
    RawRange range;
    if (!selection_range(range)) return false;
    statement.when.push_back(range);
    if (is(',')) lexer_.take();
  }
  lexer_.take();
  out_.selections.push_back(std::move(statement));
  return true;
}

// "1-3" is cut into 1 and -3.
bool Parser::selection_range(RawRange& out) {
  if (!whole(out.low, "a range of values such as 0-3")) return false;
  if (is('-')) {
    lexer_.take();
    return whole(out.high, "the end of the range");
  }
  const Token high = lexer_.peek();
  const std::string_view digits = high.text.substr(high.text.empty() ? 0 : 1);
  const char* begin = digits.data();
  const char* end = begin + digits.size();
  if (high.kind != TokenKind::number || high.text[0] != '-' ||
      std::from_chars(begin, end, out.high).ptr != end) {
    return expected("'-' and the end of the range");
  }
  lexer_.take();
  return true;
}

// CM_ "of the whole file" ;  CM_ BU_ node "..." ;  CM_ BO_ id "..." ;  CM_ SG_ id signal "..." ;
bool Parser::comment() {
  CommentStatement statement{.target = {.place = keyword_}};
  std::string of;
  if (lexer_.peek().kind == TokenKind::word) of = std::string{lexer_.take().text};
  const bool known = of == "BO_" || of == "SG_";
  if (known && !whole(statement.target.id, "the message's id")) return false;
  if (of == "SG_" && !word(statement.target.signal, "the signal's name")) return false;
  if (!known && lexer_.peek().kind == TokenKind::word) lexer_.take();
  if (!text(statement.text, "the comment") || !expect(';')) return false;
  if (known) out_.comments.push_back(std::move(statement));
  return true;
}

// BA_ "GenMsgCycleTime" BO_ id 100 ;  all other attributes mean nothing to us.
bool Parser::attribute() {
  std::string name;
  if (!text(name, "the attribute's name")) return false;
  if (name != cycle_attribute || lexer_.peek().text != "BO_") {
    skip_statement({TokenKind::word, "BA_", keyword_});
    return true;
  }
  lexer_.take();
  CycleStatement statement{.target = {.place = keyword_}};
  if (!whole(statement.target.id, "the message's id") ||
      !real(statement.ms, "the cycle time in milliseconds") || !expect(';')) {
    return false;
  }
  out_.cycles.push_back(std::move(statement));
  return true;
}

bool Parser::attribute_default() {
  std::string name;
  if (!text(name, "the attribute's name")) return false;
  if (name == cycle_attribute) {
    return real(out_.cycle_default_ms, "the cycle time in milliseconds") && expect(';');
  }
  skip_rest(keyword_.line);
  return true;
}

}  // namespace davy::dbc
