#pragma once

#include <string>
#include <string_view>

#include "drivers/can/dbc_statements.hpp"

namespace davy::dbc {

enum class TokenKind : std::uint8_t { word, number, text, sign, open_text, end };

struct Token {
  TokenKind kind{};
  std::string_view text;  // of a text what is between the quotes, escapes and all
  Place place;
};

// Cuts a DBC file into words, numbers, quoted texts and signs. Any input gives tokens; a text whose closing
// quote is missing is an open_text that reaches to the end.
class Lexer {
 public:
  explicit Lexer(std::string_view text) : rest_{text} { next_ = cut(); }

  const Token& peek() const { return next_; }
  Token take();

 private:
  Token cut();
  void pass(std::size_t count);
  std::string_view quoted();

  std::string_view rest_;
  Place place_;
  Token next_;
};

// How a message names a token.
std::string describe(const Token& token);
// Without the escapes.
std::string plain(std::string_view quoted);

}  // namespace davy::dbc
