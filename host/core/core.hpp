#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "host/alarm/alarm_book.hpp"
#include "host/alarm/journal.hpp"
#include "host/core/ack_book.hpp"
#include "host/core/broker_session.hpp"
#include "host/core/gateway_news.hpp"
#include "host/core/host_core.hpp"
#include "host/core/key_requests.hpp"
#include "host/core/latest_values.hpp"
#include "host/core/recorder.hpp"
#include "host/history/block_store.hpp"
#include "host/history/staging.hpp"
#include "host/ingest/ingest.hpp"

// Private to this folder: what HostCore::open() makes.
namespace davy {

// What a core works with; opened before it is made.
struct CoreStores {
  std::optional<SqliteDatabase> lock;  // held while the core lives: a second davy-host is refused
  SqliteDatabase db;
  std::unique_ptr<BlockStore> store;
  std::optional<Journal> journal;
};

class Core final : public HostCore, private IngestSink {
 public:
  // Messages that are judged before what they brought is committed and told. Few enough that an alarm among
  // them does not wait; when only one came, only one is taken.
  static constexpr std::size_t messages_per_step_max = 256;
  static constexpr std::size_t acknowledgements_max = 1000;
  // How long a person waits for an acknowledgement to be on record.
  static constexpr Duration acknowledge_wait{5000};

  Core(const HostConfig& config, std::unique_ptr<CoreStores> stores, MqttLink& link, HostListener& listener,
       std::function<void()> wake);

  Status restore(Now now);

  void step(Now now) override;
  SteadyTime next_due() const override;
  void stop(Now now) override;
  bool acknowledge(AcknowledgeRequest request) override { return requests_.push(std::move(request)); }
  bool use_fan_key(FanKeyRequest request) override { return keys_.ask(std::move(request)); }
  bool broker_up() const override { return session_.up(); }
  HostHealth health() const override;

 private:
  // IngestSink
  void on_point(const HostPoint& point) override;
  void on_readings(std::span<const JudgedReading> readings) override;
  void on_gateway(const std::string& name, bool at_once) override { news_.changed(name, at_once); }
  void on_gateway_seen(const std::string& name, bool seen) override { book_.gateway_seen(name, seen, now_); }
  void on_gateway_alarm(const std::string& name, const std::string& kind, bool active,
                        const std::string& reason, std::uint8_t priority) override;
  void on_known_block(const std::string& gateway, StreamId stream, Seq seq) override;
  void on_gateway_found(const std::string& gateway, const Uuid& stream,
                        std::optional<StreamId> known_as) override;
  void on_command(const std::string& gateway, const Command& command) override;
  void on_reply(const std::string& gateway, const Reply& reply) override { keys_.on_reply(gateway, reply); }

  void take_messages();
  void take_requests();
  Status send_key(const std::string& gateway, const Command& command);
  void record();
  void answer();
  void send_acks();
  void tell();
  void tell_health();
  GatewayStatus status_of(const std::string& gateway) const;

  const HostConfig config_;
  HostListener& listener_;
  Now now_{};  // of the step under way

  std::unique_ptr<CoreStores> stores_;
  Staging staging_;
  AlarmBook book_;
  Recorder recorder_;
  Ingest ingest_;
  BrokerSession session_;
  AckBook acks_;
  LatestValues latest_;
  GatewayNews news_;

  std::vector<HostPoint> changed_points_;
  std::vector<JournalEntry> untold_;  // alarm transitions of this step
  std::set<std::pair<std::string, std::string>>
      distrusted_;  // gateway, kind of its standing trouble with trust
  HostHealth health_told_;
  std::uint64_t let_go_seen_ = 0;
  SteadyTime overloaded_until_ = SteadyTime::min();

  KeyRequests keys_;
  Inbox<AcknowledgeRequest> requests_;
  std::vector<AcknowledgeRequest> taken_requests_;
  // Acknowledged in the book, not on record yet.
  struct Waiting {
    Alarm alarm;
    std::function<void(Result<Alarm>)> done;
    SteadyTime until;
  };
  std::vector<Waiting> waiting_;
};

}  // namespace davy
