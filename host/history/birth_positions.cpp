#include "host/history/birth_positions.hpp"

#include <algorithm>

#include "proto/wire/messages.hpp"

namespace davy {
namespace {
constexpr std::size_t known_max = 100'000;
}

Result<std::optional<PointIndex>> BirthPositions::find(BirthId birth, HostPointId point,
                                                       const std::string& name) {
  const std::uint64_t key = std::uint64_t{to_number(birth)} << 32U | to_number(point);
  if (const auto at = known_.find(key); at != known_.end()) return at->second;
  const auto found = look_up(birth, name);
  if (!found) return fail(found.error());
  if (known_.size() >= known_max) known_.clear();
  known_.emplace(key, *found);
  return *found;
}

Result<std::optional<PointIndex>> BirthPositions::look_up(BirthId birth, const std::string& name) {
  const std::string what = "birth " + std::to_string(to_number(birth)) + " of the history";
  auto select = db_.prepare("SELECT message FROM birth WHERE id = ?");
  if (!select) return fail(select.error());
  const auto row = select->bind(1, std::int64_t{to_number(birth)}).step();
  if (!row) return fail(row.error());
  if (!*row) return fail(Errc::corrupt, what + " is not there although blocks refer to it");
  Hash hash{};
  const auto decoded = decode_birth(select->blob(0), hash);
  if (!decoded) return fail(Errc::corrupt, what + ": " + decoded.error().message);
  const auto at = std::ranges::find(decoded->points, name, &Point::name);
  if (at == decoded->points.end()) return std::optional<PointIndex>{};
  return std::optional{PointIndex{static_cast<std::uint32_t>(at - decoded->points.begin())}};
}

}  // namespace davy
