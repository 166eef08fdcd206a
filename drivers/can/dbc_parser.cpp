#include "drivers/can/dbc_parser.hpp"

#include <charconv>
#include <cmath>

#include "proto/wire/text_rules.hpp"

namespace davy::dbc {

Parser::Reader Parser::reader_of(std::string_view word) {
  static constexpr Keyword keywords[] = {
      {"VERSION", &Parser::version},
      {"NS_", &Parser::new_symbols},
      {"BS_", &Parser::bit_timing},
      {"BU_", &Parser::nodes},
      {"BO_", &Parser::message},
      {"SG_", &Parser::signal},
      {"VAL_TABLE_", &Parser::value_table},
      {"VAL_", &Parser::value_texts},
      {"SIG_VALTYPE_", &Parser::kind},
      {"SG_MUL_VAL_", &Parser::selection},
      {"CM_", &Parser::comment},
      {"BA_", &Parser::attribute},
      {"BA_DEF_DEF_", &Parser::attribute_default},
  };
  for (const Keyword& keyword : keywords) {
    if (keyword.word == word) return keyword.read;
  }
  return nullptr;
}

Statements Parser::run() {
  while (lexer_.peek().kind != TokenKind::end && !problems_.many()) {
    const Token keyword = lexer_.take();
    keyword_ = keyword.place;
    if (keyword.kind == TokenKind::sign && keyword.text == ";") continue;
    const Reader read = keyword.kind == TokenKind::word ? reader_of(keyword.text) : nullptr;
    if (read == nullptr) {
      skip_statement(keyword);
    } else if (!(this->*read)()) {
      skip_rest(keyword.place.line);
    }
  }
  return std::move(out_);
}

bool Parser::version() {
  std::string ignored;
  return text(ignored, "the version");
}

// Words, mostly indented; at the beginning of a line one that stands alone.
bool Parser::new_symbols() {
  if (!expect(':')) return false;
  while (lexer_.peek().kind == TokenKind::word) {
    const Lexer before = lexer_;
    const Token symbol = lexer_.take();
    const Token& after = lexer_.peek();
    if (symbol.place.column == 1 && after.kind != TokenKind::end && after.place.line == symbol.place.line) {
      lexer_ = before;
      return true;
    }
  }
  return true;
}

bool Parser::bit_timing() {
  if (!expect(':')) return false;
  while (lexer_.peek().kind == TokenKind::number || is(':') || is(',')) lexer_.take();
  return true;
}

bool Parser::nodes() {
  if (!expect(':')) return false;
  const auto continues = [&] {
    const Token& next = lexer_.peek();
    return next.kind == TokenKind::word && (next.place.line == keyword_.line || next.place.column > 1);
  };
  while (continues()) lexer_.take();
  return true;
}

bool Parser::message() {
  MessageStatement statement{.place = keyword_};
  if (!whole(statement.id, "the message's id") || !word(statement.name, "the message's name") ||
      !expect(':') || !whole(statement.size, "the message's size in bytes")) {
    return false;
  }
  if (lexer_.peek().kind == TokenKind::word && lexer_.peek().place.line == keyword_.line) {
    statement.sender = std::string{lexer_.take().text};
  }
  out_.messages.push_back(std::move(statement));
  return true;
}

bool Parser::signal() {
  SignalStatement statement{.place = keyword_};
  if (out_.messages.empty()) {
    problems_.add(keyword_, "a signal (SG_) before the first message (BO_); move it below its message");
    return false;
  }
  if (!word(statement.signal.name, "the signal's name") || !multiplexing(statement) || !expect(':') ||
      !layout(statement) || !scaling(statement.signal) || !text(statement.signal.unit, "the unit")) {
    return false;
  }
  statement.signal.unit = clean_text(statement.signal.unit, name_size_max);
  skip_receivers();
  out_.messages.back().signals.push_back(std::move(statement));
  return true;
}

// Nothing, M, m3 or m3M.
bool Parser::multiplexing(SignalStatement& out) {
  if (lexer_.peek().kind != TokenKind::word) return true;
  const Token token = lexer_.take();
  std::string_view text = token.text;
  const auto wrong = [&] {
    problems_.add(token.place, describe(token) + " is no multiplexing; write M, m and a number, or nothing");
    return false;
  };
  if (text.ends_with('M')) {
    out.signal.multiplexer = true;
    text.remove_suffix(1);
  }
  if (text.empty()) return true;
  std::uint64_t value = 0;
  const char* end = text.data() + text.size();
  if (!text.starts_with('m') || std::from_chars(text.data() + 1, end, value).ptr != end || text.size() < 2) {
    return wrong();
  }
  out.selected_by = value;
  return true;
}

// start|length@order sign
bool Parser::layout(SignalStatement& out) {
  std::uint64_t start = 0;
  std::uint64_t length = 0;
  if (!whole(start, "the start bit") || !expect('|') || !whole(length, "the length in bits") ||
      !expect('@')) {
    return false;
  }
  const Token order = lexer_.peek();
  if (order.text != "0" && order.text != "1") return expected("the byte order: 1 for Intel, 0 for Motorola");
  lexer_.take();
  if (!is('+') && !is('-')) return expected("'+' for an unsigned signal or '-' for a signed one");
  const bool is_signed = lexer_.take().text == "-";
  const auto bits_max = can_data_max * 8;
  if (start >= bits_max || length > bits_max) {
    problems_.add(out.place, "signal " + out.signal.name + " is at bit " + std::to_string(start) + " with " +
                                 std::to_string(length) + " bits, and a frame has " +
                                 std::to_string(bits_max) + " bits at most; correct start or length");
    return false;
  }
  out.signal.start_bit = static_cast<std::uint16_t>(start);
  out.signal.length = static_cast<std::uint16_t>(length);
  out.signal.order = order.text == "1" ? BitOrder::little_endian : BitOrder::big_endian;
  out.signal.kind = is_signed ? RawKind::signed_number : RawKind::unsigned_number;
  return true;
}

// (factor,offset) [minimum|maximum]
bool Parser::scaling(DbcSignal& out) {
  double low = 0;
  double high = 0;
  if (!expect('(') || !real(out.factor, "the factor") || !expect(',') || !real(out.offset, "the offset") ||
      !expect(')') || !expect('[') || !real(low, "the minimum") || !expect('|') ||
      !real(high, "the maximum") || !expect(']')) {
    return false;
  }
  if (low != 0 || high != 0) out.range = {low, high};
  return true;
}

// Words behind the unit: the rest of the line, and the next one after a comma.
void Parser::skip_receivers() {
  std::size_t line = lexer_.peek().place.line;
  if (line != keyword_.line) return;
  while (is(',') || (lexer_.peek().kind == TokenKind::word && lexer_.peek().place.line == line)) {
    const bool comma = lexer_.take().kind == TokenKind::sign;
    if (comma) line = lexer_.peek().place.line;
  }
}

bool Parser::at_new_statement(std::size_t line) const {
  const Token& next = lexer_.peek();
  return next.kind == TokenKind::end ||
         (next.place.line != line && next.kind == TokenKind::word && reader_of(next.text) != nullptr);
}

// A word that no statement of ours begins with; anything else is a mistake, told once.
void Parser::skip_statement(const Token& keyword) {
  if (keyword.kind == TokenKind::word) {
    out_.skip(clean_text(keyword.text, name_size_max), keyword.place);
  } else {
    problems_.add(keyword.place, "a statement begins with a keyword such as BO_ or SG_, not with " +
                                     describe(keyword) + "; delete it or correct the line above");
  }
  skip_rest(keyword.place.line);
}

// To the semicolon, or to a keyword at the beginning of a later line.
void Parser::skip_rest(std::size_t line) {
  while (!at_new_statement(line)) {
    const Token token = lexer_.take();
    if (token.kind == TokenKind::sign && token.text == ";") return;
    line = token.place.line;
  }
}

bool Parser::is(char sign) const {
  const Token& next = lexer_.peek();
  return next.kind == TokenKind::sign && next.text[0] == sign;
}

bool Parser::expect(char sign) {
  if (!is(sign)) return expected("'" + std::string(1, sign) + "'");
  lexer_.take();
  return true;
}

bool Parser::word(std::string& out, const char* what) {
  if (lexer_.peek().kind != TokenKind::word) return expected(what);
  const Token token = lexer_.take();
  out = std::string{token.text};
  if (out.size() <= name_size_max * 2) return true;
  problems_.add(token.place, "a name of " + std::to_string(out.size()) + " characters; take a shorter one");
  return false;
}

bool Parser::text(std::string& out, const char* what) {
  const Token token = lexer_.peek();
  if (token.kind == TokenKind::open_text) {
    problems_.add(token.place, "this text has no closing quote; add it");
    lexer_.take();
    return false;
  }
  if (token.kind != TokenKind::text) return expected(std::string{what} + " in quotes");
  out = plain(lexer_.take().text);
  return true;
}

bool Parser::real(double& out, const char* what) {
  const Token token = lexer_.peek();
  if (token.kind != TokenKind::number) return expected(what);
  std::string_view digits = token.text;
  if (digits.starts_with('+')) digits.remove_prefix(1);
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, out);
  if (stop != end || error != std::errc{} || !std::isfinite(out)) {
    return expected(std::string{what} + " as a number that a double can hold");
  }
  lexer_.take();
  return true;
}

bool Parser::whole(std::uint64_t& out, const char* what) {
  const Token token = lexer_.peek();
  const char* end = token.text.data() + token.text.size();
  const auto [stop, error] = std::from_chars(token.text.data(), end, out);
  if (token.kind != TokenKind::number || stop != end || error != std::errc{}) {
    return expected(std::string{what} + " as a whole number");
  }
  lexer_.take();
  return true;
}

bool Parser::expected(const std::string& what) {
  problems_.add(lexer_.peek().place, "here should stand " + what + ", not " + describe(lexer_.peek()));
  return false;
}

Statements read_statements(std::string_view text, Problems& problems) { return Parser{text, problems}.run(); }

}  // namespace davy::dbc
