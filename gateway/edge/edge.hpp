#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/edge/block_builder.hpp"
#include "gateway/edge/clock_watch.hpp"
#include "gateway/edge/self_points.hpp"
#include "gateway/edge/spool_writer.hpp"
#include "gateway/scan/bus_batch.hpp"
#include "gateway/spool/spool.hpp"
#include "gateway/uplink/uplink.hpp"
#include "proto/wire/gateway_config.hpp"

namespace davy {

// What the program knows when it starts.
struct EdgeStart {
  // One number for each start, never used twice. Random: a counter would need one more file that must
  // survive, and the wall clock of a box without a battery starts at the same second after every power cut.
  std::uint64_t boot = 0;
  std::string version;
  std::optional<std::string> spool_replaced;  // what SqliteSpool::open said about it
};

// The whole gateway behind its buses, as one object: batches -> blocks -> spool -> uplink. Owns no thread and
// no timer: the loop calls step() when next_due() is reached, when the inbox has something and when the link
// has. One thread. The caller keeps `config`, `spool`, `inbox` and `link` alive.
class Edge {
 public:
  // `link` is used when the configuration has an uplink. Errors: bad_config (names too long, too many
  // points).
  static Result<std::unique_ptr<Edge>> create(const GatewayConfig& config, Spool& spool, BatchInbox& inbox,
                                              MqttLink& link, const EdgeStart& start, Now now);

  void step(Now now);
  SteadyTime next_due() const;
  // Puts everything that has come in so far into the spool and says good-bye to the broker. Nothing follows
  // but step() until is_stopped().
  void stop(Now now, const std::string& reason);
  bool is_stopped() const;

  // The machine says that NTP or the like steers the wall clock.
  void set_clock_disciplined(bool yes) { clock_disciplined_ = yes; }

  // Who takes fan keys; kept alive by the caller until the edge is gone.
  void set_fan_keys(FanKeys& keys) {
    if (uplink_) uplink_->set_fan_keys(keys);
  }

  // Has every bus delivered something?
  bool first_round_done() const;
  // The bus from which nothing at all has come for far too long, not even that its devices are silent: its
  // thread hangs.
  const BusSettings* stuck_bus(SteadyTime now) const;
  // The spool has to be opened anew, which takes a new start of the program.
  const std::optional<Error>& broken() const { return writer_.broken(); }

 private:
  Edge(const GatewayConfig& config, Spool& spool, BatchInbox& inbox, MqttLink& link, const EdgeStart& start,
       SelfPoints self_points, const EncodedBirth& birth, Now now);

  struct BusHealth {
    SteadyTime last_batch;
    bool heard = false;
    Duration patience{};
  };

  void tell(EventKind kind, std::string text, Now now);
  void watch_clock(Now now);
  void take_batches(Now now);
  void sample_self(Now now);
  void store(Now now);

  const GatewayConfig& config_;
  Spool& spool_;
  BatchInbox& inbox_;
  SelfPoints self_points_;
  BlockBuilder builder_;
  SpoolWriter writer_;
  std::unique_ptr<Uplink> uplink_;
  ClockWatch clock_watch_;
  bool clock_disciplined_ = false;
  SteadyTime self_due_;
  SelfValues self_values_;
  std::vector<BusHealth> health_;
  std::vector<BusBatch> batches_;  // kept for their memory
  std::vector<Sample> samples_;
  std::vector<Event> events_;
};

}  // namespace davy
