#include "host/ingest/rebirth_requests.hpp"

#include <algorithm>

#include "proto/wire/hash.hpp"

namespace davy {

std::optional<Command> RebirthRequests::want(const std::string& gateway, const Hash& birth, Now now) {
  std::erase_if(requests_, [&](const auto& r) { return r.second.next + wait_max < now.steady; });
  const auto at = requests_.find({gateway, birth});
  if (at != requests_.end() && now.steady < at->second.next) return std::nullopt;
  if (at == requests_.end() && requests_.size() >= requests_max) return std::nullopt;
  const Duration wait = at == requests_.end() ? wait_min : std::min(2 * at->second.wait, wait_max);
  requests_[{gateway, birth}] = {now.steady + wait, wait};
  const std::string which = birth == Hash{} ? "the birth in force" : "birth " + to_hex(birth).substr(0, 12);
  return Command{.id = "rebirth-" + std::to_string(to_ms(now.wall)) + "-" + std::to_string(++made_),
                 .issued_at = now.wall,
                 .expires_at = now.wall + wait_max,
                 .operator_name = "davy-host",
                 .reason = "blocks need " + which + ", which the host does not know",
                 .kind = CommandKind::rebirth,
                 .birth = birth};
}

void RebirthRequests::satisfied(const std::string& gateway, const Hash& birth) {
  requests_.erase({gateway, birth});
}

}  // namespace davy
