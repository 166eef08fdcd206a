#pragma once

#include <map>
#include <optional>

#include "gateway/spool/spool.hpp"
#include "proto/wire/hash.hpp"

namespace davy {

// The fake beside the port: keeps everything in memory. A copy of it is what a disk would hold at that
// instant, for tests of a restart. Its bound counts blocks, not bytes.
class MemorySpool final : public Spool {
 public:
  explicit MemorySpool(const Uuid& stream, std::uint64_t blocks_max = UINT64_MAX) : blocks_max_{blocks_max} {
    state_.stream = stream;
  }

  SpoolState state() const override { return state_; }
  Status append(const EncodedBlock& block, bool keep, WallTime newest) override;
  Result<std::vector<StoredBlock>> read(Range seqs, std::size_t count_max) override;
  Status release(const std::vector<Range>& ranges) override;
  Result<std::vector<Dropped>> thin(WallTime now) override;
  Result<std::vector<Dropped>> undelivered_records() override;
  Status record_delivered(const std::vector<Dropped>& records) override;
  Status put_birth(const Hash& hash, std::string_view message) override;
  Result<std::optional<std::string>> birth(const Hash& hash) override;

  // Every call fails with this until it is taken back.
  void fail_with(std::optional<Error> error) { failure_ = std::move(error); }
  std::uint64_t reads() const { return reads_; }

 private:
  struct Stored {
    bool keep = false;
    std::string envelope;
  };
  void refresh();

  std::uint64_t blocks_max_;
  SpoolState state_;
  std::map<std::uint64_t, Stored> blocks_;
  RangeSet dropped_;
  std::map<Hash, std::string> births_;
  std::optional<Error> failure_;
  std::uint64_t reads_ = 0;
};

}  // namespace davy
