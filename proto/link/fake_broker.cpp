#include "proto/link/fake_broker.hpp"

#include <algorithm>
#include <utility>

#include "proto/base/assert.hpp"

namespace davy {
namespace {

std::string_view take_level(std::string_view& rest) {
  const auto slash = rest.find('/');
  const auto level = rest.substr(0, slash);
  rest = slash == std::string_view::npos ? std::string_view{} : rest.substr(slash + 1);
  return level;
}

}  // namespace

bool topic_matches(std::string_view filter, std::string_view topic) {
  const auto levels = [](std::string_view text) { return std::ranges::count(text, '/') + 1; };
  const auto wanted = levels(filter);
  const auto given = levels(topic);
  for (auto level = 0; level < wanted; ++level) {
    const auto want = take_level(filter);
    if (want == "#") return true;
    if (level >= given) return false;
    const auto have = take_level(topic);
    if (want != "+" && want != have) return false;
  }
  return wanted == given;
}

bool FakeBroker::later(const Job& a, const Job& b) {
  return std::pair{a.due, a.order} > std::pair{b.due, b.order};
}

void FakeBroker::step(SteadyTime now) {
  DAVY_ASSERT(now >= now_);
  while (!jobs_.empty() && jobs_.front().due <= now) {
    now_ = std::max(now_, jobs_.front().due);
    std::ranges::pop_heap(jobs_, later);
    Job job = std::move(jobs_.back());
    jobs_.pop_back();
    run(job);
  }
  now_ = now;
}

SteadyTime FakeBroker::next_due() const { return jobs_.empty() ? never : jobs_.front().due; }

void FakeBroker::add(Job job, Duration after) {
  job.due = now_ + after;
  job.order = ++order_;
  jobs_.push_back(std::move(job));
  std::ranges::push_heap(jobs_, later);
}

void FakeBroker::run(Job& job) {
  if (job.session != 0 && !sessions_.contains(job.session)) return;  // died with its connection
  using enum Job::Kind;
  switch (job.kind) {
    case connect: return accept(job);
    case from_client:
      if (sessions_.at(job.session).silent) return;
      if (job.filter) return subscribe(job.session, *job.filter);
      log.push_back(job.message);
      log.back().at = now_;
      add({.session = job.session, .kind = to_client, .event = LinkSent{job.token}}, random_delay());
      if (!chance(faults.drop)) spread(job.message);
      return;
    case to_client: {
      const Session& session = sessions_.at(job.session);
      if (session.link == nullptr || session.silent) return;
      session.link->events_.push_back(std::move(job.event));
      return;
    }
    case client_gives_up: {
      FakeLink* link = std::exchange(sessions_.at(job.session).link, nullptr);
      if (link == nullptr) return;
      link->session_ = 0;
      link->up_ = false;
      link->events_.push_back(std::move(job.event));
      if (std::ranges::none_of(clients_, [&](const auto& c) { return c.second == job.session; })) {
        sessions_.erase(job.session);  // it never got as far as the broker
      }
      return;
    }
    case broker_gives_up: return bury(job.session, std::nullopt);
  }
}

std::uint64_t FakeBroker::open(FakeLink& link, const LinkSettings& settings) {
  const std::uint64_t session = ++sessions_made_;
  sessions_.emplace(session, Session{.link = &link, .settings = settings, .filters = {}});
  if (reachable_) {
    add({.session = session, .kind = Job::Kind::connect}, random_delay());
  } else {
    add({.session = session,
         .kind = Job::Kind::client_gives_up,
         .event = LinkDown{settings.host + ": no answer within 10 s"}},
        connect_wait);
  }
  return session;
}

void FakeBroker::accept(const Job& job) {
  Session& session = sessions_.at(job.session);
  if (refusal_) return drop(job.session, *refusal_);
  if (const auto old = find(session.settings.client_id); old != 0) {
    drop(old, "another client has connected with the same name");
  }
  clients_.emplace(session.settings.client_id, job.session);
  session.link->up_ = true;
  session.link->events_.push_back(LinkUp{});
  if (kick_after_connect_) drop(job.session, "broker closed the connection");
}

void FakeBroker::close(std::uint64_t session) {
  const auto at = sessions_.find(session);
  if (at == sessions_.end()) return;
  at->second.settings.will_topic.clear();
  at->second.link = nullptr;
  bury(session, std::nullopt);
}

void FakeBroker::drop(std::uint64_t session, const std::string& reason) { bury(session, reason); }

// Takes the connection out; tells the client if it has a reason for it, and everybody else its will.
void FakeBroker::bury(std::uint64_t number, const std::optional<std::string>& reason) {
  const auto at = sessions_.find(number);
  if (at == sessions_.end()) return;
  const Session session = std::move(at->second);
  sessions_.erase(at);
  const bool was_connected = std::erase_if(clients_, [&](const auto& c) { return c.second == number; }) > 0;
  if (session.link != nullptr) {
    session.link->session_ = 0;
    session.link->up_ = false;
    if (reason) session.link->events_.push_back(LinkDown{*reason});
  }
  if (!was_connected || session.settings.will_topic.empty()) return;
  Published will{now_, session.settings.client_id, session.settings.will_topic, session.settings.will_payload,
                 true};
  log.push_back(will);
  spread(will);
}

void FakeBroker::cut(std::string_view client_id, const std::string& reason) {
  if (const auto session = find(client_id); session != 0) drop(session, reason);
}

void FakeBroker::cut_all(const std::string& reason) {
  while (!sessions_.empty()) drop(sessions_.begin()->first, reason);
}

void FakeBroker::silence(std::string_view client_id) {
  const auto number = find(client_id);
  if (number == 0) return;
  Session& session = sessions_.at(number);
  session.silent = true;
  const Duration keep_alive = std::chrono::seconds{session.settings.keep_alive_s};
  add({.session = number,
       .kind = Job::Kind::client_gives_up,
       .event = LinkDown{session.settings.host + ": no answer within the keep-alive"}},
      keep_alive);
  add({.session = number, .kind = Job::Kind::broker_gives_up}, keep_alive * 3 / 2);
}

void FakeBroker::publish(const std::string& topic, const std::string& payload, bool retained) {
  log.push_back({now_, "", topic, payload, retained});
  spread(log.back());
}

const std::string* FakeBroker::retained(const std::string& topic) const {
  const auto at = retained_.find(topic);
  return at == retained_.end() ? nullptr : &at->second;
}

bool FakeBroker::connected(std::string_view client_id) const { return find(client_id) != 0; }

std::uint64_t FakeBroker::find(std::string_view client_id) const {
  const auto at = clients_.find(client_id);
  return at == clients_.end() ? 0 : at->second;
}

void FakeBroker::subscribe(std::uint64_t number, const std::string& filter) {
  sessions_.at(number).filters.push_back(filter);
  for (const auto& [topic, payload] : retained_) {
    if (topic_matches(filter, topic)) deliver(number, {topic, payload, true});
  }
}

void FakeBroker::spread(const Published& message) {
  if (message.retained && message.payload.empty()) retained_.erase(message.topic);
  if (message.retained && !message.payload.empty()) retained_[message.topic] = message.payload;
  for (const auto& [number, session] : sessions_) {
    const bool wanted =
        std::ranges::any_of(session.filters, [&](const auto& f) { return topic_matches(f, message.topic); });
    if (wanted) deliver(number, {message.topic, message.payload, false});
  }
}

void FakeBroker::deliver(std::uint64_t session, LinkMessage message) {
  const bool twice = chance(faults.duplicate);
  if (twice) add({.session = session, .kind = Job::Kind::to_client, .event = message}, random_delay());
  add({.session = session, .kind = Job::Kind::to_client, .event = std::move(message)}, random_delay());
}

void FakeBroker::from_client(std::uint64_t session, Published message, std::uint64_t token,
                             std::optional<std::string> filter) {
  add({.session = session,
       .kind = Job::Kind::from_client,
       .message = std::move(message),
       .token = token,
       .filter = std::move(filter)},
      random_delay());
}

// The distributions of the standard library differ between machines; these do not.
Duration FakeBroker::random_delay() {
  const auto span = static_cast<std::uint64_t>((faults.delay_max - faults.delay_min).count());
  if (faults.delay_max <= faults.delay_min) return faults.delay_min;
  return faults.delay_min + Duration{static_cast<std::int64_t>(random_() % (span + 1))};
}

bool FakeBroker::chance(double share) {
  return share > 0 && static_cast<double>(random_() >> 11U) * 0x1p-53 < share;
}

FakeLink::~FakeLink() {
  if (session_ != 0) broker_.bury(session_, "destroyed");
}

Status FakeLink::connect(const LinkSettings& settings) {
  ++connects_;
  disconnect();
  session_ = broker_.open(*this, settings);
  return {};
}

void FakeLink::disconnect() {
  if (session_ != 0) broker_.close(session_);
  session_ = 0;
  up_ = false;
  events_.clear();
}

Status FakeLink::publish(std::uint64_t token, std::string_view topic, std::string_view payload,
                         bool retained) {
  if (!up_) return fail(Errc::disconnected, "publish: the link is down");
  if (payload.size() > link_payload_max) return fail(Errc::bad_data, "publish: message is too big");
  FakeBroker::Published message{{},
                                broker_.sessions_.at(session_).settings.client_id,
                                std::string{topic},
                                std::string{payload},
                                retained};
  broker_.from_client(session_, std::move(message), token, std::nullopt);
  return {};
}

Status FakeLink::subscribe(std::string_view filter) {
  if (!up_) return fail(Errc::disconnected, "subscribe: the link is down");
  broker_.from_client(session_, {}, 0, std::string{filter});
  return {};
}

void FakeLink::poll(std::vector<LinkEvent>& out) {
  out.clear();
  std::swap(out, events_);
}

}  // namespace davy
