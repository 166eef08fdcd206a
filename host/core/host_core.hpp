#pragma once

#include <functional>
#include <memory>
#include <string>

#include "host/core/host_view.hpp"
#include "proto/base/clock.hpp"
#include "proto/base/inbox.hpp"
#include "proto/base/result.hpp"
#include "proto/link/mqtt_link.hpp"
#include "proto/store/sqlite_database.hpp"
#include "proto/wire/host_config.hpp"

namespace davy {

// A person acknowledges an occurrence. `done` is called on the core's thread after the journal is committed.
struct AcknowledgeRequest {
  std::string occurrence;
  std::uint64_t seq = 0;
  std::string user;
  std::string comment;
  std::function<void(Result<Alarm>)> done;
};

// What a gateway's locks said to a key.
struct KeyAnswer {
  bool done = false;    // false: refused, or too late
  std::string message;  // the gateway's own words
};

// A person wants to open a locked fan by key, or gives the key back. `done` is called on the core's thread
// with the gateway's answer; unavailable: none came, and whether it acted its events will tell.
struct FanKeyRequest {
  std::string gateway;
  std::string lock;
  std::string user;
  std::string reason;
  bool give_back = false;
  std::function<void(Result<KeyAnswer>)> done;
};

// The whole surface daemon but its web, as one object: broker -> ingest -> history, alarms, journal ->
// listeners and acks. step() takes what the link has, commits blocks, ledger, journal and alarms in one
// transaction, then acks and tells the listener. Owns no thread and no timer; called from one thread; only
// acknowledge() and use_fan_key() may be called from others.
class HostCore {
 public:
  // `database` is the options' path and, in tests, its VFS. `wake` is called by these two, on their
  // thread, when step() has to be called although nothing is due. Errors: conflict (another davy-host runs on
  // it), corrupt, full, bad_config (made by a newer davy-host).
  static Result<std::unique_ptr<HostCore>> open(const HostConfig& config, const SqliteOptions& database,
                                                MqttLink& link, HostListener& listener, Now now,
                                                std::function<void()> wake = {});
  virtual ~HostCore() = default;

  virtual void step(Now now) = 0;
  virtual SteadyTime next_due() const = 0;
  virtual void stop(Now now) = 0;  // commits what is there and says good-bye to the broker

  // Any thread; false when too many are waiting.
  [[nodiscard]] virtual bool acknowledge(AcknowledgeRequest request) = 0;

  [[nodiscard]] virtual bool use_fan_key(FanKeyRequest request) = 0;

  virtual bool broker_up() const = 0;
  virtual HostHealth health() const = 0;
};

}  // namespace davy
