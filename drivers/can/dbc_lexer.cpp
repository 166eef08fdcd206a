#include "drivers/can/dbc_lexer.hpp"

#include <algorithm>

#include "proto/wire/text_rules.hpp"

namespace davy::dbc {
namespace {

constexpr std::size_t shown_max = 40;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\0'; }

std::size_t digits_from(std::string_view text, std::size_t at) {
  while (at < text.size() && is_digit(text[at])) ++at;
  return at;
}

// [+-] digits [. digits] [e [+-] digits], or nothing. A sign alone is none: "@1+" ends with one.
std::size_t number_size(std::string_view text) {
  std::size_t at = !text.empty() && (text[0] == '+' || text[0] == '-') ? 1 : 0;
  const std::size_t whole = digits_from(text, at);
  std::size_t end = whole;
  if (end < text.size() && text[end] == '.') end = digits_from(text, end + 1);
  if (whole == at && end <= whole + 1) return 0;  // no digit at all
  if (end < text.size() && (text[end] == 'e' || text[end] == 'E')) {
    at = end + 1;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    if (const std::size_t power = digits_from(text, at); power > at) end = power;
  }
  return end;
}

}  // namespace

Token Lexer::take() {
  const Token taken = next_;
  next_ = cut();
  return taken;
}

void Lexer::pass(std::size_t count) {
  for (const char c : rest_.substr(0, count)) {
    if (c == '\n') {
      ++place_.line;
      place_.column = 1;
    } else if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) {
      ++place_.column;  // characters, not bytes
    }
  }
  rest_.remove_prefix(count);
}

Token Lexer::cut() {
  const auto begin = std::ranges::find_if_not(rest_, is_blank);
  pass(static_cast<std::size_t>(begin - rest_.begin()));
  if (rest_.empty()) return {TokenKind::end, {}, place_};

  const Place place = place_;
  if (rest_[0] == '"') {
    const std::string_view inside = quoted();
    const bool closed = inside.size() + 2 <= rest_.size();
    pass(std::min(inside.size() + 2, rest_.size()));
    return {closed ? TokenKind::text : TokenKind::open_text, inside, place};
  }
  TokenKind kind = TokenKind::sign;
  std::size_t size = 1;
  if (is_letter(rest_[0])) {
    kind = TokenKind::word;
    while (size < rest_.size() && (is_letter(rest_[size]) || is_digit(rest_[size]))) ++size;
  } else if (const std::size_t number = number_size(rest_); number > 0) {
    kind = TokenKind::number;
    size = number;
  }
  const std::string_view text = rest_.substr(0, size);
  pass(size);
  return {kind, text, place};
}

std::string_view Lexer::quoted() {
  std::size_t at = 1;
  while (at < rest_.size() && rest_[at] != '"') at += rest_[at] == '\\' && at + 1 < rest_.size() ? 2U : 1U;
  return rest_.substr(1, std::min(at, rest_.size()) - 1);
}

std::string describe(const Token& token) {
  switch (token.kind) {
    case TokenKind::end: return "the end of the file";
    case TokenKind::text:
    case TokenKind::open_text: return "a text in quotes";
    case TokenKind::word:
    case TokenKind::number:
    case TokenKind::sign: break;
  }
  return "'" + clean_text(token.text, shown_max) + "'";
}

std::string plain(std::string_view quoted) {
  std::string out;
  out.reserve(quoted.size());
  for (std::size_t i = 0; i < quoted.size(); ++i) {
    if (quoted[i] == '\\' && i + 1 < quoted.size() && (quoted[i + 1] == '"' || quoted[i + 1] == '\\')) ++i;
    out += quoted[i];
  }
  return out;
}

}  // namespace davy::dbc
