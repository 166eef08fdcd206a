#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

#include "host/history/batch.hpp"
#include "proto/base/result.hpp"
#include "proto/model/point.hpp"
#include "proto/store/sqlite_database.hpp"

namespace davy {

// Where a point stands in a birth: blocks name points by that place, and it moves when the configuration
// changes.
class BirthPositions {
 public:
  explicit BirthPositions(SqliteDatabase& db) : db_{db} {}
  // Nothing when that birth does not have the point.
  Result<std::optional<PointIndex>> find(BirthId birth, HostPointId point, const std::string& name);

 private:
  Result<std::optional<PointIndex>> look_up(BirthId birth, const std::string& name);

  SqliteDatabase& db_;
  std::unordered_map<std::uint64_t, std::optional<PointIndex>> known_;  // by birth << 32 | point
};

}  // namespace davy
