#include "tests/proto/golden_blocks.hpp"

#include <cstdlib>
#include <fstream>
#include <iterator>

#include <doctest/doctest.h>

#include "proto/wire/block_codec.hpp"
#include "tests/support/block_maker.hpp"

using namespace davy;

// The bytes of blocks that were sent once have to be read for as long as a mine keeps its records: what these
// files hold is never changed, only added to. read_blocks.py beside them reads the same files without our
// code. DAVY_WRITE_GOLDEN=1 writes the ones that are missing.
namespace {

constexpr std::size_t bytes_per_line = 32;

std::string path_of(const std::string& name, const char* ending) {
  return "tests/golden/wire/blocks/" + name + ending;
}

std::string contents(const std::string& path) {
  std::ifstream in{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

std::string hex_lines(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    out += digits[byte >> 4U];
    out += digits[byte & 0xFU];
    if (i % bytes_per_line == bytes_per_line - 1 || i + 1 == bytes.size()) out += '\n';
  }
  return out;
}

std::string bytes_from(const std::string& hex) {
  std::string out;
  std::string digits;
  for (const char c : hex) {
    if (c == '\n') continue;
    digits += c;
    if (digits.size() < 2) continue;
    out += static_cast<char>(std::stoi(digits, nullptr, 16));
    digits.clear();
  }
  return out;
}

void write_if_missing(const std::string& path, const std::string& text) {
  if (std::getenv("DAVY_WRITE_GOLDEN") == nullptr || !contents(path).empty()) return;
  std::ofstream{path, std::ios::binary} << text;
}

}  // namespace

TEST_CASE("golden blocks: what was sent once is still read the same") {
  for (const auto& [name, block, compressed] : test::golden_blocks()) {
    CAPTURE(name);
    const EncodedBlock encoded = BlockEncoder{}.encode(block);
    const Block expected = test::as_decoded(block);
    write_if_missing(path_of(name, ".hex"), hex_lines(encoded.envelope));
    write_if_missing(path_of(name, ".txt"), test::described(expected, compressed));

    const std::string hex = contents(path_of(name, ".hex"));
    const auto decoded = BlockDecoder{}.decode(bytes_from(hex));
    REQUIRE_MESSAGE(decoded, decoded.error().message);
    CHECK(test::same(*decoded, expected));
    CHECK(test::described(*decoded, compressed) == contents(path_of(name, ".txt")));
    // Another version of zstd may compress otherwise; everything else is ours.
    if (!compressed) CHECK(hex_lines(encoded.envelope) == hex);
  }
}
