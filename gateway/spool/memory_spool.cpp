#include "gateway/spool/memory_spool.hpp"

#include <algorithm>

namespace davy {

Status MemorySpool::append(const EncodedBlock& block, bool keep, WallTime) {
  if (failure_) return fail(*failure_);
  blocks_.emplace(state_.next_seq, Stored{keep, block.envelope});
  state_.bytes += block.envelope.size();
  state_.next_seq += 1;
  state_.previous = block.hash;
  refresh();
  return {};
}

Result<std::vector<StoredBlock>> MemorySpool::read(Range seqs, std::size_t count_max) {
  ++reads_;
  if (failure_) return fail(*failure_);
  std::vector<StoredBlock> out;
  for (auto at = blocks_.lower_bound(seqs.first); at != blocks_.end() && at->first <= seqs.last; ++at) {
    if (out.size() == count_max) break;
    out.push_back({Seq{at->first}, at->second.envelope});
  }
  return out;
}

Status MemorySpool::release(const std::vector<Range>& ranges) {
  if (failure_) return fail(*failure_);
  for (const Range& range : ranges) {
    auto at = blocks_.lower_bound(range.first);
    while (at != blocks_.end() && at->first <= range.last) {
      state_.bytes -= at->second.envelope.size();
      at = blocks_.erase(at);
    }
  }
  refresh();
  return {};
}

Result<std::vector<Dropped>> MemorySpool::thin(WallTime) {
  if (failure_) return fail(*failure_);
  RangeSet now;
  while (blocks_.size() > blocks_max_) {
    auto victim = std::ranges::find_if(blocks_, [](const auto& b) { return !b.second.keep; });
    if (victim == blocks_.end()) victim = blocks_.begin();
    now.add(victim->first);
    dropped_.add(victim->first);
    state_.bytes -= victim->second.envelope.size();
    blocks_.erase(victim);
  }
  refresh();
  std::vector<Dropped> out;
  for (const Range& range : now.ranges()) out.push_back({range, "spool full"});
  return out;
}

Result<std::vector<Dropped>> MemorySpool::undelivered_records() {
  if (failure_) return fail(*failure_);
  std::vector<Dropped> out;
  for (const Range& range : dropped_.ranges()) out.push_back({range, "spool full"});
  return out;
}

Status MemorySpool::record_delivered(const std::vector<Dropped>& records) {
  if (failure_) return fail(*failure_);
  for (const Dropped& record : records) dropped_.remove(record.seqs);
  return {};
}

Status MemorySpool::put_birth(const Hash& hash, std::string_view message) {
  if (failure_) return fail(*failure_);
  births_.insert_or_assign(hash, std::string{message});
  state_.birth = hash;
  return {};
}

Result<std::optional<std::string>> MemorySpool::birth(const Hash& hash) {
  if (failure_) return fail(*failure_);
  const auto at = births_.find(hash);
  if (at == births_.end()) return std::nullopt;
  return at->second;
}

void MemorySpool::refresh() {
  state_.blocks = blocks_.size();
  state_.oldest_seq = blocks_.empty() ? 0 : blocks_.begin()->first;
}

}  // namespace davy
