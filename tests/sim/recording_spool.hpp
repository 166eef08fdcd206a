#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "gateway/spool/spool.hpp"

namespace davy::sim {

// What the promise is about: every block that reached a gateway's disk, and what was declared lost of them.
struct SpoolRecord {
  using Key = std::pair<Uuid, std::uint64_t>;
  std::map<Key, std::string> kept;      // append() returned: must reach the history, byte for byte
  std::map<Key, std::string> doubtful;  // power went during append(): may be there or not
  std::map<Key, std::string> dropped;   // thinned out; the reason
};

// The real spool with a witness that no crash can take away.
class RecordingSpool final : public Spool {
 public:
  RecordingSpool(Spool& spool, SpoolRecord& record) : spool_{spool}, record_{record} {}

  SpoolState state() const override { return spool_.state(); }

  Status append(const EncodedBlock& block, bool keep, WallTime newest) override {
    const SpoolState before = spool_.state();
    const SpoolRecord::Key key{before.stream, before.next_seq};
    const Status done = spool_.append(block, keep, newest);
    (done ? record_.kept : record_.doubtful)[key] = block.envelope;
    if (done) record_.doubtful.erase(key);
    return done;
  }

  Result<std::vector<StoredBlock>> read(Range seqs, std::size_t count_max) override {
    return spool_.read(seqs, count_max);
  }
  Status release(const std::vector<Range>& ranges) override { return spool_.release(ranges); }

  Result<std::vector<Dropped>> thin(WallTime now) override {
    auto dropped = spool_.thin(now);
    if (dropped) note(*dropped);
    return dropped;
  }
  Result<std::vector<Dropped>> undelivered_records() override {
    auto dropped = spool_.undelivered_records();
    if (dropped) note(*dropped);
    return dropped;
  }
  Status record_delivered(const std::vector<Dropped>& records) override {
    return spool_.record_delivered(records);
  }

  Status put_birth(const Hash& hash, std::string_view message) override {
    return spool_.put_birth(hash, message);
  }
  Result<std::optional<std::string>> birth(const Hash& hash) override { return spool_.birth(hash); }

 private:
  void note(const std::vector<Dropped>& dropped) {
    for (const Dropped& each : dropped) {
      for (auto seq = each.seqs.first; seq <= each.seqs.last; ++seq) {
        record_.dropped[{spool_.state().stream, seq}] = each.reason;
      }
    }
  }

  Spool& spool_;
  SpoolRecord& record_;
};

}  // namespace davy::sim
