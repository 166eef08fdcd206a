#pragma once

#include <cstdint>
#include <random>
#include <string>

#include "proto/model/block.hpp"
#include "proto/wire/hash.hpp"

// Blocks for tests of the codec: ordinary ones, and ones that no mine ever made.
namespace davy::test {

inline BlockHeader block_header(std::uint64_t seq = 7) {
  BlockHeader out{.gateway = "gw-1",
                  .seq = Seq{seq},
                  .boot = 3,
                  .opened_at = wall_from_ms(1'790'000'000'000),
                  .opened_steady = steady_from_ms(5'000'000),
                  .clock = ClockQuality::synced,
                  .birth = hash_of("birth")};
  for (std::size_t i = 0; i < out.stream.size(); ++i) out.stream[i] = static_cast<std::uint8_t>(i * 17);
  if (seq > 1) out.previous = hash_of("previous");
  return out;
}

// Blocks made from a seed. What kinds of numbers, times and points they hold is drawn, too.
class BlockMaker {
 public:
  explicit BlockMaker(std::uint64_t seed) : random_{seed} {}

  Block make();

 private:
  std::uint64_t below(std::uint64_t n) { return random_() % n; }
  double value(std::uint64_t kind);
  WallTime time(std::uint64_t kind, WallTime opened, std::size_t i);
  WallTime unbounded_time(std::uint64_t kind, WallTime opened, std::size_t i);
  Quality quality(std::uint64_t kind);

  std::mt19937_64 random_;
  double walk_ = 0;
};

// What a decoder must make of a block: samples sorted by point, none with a value that its quality denies.
Block as_decoded(Block block);

// Equal to the last bit of every double.
bool same(const Block& a, const Block& b);

}  // namespace davy::test
