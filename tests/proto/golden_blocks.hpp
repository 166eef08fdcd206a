#pragma once

#include <string>
#include <vector>

#include "proto/model/block.hpp"

// The blocks whose bytes are kept in tests/golden/wire/blocks: between them they use every part of the
// format.
namespace davy::test {

struct GoldenBlock {
  std::string name;
  Block block;
  bool compressed = false;
};
std::vector<GoldenBlock> golden_blocks();

// A block as lines of text, one a field or entry, doubles as bit patterns: what the .txt files hold.
std::string described(const Block& block, bool compressed);

}  // namespace davy::test
