#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/history/block_store.hpp"
#include "host/history/staging.hpp"
#include "host/ingest/birth_table.hpp"
#include "host/ingest/gateway_notes.hpp"
#include "host/ingest/gateway_record.hpp"
#include "host/ingest/ingest_sink.hpp"
#include "host/ingest/point_table.hpp"
#include "host/ingest/rebirth_requests.hpp"
#include "proto/link/mqtt_link.hpp"
#include "proto/wire/block_codec.hpp"
#include "proto/wire/host_config.hpp"
#include "proto/wire/topics.hpp"

namespace davy {

// Under this name the host raises alarms about itself, as if it were a gateway: without a broker all are
// unseen.
inline constexpr const char* host_alarm_name = "davy-host";

// Decodes and judges what arrives from the gateways: who sent it, can it be trusted, is it new, when was it
// true, is it now or late. Rows for the history go to `staging`, everything else to the sink. What cannot be
// trusted is neither stored nor acked: it goes to quarantine and raises an alarm. Counts every block once: by
// the ledger, and by what is staged.
//   presence: unknown --live state or block--> online --good-bye or last will--> offline
//             any but offline --nothing for silent_after--> silent; offline, silent --live again--> online
// Retained messages are old news: births in them are used, presence is not believed.
// Not thread-safe, knows no time but its arguments', writes nothing itself.
class Ingest {
 public:
  // A connection to the broker that breaks off so often before it was stable is an alarm: gateways come and
  // go with it, and if another davy-host takes it over, so does their data.
  static constexpr Duration link_stable_after{10'000};
  static constexpr int link_breaks_max = 3;
  static constexpr std::size_t gateways_max = 1024;
  static constexpr std::size_t streams_max = 4096;         // of one gateway
  static constexpr std::size_t ledger_ranges_max = 65536;  // of one stream

  Ingest(std::string mine, const HostTimes& times, BlockStore& store, Staging& staging, IngestSink& sink);

  // What the history holds; before anything else. Tells the sink every point.
  Status restore(const Inventory& inventory, Now now);
  // A gateway alarm stood when the host was stopped.
  void restore_alarm(const std::string& gateway, const std::string& kind, Now now);

  void link_changed(bool up, Now now);
  void on_message(const LinkMessage& message, Now now);
  void step(Now now);
  SteadyTime next_due() const;

  // All but blind_points, which the alarms know.
  GatewayStatus status(const std::string& gateway) const;
  std::vector<std::string> gateways() const;
  const PointTable& points() const { return points_; }
  const Uuid& uuid_of(StreamId stream) const { return stream_uuids_.at(to_number(stream)); }
  const std::string& name_of(GatewayId gateway) const { return gateway_names_.at(to_number(gateway)); }

 private:
  // ingest.cpp
  Status restore_newest(GatewayRecord& g, StreamId stream);
  Status restore_points(const Inventory& inventory, const std::map<GatewayId, GatewayRecord*>& by_id,
                        Now now);
  void on_reply(GatewayRecord& g, const LinkMessage& message, Now now);
  GatewayRecord* gateway(const std::string& name, Now now);
  void distrust(GatewayRecord* from, const LinkMessage& message, const std::string& reason, Now now);
  void note_lock(GatewayRecord& g, const Event& event, Now now);
  void note(GatewayRecord& g, const char* kind, const std::string& reason, std::uint8_t priority, Now now);
  void stage_row(const GatewayRecord& g);
  void send(const std::string& gateway, const std::optional<Command>& command);

  // ingest_birth.cpp
  void on_birth(GatewayRecord& g, const LinkMessage& message, Now now);
  void adopt(GatewayRecord& g, const Hash& hash, const KnownBirth& known, const Birth& birth, Now now);
  void adopt_told_birth(GatewayRecord& g, const Hash& hash, Now now);

  // ingest_state.cpp
  void on_state(GatewayRecord& g, const LinkMessage& message, Now now);
  void greet(GatewayRecord& g, const Uuid& stream);
  void on_live_state(GatewayRecord& g, const GatewayState& state, Now now);
  void judge_clock(GatewayRecord& g, const GatewayState& state, Now now);
  void hear(GatewayRecord& g, Now now);
  void set_presence(GatewayRecord& g, Presence presence, const std::string& reason, Now now);
  void watch_link(Now now);
  void watch_silence(Now now);
  void watch_own_silence(Now now);
  void alarm_presence(GatewayRecord& g, const char* kind, const std::string& reason);

  // ingest_block.cpp
  void on_block(GatewayRecord& g, const LinkMessage& message, Now now);
  Status check_header(const GatewayRecord& g) const;
  bool is_known(GatewayRecord& g, const StreamRecord& stream, const LinkMessage& message, Now now);
  StreamRecord* stream(GatewayRecord& g, const Uuid& uuid, Now now);
  void take(GatewayRecord& g, StreamRecord& stream, const KnownBirth& birth, const LinkMessage& message,
            Now now);
  bool changes_holes(StreamId stream, std::uint64_t seq) const;
  void came_live(GatewayRecord& g, const LinkMessage& message, Now now);
  bool judge(GatewayRecord& g, const StreamRecord& stream, const KnownBirth& birth, const BlockTime& time,
             Now now);

  // ingest_events.cpp
  void check_chain(GatewayRecord& g, StreamRecord& stream, Now now);
  std::optional<ChainMemory::Link> link(StreamRecord& stream, std::uint64_t seq);
  void take_events(GatewayRecord& g, const StreamRecord& stream, const BlockTime& time, bool live, Now now);
  void take_lost(GatewayRecord& g, const StreamRecord& stream, const Event& event, Now now);

  const std::string mine_;
  const HostTimes times_;
  BlockStore& store_;
  Staging& staging_;
  IngestSink& sink_;

  PointTable points_;
  BirthTable births_;
  RebirthRequests rebirths_;
  GatewayNotes notes_;
  std::map<std::string, GatewayRecord, std::less<>> gateways_;
  std::vector<Uuid> stream_uuids_;          // by stream number; the first is nobody's
  std::vector<std::string> gateway_names_;  // by gateway number, likewise
  QuarantineGate nobody_;                   // for what names no gateway of ours

  bool link_up_ = false;
  bool blind_host_ = false;  // without a broker for so long that all gateways are unseen
  SteadyTime link_since_;
  SteadyTime link_stable_due_ = never;
  int link_breaks_ = 0;  // in a row, each before the link was stable
  SteadyTime silence_due_ = SteadyTime::min();

  BlockDecoder decoder_;
  Block block_;  // the one being judged
  Hash hash_{};
  BlockDecoder neighbour_decoder_;
  Block neighbour_;
  std::vector<JudgedReading> readings_;
};

}  // namespace davy
