#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "proto/model/block.hpp"

namespace davy {

// The newest links of one stream's hash chain, so that a block can be held against its neighbours without
// reading the history for it. Blocks come in runs, forward or backward: a few are enough.
class ChainMemory {
 public:
  struct Link {
    std::uint64_t seq = 0;  // 0: empty
    Hash hash{};
    Hash previous{};
  };

  std::optional<Link> find(std::uint64_t seq) const {
    for (const Link& link : links_) {
      if (link.seq == seq) return link;
    }
    return std::nullopt;
  }
  void remember(const Link& link) {
    links_[next_] = link;
    next_ = (next_ + 1) % links_.size();
  }

 private:
  std::array<Link, 8> links_{};
  std::size_t next_ = 0;
};

}  // namespace davy
