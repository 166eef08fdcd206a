#include "host/core/core.hpp"

#include <algorithm>
#include <utility>

#include "proto/base/log.hpp"
#include "proto/wire/topics.hpp"

namespace davy {
namespace {

// Kinds of gateway alarms that also make the host itself say it is not well.
constexpr std::string_view trust_kinds[] = {"untrusted", "chain", "twin", "broker_unstable"};
constexpr Duration overload_hold{60000};

}  // namespace

Core::Core(const HostConfig& config, std::unique_ptr<CoreStores> stores, MqttLink& link,
           HostListener& listener, std::function<void()> wake)
    : config_{config},
      listener_{listener},
      stores_{std::move(stores)},
      book_{{.blind_after = config.times.blind_after, .gateway_silent_after = config.times.silent_after}},
      recorder_{stores_->db, *stores_->store, *stores_->journal, staging_},
      ingest_{config.mine, config.times, *stores_->store, staging_, *this},
      session_{link, config_},
      keys_{wake},
      requests_{acknowledgements_max, std::move(wake)} {}

Status Core::restore(Now now) {
  now_ = now;
  auto journal = stores_->journal->load();
  if (!journal) return fail(journal.error());
  const auto inventory = stores_->store->load();
  if (!inventory) return fail(inventory.error());
  book_.restore(journal->standing, journal->last_seq, journal->since);
  recorder_.start_after(journal->last_seq);
  if (auto restored = ingest_.restore(*inventory, now); !restored) return restored;
  for (const Alarm& alarm : journal->standing) {
    news_.take(alarm);
    if (alarm.source == AlarmSource::gateway) ingest_.restore_alarm(alarm.gateway, alarm.kind, now);
  }
  listener_.on_points(changed_points_);
  changed_points_.clear();
  for (const std::string& name : ingest_.gateways()) listener_.on_gateway(status_of(name));
  listener_.on_standing(journal->standing);
  health_told_ = health();
  listener_.on_health(health_told_);
  log::info("history_restored", {{"gateways", inventory->gateways.size()},
                                 {"points", inventory->points.size()},
                                 {"standing_alarms", journal->standing.size()}});
  return {};
}

void Core::step(Now now) {
  now_ = now;
  session_.step(now);
  take_requests();
  take_messages();
  keys_.step(
      [this](const std::string& gateway, const Command& command) { return send_key(gateway, command); }, now);
  ingest_.step(now);
  book_.step(now);
  record();
  send_acks();
  tell();
  answer();
}

SteadyTime Core::next_due() const {
  if (session_.waiting() || requests_.size() > 0) return now_.steady;
  SteadyTime due = std::min(
      {session_.next_due(), ingest_.next_due(), book_.next_due(), recorder_.next_due(), news_.next_due()});
  for (const Waiting& one : waiting_) due = std::min(due, one.until);
  due = std::min(due, keys_.next_due(now_.steady));
  if (overloaded_until_ > now_.steady) due = std::min(due, overloaded_until_);
  return due;
}

void Core::take_messages() {
  BrokerSession::Happened happened;
  for (std::size_t n = 0; n < messages_per_step_max && session_.take(happened); ++n) {
    if (const auto* message = std::get_if<LinkMessage>(&happened)) {
      ingest_.on_message(*message, now_);
    } else {
      ingest_.link_changed(std::holds_alternative<LinkUp>(happened), now_);
    }
  }
  if (session_.let_go() == let_go_seen_) return;
  let_go_seen_ = session_.let_go();
  overloaded_until_ = now_.steady + overload_hold;
}

void Core::take_requests() {
  requests_.drain(taken_requests_);
  for (AcknowledgeRequest& request : taken_requests_) {
    if (recorder_.failure()) {
      request.done(fail(Errc::unavailable,
                        "the acknowledgement cannot be put on record: " + recorder_.failure()->message));
      continue;
    }
    auto done = book_.acknowledge(request.occurrence, request.seq, request.user, request.comment, now_);
    if (done) {
      waiting_.push_back({std::move(*done), std::move(request.done), now_.steady + acknowledge_wait});
    } else {
      request.done(std::move(done));
    }
  }
  taken_requests_.clear();
}

// Commits first, and only then is anything acked or told.
void Core::record() {
  auto entries = book_.take_changes();
  untold_.insert(untold_.end(), entries.begin(), entries.end());
  recorder_.add(std::move(entries));
  recorder_.add_peaks(book_.take_peaks());
  for (const BlockRow& block : recorder_.step(now_)) {
    on_known_block(ingest_.name_of(block.gateway), block.stream, block.seq);
  }
}

void Core::on_known_block(const std::string& gateway, StreamId stream, Seq seq) {
  const auto range = stores_->store->received(stream).containing(to_number(seq));
  if (range) acks_.add(gateway, ingest_.uuid_of(stream), *range);
}

// Acks are what a gateway takes for the host's word. Without this one it would find out with its next probe
// only, minutes later after a long absence.
void Core::on_gateway_found(const std::string& gateway, const Uuid& stream,
                            std::optional<StreamId> known_as) {
  acks_.greet(gateway, stream, known_as ? stores_->store->received(*known_as) : RangeSet{});
}

void Core::send_acks() {
  while (session_.up() && !acks_.empty()) {
    const AckBook::Due due = acks_.take_one();
    const std::string to = topic(config_.mine, due.gateway, TopicKind::ack);
    for (const std::string& message : AckBook::encode(due)) {
      if (session_.publish(to, message)) continue;
      acks_.put_back(due);
      return;
    }
  }
}

// On record twice: here, and in the audit of who asked.
Status Core::send_key(const std::string& gateway, const Command& command) {
  const auto known = ingest_.gateways();
  if (std::ranges::find(known, gateway) == known.end())
    return fail(Errc::not_found, "there is no gateway " + gateway);
  const Presence presence = ingest_.status(gateway).presence;
  if (presence == Presence::offline || presence == Presence::silent)
    return fail(Errc::unavailable, "gateway " + gateway + " cannot be reached now");
  const Status sent =
      session_.publish(topic(config_.mine, gateway, TopicKind::command), encode_command(command));
  log::warn("fan_key_asked", {{"gateway", gateway},
                              {"command", command.id},
                              {"lock", command.lock},
                              {"operator", command.operator_name},
                              {"reason", command.reason},
                              {"sent", sent.has_value()}});
  return sent;
}

void Core::on_command(const std::string& gateway, const Command& command) {
  const auto sent =
      session_.publish(topic(config_.mine, gateway, TopicKind::command), encode_command(command));
  log::info("command", {{"gateway", gateway},
                        {"command", command.id},
                        {"reason", command.reason},
                        {"sent", sent.has_value()}});
}

void Core::on_point(const HostPoint& point) {
  latest_.define(point.id);
  if (point.withdrawn) {
    book_.withdraw(point.id, now_);
  } else {
    book_.define(point.id, point.gateway, point.point, now_);
  }
  changed_points_.push_back(point);
}

void Core::on_readings(std::span<const JudgedReading> readings) {
  for (const JudgedReading& reading : readings) {
    latest_.take(reading, now_);
    const PointReading judged{reading.point, reading.value, reading.quality, reading.at};
    if (reading.live) {
      book_.on_live(judged, now_);
    } else {
      book_.on_historic(judged, now_);
    }
  }
}

void Core::on_gateway_alarm(const std::string& name, const std::string& kind, bool active,
                            const std::string& reason, std::uint8_t priority) {
  book_.gateway_alarm(name, kind, active, reason, priority, now_);
  if (std::ranges::find(trust_kinds, kind) == std::end(trust_kinds)) return;
  if (active) {
    distrusted_.emplace(name, kind);
  } else {
    distrusted_.erase({name, kind});
  }
}

void Core::tell() {
  if (!changed_points_.empty()) listener_.on_points(changed_points_);
  changed_points_.clear();
  if (const auto& values = latest_.take_changed(); !values.empty()) listener_.on_values(values);
  for (const JournalEntry& entry : untold_) {
    news_.take(entry.alarm);
    listener_.on_alarm(entry);
  }
  untold_.clear();
  for (const std::string& name : news_.take_due(now_.steady)) listener_.on_gateway(status_of(name));
  tell_health();
}

void Core::answer() {
  std::erase_if(waiting_, [this](Waiting& one) {
    if (one.alarm.seq <= recorder_.recorded_seq()) {
      one.done(std::move(one.alarm));
      return true;
    }
    if (now_.steady < one.until) return false;
    one.done(fail(Errc::unavailable, "acknowledged, but not on record yet: the history cannot be written"));
    return true;
  });
}

GatewayStatus Core::status_of(const std::string& gateway) const {
  GatewayStatus status = ingest_.status(gateway);
  const bool unseen = status.presence == Presence::offline || status.presence == Presence::silent;
  status.blind_points = unseen ? status.points : news_.blind_points(gateway);
  return status;
}

HostHealth Core::health() const {
  HostHealth health{.broker_up = session_.up(), .storing = !recorder_.failure(), .reasons = {}};
  if (!health.broker_up) {
    health.reasons.push_back("no connection to the broker (" + session_.trouble() +
                             "): no gateway can be seen");
  }
  if (!health.storing) {
    health.reasons.push_back("the history cannot be written (" + recorder_.failure()->message +
                             "): nothing is acked, gateways keep their data; make room or mend the disk");
  }
  if (now_.steady < overloaded_until_) {
    health.reasons.push_back("more arrives than the host can take: " + std::to_string(session_.let_go()) +
                             " blocks were left to their gateways so far");
  }
  for (const auto& [gateway, kind] : distrusted_) {
    const bool ours = gateway == host_alarm_name;
    health.reasons.push_back((ours ? "this host: " : "gateway " + gateway + ": ") + kind + ": see its alarm");
  }
  return health;
}

void Core::tell_health() {
  HostHealth now = health();
  if (now == health_told_) return;
  health_told_ = std::move(now);
  listener_.on_health(health_told_);
}

void Core::stop(Now now) {
  now_ = now;
  take_requests();
  record();
  send_acks();
  tell();
  keys_.stop();
  for (Waiting& one : waiting_) one.until = now.steady;
  answer();
  session_.stop();
}

}  // namespace davy
