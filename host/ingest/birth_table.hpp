#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/history/block_store.hpp"
#include "host/history/staging.hpp"
#include "host/ingest/point_table.hpp"
#include "proto/wire/messages.hpp"

namespace davy {

// A birth with its points as the host numbers them: a block's point index is a position in `points`.
struct KnownBirth {
  BirthId id{};
  GatewayId gateway{};
  std::vector<HostPointId> points;
};

// Births by their hash: those in use in memory, all others in the history, read when an old block asks for
// one.
class BirthTable {
 public:
  static constexpr std::size_t in_memory_max = 4096;

  BirthTable(BlockStore& store, PointTable& points, Staging& staging)
      : store_{store}, points_{points}, staging_{staging} {}

  void start_after(std::uint32_t last_id) { last_id_ = last_id; }

  // Null when nobody has ever sent it. Lives until the next call of find() or add().
  Result<const KnownBirth*> find(const Hash& hash);
  // Its text; not_found when nobody has ever sent it.
  Result<Birth> definition(const Hash& hash);
  // Keeps a birth that find() does not know for good.
  const KnownBirth& add(GatewayId gateway, const Hash& hash, std::string_view message, const Birth& birth,
                        WallTime now);

 private:
  Result<std::optional<StoredBirth>> load(const Hash& hash);
  const KnownBirth& remember(BirthId id, GatewayId gateway, const Hash& hash, const Birth& birth);

  BlockStore& store_;
  PointTable& points_;
  Staging& staging_;
  std::map<Hash, KnownBirth> known_;
  std::uint32_t last_id_ = 0;
};

}  // namespace davy
