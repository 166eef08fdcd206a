#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "proto/wire/wire_reader.hpp"

// The three shapes of numbers that the columns of a block consist of; docs/protocol.md, "Columns". Not for
// other folders. All arithmetic is modulo 2^64, so that no input overflows anything.
namespace davy {

static_assert(std::endian::native == std::endian::little,
              "lists are stored and loaded as they lie in memory");

inline constexpr std::size_t columns_size_max = 32 * 1024;  // the worst 512 samples take 17 KiB
inline constexpr unsigned width_max = 64;

// Writes columns into a buffer of its own. What is written never exceeds columns_size_max.
class ColumnWriter {
 public:
  void clear() { used_ = 0; }
  std::string_view bytes() const { return {bytes_.data(), used_}; }

  void varint(std::uint64_t n) {
    for (; n >= 0x80; n >>= 7U) bytes_[used_++] = static_cast<char>(n | 0x80U);
    bytes_[used_++] = static_cast<char>(n);
  }
  void zigzag(std::uint64_t n) { varint(davy::zigzag(static_cast<std::int64_t>(n))); }

  // The smallest number, the bits needed above it, and for each number that many bits. Nothing for an empty
  // list.
  void list(std::span<const std::uint64_t> numbers) {
    if (numbers.empty()) return;
    auto low = static_cast<std::int64_t>(numbers[0]);
    auto high = low;
    for (const std::uint64_t n : numbers) {
      low = std::min(low, static_cast<std::int64_t>(n));
      high = std::max(high, static_cast<std::int64_t>(n));
    }
    const auto base = static_cast<std::uint64_t>(low);
    const auto width = static_cast<unsigned>(std::bit_width(static_cast<std::uint64_t>(high) - base));
    zigzag(base);
    bytes_[used_++] = static_cast<char>(width);
    if (width > 0) pack(numbers, base, width);
  }

 private:
  void pack(std::span<const std::uint64_t> numbers, std::uint64_t base, unsigned width) {
    char* out = bytes_.data() + used_;
    std::uint64_t word = 0;
    unsigned filled = 0;
    for (const std::uint64_t n : numbers) {
      const std::uint64_t above = n - base;
      word |= above << filled;
      filled += width;
      if (filled < width_max) continue;
      std::memcpy(out, &word, sizeof word);
      out += sizeof word;
      filled -= width_max;
      word = filled > 0 ? above >> (width - filled) : 0;
    }
    std::memcpy(out, &word, sizeof word);
    used_ += (numbers.size() * width + 7) / 8;
  }

  std::size_t used_ = 0;
  std::array<char, columns_size_max + sizeof(std::uint64_t)> bytes_;
};

// Reads columns that lie in a buffer with `padding` readable bytes behind them. Every read tells whether it
// was there.
class ColumnReader {
 public:
  static constexpr std::size_t padding = 16;

  explicit ColumnReader(std::string_view bytes) : rest_{bytes} {}
  bool at_end() const { return rest_.empty(); }

  bool varint(std::uint64_t& out) {
    if (!rest_.empty() && static_cast<unsigned char>(rest_.front()) < 0x80) {
      out = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      return true;
    }
    return take_varint(rest_, out);
  }
  bool zigzag(std::uint64_t& out) {
    if (!varint(out)) return false;
    out = static_cast<std::uint64_t>(unzigzag(out));
    return true;
  }

  bool list(std::span<std::uint64_t> out) {
    if (out.empty()) return true;
    std::uint64_t base = 0;
    if (!zigzag(base) || rest_.empty()) return false;
    const unsigned width = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    const std::size_t size = (out.size() * width + 7) / 8;
    if (width > width_max || size > rest_.size()) return false;
    unpack(out, base, width);
    rest_.remove_prefix(size);
    return true;
  }

 private:
  void unpack(std::span<std::uint64_t> out, std::uint64_t base, unsigned width) const {
    if (width == 0) {
      std::ranges::fill(out, base);
      return;
    }
    const std::uint64_t mask = ~std::uint64_t{0} >> (width_max - width);
    const char* in = rest_.data();
    std::size_t bit = 0;
    for (std::uint64_t& n : out) {
      const unsigned shift = bit & 7U;
      std::uint64_t word = 0;
      std::memcpy(&word, in + bit / 8, sizeof word);
      word >>= shift;
      if (shift + width > width_max) {
        word |= static_cast<std::uint64_t>(static_cast<unsigned char>(in[bit / 8 + 8]))
                << (width_max - shift);
      }
      n = base + (word & mask);
      bit += width;
    }
  }

  std::string_view rest_;
};

}  // namespace davy
