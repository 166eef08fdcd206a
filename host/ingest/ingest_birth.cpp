#include "host/ingest/ingest.hpp"
#include "proto/base/log.hpp"
#include "proto/wire/hash.hpp"

namespace davy {

void Ingest::on_birth(GatewayRecord& g, const LinkMessage& message, Now now) {
  if (message.payload.empty()) return;  // the retained one was deleted at the broker
  Hash hash{};
  const auto birth = decode_birth(message.payload, hash);
  if (!birth) return distrust(&g, message, birth.error().message, now);
  if (birth->mine != mine_ || birth->gateway != g.row.name) {
    return distrust(&g, message,
                    "birth: it describes gateway '" + birth->gateway + "' of mine '" + birth->mine + "'",
                    now);
  }
  const auto found = births_.find(hash);
  if (!found)
    return log::error("birth_unreadable", {{"gateway", g.row.name}, {"error", found.error().message}});
  if (*found == nullptr && !staging_.has_room()) return;  // it cannot be kept now; it will be asked for again
  const KnownBirth& known =
      *found != nullptr ? **found : births_.add(g.row.id, hash, message.payload, *birth, now.wall);
  rebirths_.satisfied(g.row.name, hash);
  // What is in force, a live state tells. Until one came: the newest; a retained one may be older than what
  // is known.
  const bool outdated = message.retained && g.row.birth && to_number(known.id) < to_number(*g.row.birth);
  if (g.birth_told ? *g.birth_told == hash : !outdated) adopt(g, hash, known, *birth, now);
  if (!message.retained) hear(g, now);
}

void Ingest::adopt(GatewayRecord& g, const Hash& hash, const KnownBirth& known, const Birth& birth, Now now) {
  if (g.birth_in_force == hash) return;
  const bool restored = !g.birth_in_force && g.row.birth == known.id;
  g.birth_in_force = hash;
  for (const HostPointId id : points_.adopt(g.row.id, known.id, birth, known.points, staging_)) {
    sink_.on_point(points_.at(id).shown);
  }
  g.status.points = known.points.size();
  if (restored) return;
  g.row.birth = known.id;
  stage_row(g);
  sink_.on_gateway(g.row.name, false);
  log::info("birth_adopted", {{"gateway", g.row.name},
                              {"birth", to_hex(hash).substr(0, 12)},
                              {"points", known.points.size()},
                              {"at_ms", to_ms(now.wall)}});
}

// A live state names the birth in force: adopted when the host has it, asked for when not.
void Ingest::adopt_told_birth(GatewayRecord& g, const Hash& hash, Now now) {
  if (hash == Hash{}) return;
  g.birth_told = hash;
  if (g.birth_in_force == hash) return;
  const auto known = births_.find(hash);
  if (!known)
    return log::error("birth_unreadable", {{"gateway", g.row.name}, {"error", known.error().message}});
  if (*known == nullptr) return send(g.row.name, rebirths_.want(g.row.name, hash, now));
  const auto birth = births_.definition(hash);
  if (!birth)
    return log::error("birth_unreadable", {{"gateway", g.row.name}, {"error", birth.error().message}});
  if ((*known)->gateway == g.row.id) adopt(g, hash, **known, *birth, now);
}

}  // namespace davy
