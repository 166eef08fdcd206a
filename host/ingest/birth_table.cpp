#include "host/ingest/birth_table.hpp"

#include <algorithm>

namespace davy {
namespace {

Result<Birth> decode(const StoredBirth& stored, const Hash& hash) {
  Hash computed{};
  auto birth = decode_birth(stored.message, computed);
  if (birth && computed == hash) return birth;
  return fail(Errc::corrupt, "birth " + std::to_string(to_number(stored.id)) +
                                 " of the history cannot be read: " +
                                 (birth ? "its hash is another" : birth.error().message));
}

}  // namespace

Result<std::optional<StoredBirth>> BirthTable::load(const Hash& hash) {
  const auto& staged = staging_.batch.births;
  const auto at = std::ranges::find(staged, hash, &BirthRow::hash);
  if (at == staged.end()) return store_.birth(hash);
  return std::optional{StoredBirth{at->id, at->gateway, at->message}};
}

Result<const KnownBirth*> BirthTable::find(const Hash& hash) {
  if (const auto at = known_.find(hash); at != known_.end()) return &at->second;
  const auto stored = load(hash);
  if (!stored) return fail(stored.error());
  if (!*stored) return nullptr;
  const auto birth = decode(**stored, hash);
  if (!birth) return fail(birth.error());
  return &remember((*stored)->id, (*stored)->gateway, hash, *birth);
}

Result<Birth> BirthTable::definition(const Hash& hash) {
  const auto stored = load(hash);
  if (!stored) return fail(stored.error());
  if (!*stored) return fail(Errc::not_found, "nobody has sent this birth");
  return decode(**stored, hash);
}

const KnownBirth& BirthTable::add(GatewayId gateway, const Hash& hash, std::string_view message,
                                  const Birth& birth, WallTime now) {
  const BirthId id{++last_id_};
  staging_.add(BirthRow{id, gateway, hash, now, std::string{message}});
  return remember(id, gateway, hash, birth);
}

const KnownBirth& BirthTable::remember(BirthId id, GatewayId gateway, const Hash& hash, const Birth& birth) {
  // What is forgotten here is staged or in the history: it is only read again.
  if (known_.size() >= in_memory_max) known_.erase(known_.begin());
  KnownBirth& known = known_[hash];
  known = {.id = id, .gateway = gateway, .points = points_.numbers(gateway, id, birth, staging_)};
  return known;
}

}  // namespace davy
