#include "host/core/broker_session.hpp"

#include <algorithm>
#include <functional>
#include <utility>

#include "proto/base/log.hpp"
#include "proto/wire/topics.hpp"

namespace davy {
namespace {

LinkSettings settings_of(const HostConfig& config) {
  LinkSettings settings;
  settings.host = config.broker.host;
  settings.port = config.broker.port;
  settings.client_id = config.broker.client_id;
  settings.tls = config.broker.tls;
  settings.keep_alive_s = config.broker.keep_alive_s;
  return settings;
}

// Births before blocks: retained ones are then known when the first block needs them.
std::vector<std::string> filters_of(const HostConfig& config) {
  std::vector<std::string> out;
  for (const TopicKind kind : {TopicKind::birth, TopicKind::state, TopicKind::reply, TopicKind::block}) {
    out.push_back(topic_filter(config.mine, kind));
  }
  return out;
}

}  // namespace

BrokerSession::BrokerSession(MqttLink& link, const HostConfig& config)
    : link_{link},
      settings_{settings_of(config)},
      filters_{filters_of(config)},
      block_ending_{"/block"},
      jitter_{static_cast<std::uint32_t>(std::hash<std::string>{}(config.broker.client_id))},
      trouble_{"not connected yet"} {}

void BrokerSession::step(Now now) {
  events_.clear();
  link_.poll(events_);
  for (LinkEvent& event : events_) {
    if (std::holds_alternative<LinkUp>(event)) {
      on_up(now);
    } else if (const auto* down = std::get_if<LinkDown>(&event)) {
      if (state_ != State::down) on_down(down->reason, now);
    } else if (auto* message = std::get_if<LinkMessage>(&event)) {
      hold(std::move(*message));
    }
  }
  // After the poll: what it told was about the connection before.
  if (state_ == State::down && now.steady >= connect_at_) connect(now);
}

SteadyTime BrokerSession::next_due() const { return state_ == State::down ? connect_at_ : never; }

void BrokerSession::connect(Now now) {
  state_ = State::connecting;
  if (const auto started = link_.connect(settings_); !started) on_down(started.error().message, now);
}

void BrokerSession::on_up(Now now) {
  for (const std::string& filter : filters_) {
    if (const auto done = link_.subscribe(filter); !done) {
      link_.disconnect();
      return on_down("subscribe " + filter + ": " + done.error().message, now);
    }
  }
  state_ = State::up;
  up_since_ = now.steady;
  trouble_.clear();
  log::info("broker_up", {{"broker", settings_.host}, {"port", settings_.port}});
  waiting_.emplace_back(LinkUp{});
}

void BrokerSession::on_down(const std::string& reason, Now now) {
  if (state_ == State::up) {
    waiting_.emplace_back(LinkDown{reason});
    if (now.steady - up_since_ >= stable_after) wait_ = wait_min;
  }
  state_ = State::down;
  trouble_ = reason;
  // Hosts and gateways that lost the same broker must not come back in step.
  connect_at_ = now.steady + wait_ +
                Duration{std::uniform_int_distribution<std::int64_t>{0, wait_.count() / 4}(jitter_)};
  wait_ = std::min(2 * wait_, wait_max);
  log::warn("broker_down", {{"broker", settings_.host}, {"port", settings_.port}, {"reason", reason}});
}

void BrokerSession::hold(LinkMessage message) {
  const std::size_t size = message.payload.size() + message.topic.size();
  if (waiting_bytes_ + size > waiting_bytes_max && message.topic.ends_with(block_ending_)) {
    ++let_go_;
    return;
  }
  waiting_bytes_ += size;
  waiting_.emplace_back(std::move(message));
}

bool BrokerSession::take(Happened& out) {
  if (waiting_.empty()) return false;
  out = std::move(waiting_.front());
  waiting_.pop_front();
  if (const auto* message = std::get_if<LinkMessage>(&out)) {
    waiting_bytes_ -= message->payload.size() + message->topic.size();
  }
  return true;
}

Status BrokerSession::publish(std::string_view topic, std::string_view payload) {
  if (!up()) return fail(Errc::disconnected, trouble_);
  return link_.publish(++token_, topic, payload, false);
}

void BrokerSession::stop() {
  if (state_ != State::down) link_.disconnect();
  state_ = State::down;
  connect_at_ = never;
}

}  // namespace davy
