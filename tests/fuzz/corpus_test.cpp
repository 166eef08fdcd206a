#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <doctest/doctest.h>

#include "tests/fuzz/target.hpp"

// The everyday part of fuzzing, without clang: compiled once with each target.
namespace {

constexpr std::size_t positions_max = 4096;  // of each seed that are tampered with

}  // namespace

TEST_CASE("fuzz: a seed is survived whole, cut off anywhere, and with any byte changed") {
  for (const std::string& seed : davy::fuzz::seeds()) {
    davy::fuzz::try_input(seed);
    for (std::size_t at = 0; at < std::min(seed.size(), positions_max); ++at) {
      davy::fuzz::try_input(std::string_view{seed}.substr(0, at));
      for (const unsigned flip : {0x01U, 0x02U, 0x10U, 0x80U, 0xFFU}) {
        std::string changed = seed;
        changed[at] = static_cast<char>(static_cast<unsigned char>(changed[at]) ^ flip);
        davy::fuzz::try_input(changed);
      }
    }
  }
}

// DAVY_FUZZ_TARGET names the folder: inputs that broke something once.
TEST_CASE("fuzz: every collected input is survived") {
  const std::filesystem::path folder = std::filesystem::path{"tests/fuzz/corpus"} / DAVY_FUZZ_TARGET;
  if (!std::filesystem::is_directory(folder)) return;
  for (const auto& entry : std::filesystem::directory_iterator{folder}) {
    CAPTURE(entry.path().string());
    std::ifstream in{entry.path(), std::ios::binary};
    davy::fuzz::try_input(std::string{std::istreambuf_iterator<char>{in}, {}});
  }
}
