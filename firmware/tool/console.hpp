#pragma once

#include <istream>
#include <ostream>

namespace davy {

// Where a verb talks to its person: results go to `out`, complaints and progress to `err`.
struct Console {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  bool out_is_terminal = false;
  bool err_is_terminal = false;
};

}  // namespace davy
