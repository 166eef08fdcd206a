#pragma once

#include <optional>
#include <string>

#include "drivers/can/dbc_lexer.hpp"

namespace davy::dbc {

// Reads one statement after the other. What cannot be read becomes a problem, and reading goes on with the
// next statement, so one run tells all.
class Parser {
 public:
  Parser(std::string_view text, Problems& problems) : lexer_{text}, problems_{problems} {}

  Statements run();

 private:
  // Each reads what follows its keyword; false when a problem was found.
  using Reader = bool (Parser::*)();
  struct Keyword {
    std::string_view word;
    Reader read;
  };
  static Reader reader_of(std::string_view word);

  bool version();
  bool new_symbols();
  bool bit_timing();
  bool nodes();
  bool message();
  bool signal();
  bool multiplexing(SignalStatement& out);
  bool layout(SignalStatement& out);
  bool scaling(DbcSignal& out);
  void skip_receivers();
  bool value_table();
  bool value_texts();
  bool texts(Texts& out);
  bool kind();
  bool selection();
  bool selection_range(RawRange& out);
  bool comment();
  bool attribute();
  bool attribute_default();

  void skip_statement(const Token& keyword);
  void skip_rest(std::size_t line);
  bool at_new_statement(std::size_t line) const;

  bool is(char sign) const;
  bool expect(char sign);
  bool word(std::string& out, const char* what);
  bool text(std::string& out, const char* what);
  bool real(double& out, const char* what);
  bool whole(std::uint64_t& out, const char* what);
  bool expected(const std::string& what);

  Lexer lexer_;
  Problems& problems_;
  Statements out_;
  Place keyword_;  // of the statement being read
};

}  // namespace davy::dbc
