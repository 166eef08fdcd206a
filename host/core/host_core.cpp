#include "host/core/host_core.hpp"

#include <utility>

#include "host/core/core.hpp"

namespace davy {
namespace {

// Readers need the database open beside the core, so the lock is a file of its own. A core with the database
// for itself (tests) has its lock there.
Result<std::optional<SqliteDatabase>> lock(const SqliteOptions& database) {
  if (database.exclusive) return std::nullopt;
  SqliteOptions options = database;
  options.path += ".lock";
  options.exclusive = true;
  options.busy_wait_ms = 0;
  auto locked = SqliteDatabase::open(options);
  if (locked) return std::move(*locked);
  if (locked.error().code != Errc::conflict) return fail(locked.error());
  return fail(Errc::conflict, database.path + ": another davy-host works with this history; stop it first");
}

// Only a mistaken hand can hold the database up; the alarms must not wait for it.
constexpr std::uint32_t busy_wait_ms = 100;

Result<std::unique_ptr<CoreStores>> open_stores(const HostConfig& config, const SqliteOptions& database,
                                                Now now) {
  auto locked = lock(database);
  if (!locked) return fail(locked.error());
  SqliteOptions options = database;
  options.read_only = false;
  options.busy_wait_ms = busy_wait_ms;
  auto db = SqliteDatabase::open(options);
  if (!db) return fail(db.error());
  auto stores =
      std::make_unique<CoreStores>(CoreStores{std::move(*locked), std::move(*db), nullptr, std::nullopt});
  auto store = BlockStore::open(stores->db, config.mine, now.wall);
  if (!store) return fail(store.error());
  stores->store = std::move(*store);
  auto journal = Journal::open(stores->db);
  if (!journal) return fail(journal.error());
  stores->journal.emplace(std::move(*journal));
  return stores;
}

}  // namespace

Result<std::unique_ptr<HostCore>> HostCore::open(const HostConfig& config, const SqliteOptions& database,
                                                 MqttLink& link, HostListener& listener, Now now,
                                                 std::function<void()> wake) {
  auto stores = open_stores(config, database, now);
  if (!stores) return fail(stores.error());
  auto core = std::make_unique<Core>(config, std::move(*stores), link, listener, std::move(wake));
  if (auto restored = core->restore(now); !restored) return fail(restored.error().in(database.path));
  return core;
}

}  // namespace davy
