#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_set>
#include <utility>

#include "host/history/batch.hpp"
#include "host/history/schema.hpp"

namespace davy {

// What waits for the next commit. Normally that is what came since the last step; while the disk is full it
// is what came since then, up to a bound: beyond it blocks are left to their gateways, which send them again.
class Staging {
 public:
  static constexpr std::size_t bytes_max = 8 * 1024 * 1024;

  // What is small is added to it directly.
  Batch batch;

  bool has_room() const { return bytes_ < bytes_max; }
  bool has(StreamId stream, Seq seq) const {
    return blocks_.contains(block_key(to_number(stream), to_number(seq)));
  }
  void add(BlockRow block) {
    bytes_ += block.envelope.size();
    blocks_.insert(block_key(to_number(block.stream), to_number(block.seq)));
    batch.blocks.push_back(std::move(block));
  }
  void add(BirthRow birth) {
    bytes_ += birth.message.size();
    batch.births.push_back(std::move(birth));
  }
  void add(QuarantineRow row) {
    bytes_ += row.bytes.size();
    batch.quarantine.push_back(std::move(row));
  }
  bool empty() const { return batch.empty(); }
  // After the commit.
  void clear() {
    batch.clear();
    blocks_.clear();
    bytes_ = 0;
  }

 private:
  std::unordered_set<std::int64_t> blocks_;
  std::size_t bytes_ = 0;
};

}  // namespace davy
