#include "host/api/live_hub.hpp"

#include <utility>
#include <vector>

#include "host/api/http_message.hpp"
#include "host/api/json_view.hpp"
#include "proto/base/log.hpp"

namespace davy {
namespace {

// The fields after "type" and "seq": everything of the object but its opening brace.
std::shared_ptr<const std::string> tail_of(const json::object& object) {
  return std::make_shared<const std::string>(json::serialize(object).substr(1));
}

}  // namespace

LiveHub::LiveHub(About about, const Mirror& mirror, InForce in_force)
    : about_{std::move(about)}, mirror_{mirror}, in_force_{std::move(in_force)} {}

void LiveHub::send(Client& to, LiveClient& client, const char* type, const Tail& tail) {
  client.send({std::string{"{\"type\":\""} + type + "\",\"seq\":" + std::to_string(++to.seq) + ",", tail});
}

bool LiveHub::holds_up(const LiveClient& client, Now now) {
  const auto since = client.stuck_since();
  if (!since) return false;
  if (client.waiting_bytes() > waiting_limit || now.steady - *since > silent_max) return true;
  return client.waiting_bytes() > waiting_max && now.steady - *since > stuck_max;
}

void LiveHub::send_all(const char* type, const Tail& tail, Now now) {
  for (auto at = clients_.begin(); at != clients_.end();) {
    const auto client = at->second.client.lock();
    const bool slow = client && holds_up(*client, now);
    if (slow) {
      log::warn("live_client_cut", {{"why", "does not read"}, {"waiting_bytes", client->waiting_bytes()}});
      client->cut("does not read what it is sent");
    }
    if (!client || slow) {
      at = clients_.erase(at);
      continue;
    }
    send(at->second, *client, type, tail);
    ++at;
  }
}

void LiveHub::add(const std::shared_ptr<LiveClient>& client, const std::string& session_hash, Now now) {
  Client& one = clients_[next_client_++];
  one.client = client;
  one.session_hash = session_hash;
  const json::object hello{{"server_ms", to_ms(now.wall)},       {"mine", clean_utf8(about_.mine)},
                           {"version", about_.version},          {"beat_ms", beat_every.count()},
                           {"points", points_json(mirror_)},     {"values", values_json(mirror_, now)},
                           {"gateways", gateways_json(mirror_)}, {"alarms", alarms_json(mirror_)}};
  send(one, *client, "hello", tail_of(hello));
}

void LiveHub::on_points(const std::set<HostPointId>& ids, Now now) {
  json::array points;
  for (const HostPointId id : ids) {
    if (const HostPoint* point = mirror_.point(id)) points.push_back(to_json(*point));
  }
  send_all("points", tail_of({{"server_ms", to_ms(now.wall)}, {"points", std::move(points)}}), now);
}

void LiveHub::on_gateway(const GatewayStatus& status, Now now) {
  send_all("gateway", tail_of({{"server_ms", to_ms(now.wall)}, {"gateway", to_json(status)}}), now);
}

void LiveHub::on_alarm(const JournalEntry& entry, Now now) {
  const HostPoint* point = mirror_.point(entry.alarm.point);
  send_all("alarm",
           tail_of({{"server_ms", to_ms(now.wall)},
                    {"alarm", to_json(entry.alarm, point)},
                    {"entry", to_json(entry, point)}}),
           now);
}

LiveHub::Tail LiveHub::values_tail(const std::set<HostPointId>& ids, Now now) const {
  json::array values;
  for (const HostPointId id : ids) {
    const auto at = mirror_.values().find(id);
    if (at != mirror_.values().end()) values.push_back(to_json(at->second, mirror_, now));
  }
  return tail_of({{"server_ms", to_ms(now.wall)}, {"values", std::move(values)}});
}

void LiveHub::send_values(Now now) {
  const std::set<HostPointId> changed = std::exchange(changed_, {});
  const Tail shared = changed.empty() || clients_.empty() ? nullptr : values_tail(changed, now);
  for (auto& [id, one] : clients_) {
    const auto client = one.client.lock();
    if (!client) continue;  // beat() forgets it
    if (client->stuck_since()) {
      one.behind.insert(changed.begin(), changed.end());
    } else if (!one.behind.empty()) {
      one.behind.insert(changed.begin(), changed.end());
      send(one, *client, "values", values_tail(std::exchange(one.behind, {}), now));
    } else if (shared) {
      send(one, *client, "values", shared);
    }
  }
}

void LiveHub::beat(Now now) {
  std::erase_if(clients_, [&](auto& entry) {
    const auto client = entry.second.client.lock();
    if (client && in_force_(entry.second.session_hash)) return false;
    if (client) client->cut("the session is over");
    return true;
  });
  send_all("beat", tail_of({{"server_ms", to_ms(now.wall)}}), now);
}

void LiveHub::cut_all(const std::string& why) {
  for (auto& [id, one] : clients_) {
    if (const auto client = one.client.lock()) client->cut(why);
  }
  clients_.clear();
}

}  // namespace davy
