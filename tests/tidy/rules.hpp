#pragma once

#include "tests/tidy/tree.hpp"

namespace davy::tidy {

// Words and headers that have one place, or none.
void check_bans(const Tree& tree, Findings& out);

// Sizes, names, `#pragma once`, and what may stand in the root.
void check_shape(const Tree& tree, Findings& out);

// Who includes whom: between the top folders, and between a folder and what its CMake target names in USES.
void check_directions(const Tree& tree, Findings& out);

// Every link in the documents leads somewhere; nothing speaks of how the text came about.
void check_documents(const Tree& tree, Findings& out);

// Every log line that a program writes is explained in docs/operations.md, in that program's section, with
// its level and fields; and nothing is explained there that no program writes.
void check_events(const Tree& tree, Findings& out);

inline Findings check_all(const Tree& tree) {
  Findings out;
  check_bans(tree, out);
  check_shape(tree, out);
  check_directions(tree, out);
  check_documents(tree, out);
  check_events(tree, out);
  return out;
}

}  // namespace davy::tidy
