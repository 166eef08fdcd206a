#include "host/ingest/twin_watch.hpp"

#include <algorithm>

namespace davy {

bool TwinWatch::seen(const std::string& identity, SteadyTime now) {
  if (identity == current_) return false;
  std::erase_if(left_, [&](const Left& left) { return left.at + memory < now; });
  std::erase_if(returns_, [&](SteadyTime at) { return at + memory < now; });
  const bool back = std::ranges::find(left_, identity, &Left::identity) != left_.end();
  std::erase_if(left_, [&](const Left& left) { return left.identity == current_; });
  if (!current_.empty()) left_.push_back({current_, now});
  if (left_.size() > left_max) left_.erase(left_.begin());
  other_ = current_;
  current_ = identity;
  if (!back) return false;
  returns_.push_back(now);
  if (returns_.size() < returns_min_) return false;
  if (returns_.size() > returns_min_) returns_.erase(returns_.begin());
  return true;
}

}  // namespace davy
