#include "host/ingest/ingest.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "proto/base/log.hpp"

namespace davy {

Ingest::Ingest(std::string mine, const HostTimes& times, BlockStore& store, Staging& staging,
               IngestSink& sink)
    : mine_{std::move(mine)},
      times_{times},
      store_{store},
      staging_{staging},
      sink_{sink},
      births_{store, points_, staging},
      stream_uuids_(1),
      gateway_names_(1) {}

Status Ingest::restore(const Inventory& inventory, Now now) {
  link_since_ = now.steady;
  std::map<GatewayId, GatewayRecord*> by_id;
  for (const GatewayRow& row : inventory.gateways) {
    if (to_number(row.id) != gateways_.size() + 1) return fail(Errc::corrupt, "the history lacks a gateway");
    GatewayRecord& g = gateways_[row.name];
    g.row = row;
    g.status.name = row.name;
    g.status.since = now.wall;
    g.heard = now.steady;
    by_id[row.id] = &g;
    gateway_names_.push_back(row.name);
  }
  for (const StreamRow& row : inventory.streams) {
    if (!by_id.contains(row.gateway) || to_number(row.id) != stream_uuids_.size()) {
      return fail(Errc::corrupt,
                  "stream " + std::to_string(to_number(row.id)) + " of the history belongs to nobody");
    }
    by_id[row.gateway]->streams[row.uuid].id = row.id;
    stream_uuids_.push_back(row.uuid);
    if (auto found = restore_newest(*by_id[row.gateway], row.id); !found) return found;
  }
  for (const ClockRow& row : inventory.clocks) {
    if (by_id.contains(row.gateway)) by_id[row.gateway]->clocks.restore(row);
  }
  births_.start_after(inventory.births_made);
  return restore_points(inventory, by_id, now);
}

// Blocks below the highest one that is stored were overtaken by it, in this life of the host or in one
// before.
Status Ingest::restore_newest(GatewayRecord& g, StreamId stream) {
  const auto ranges = store_.received(stream).ranges();
  if (ranges.empty()) return {};
  const auto began = store_.began(stream, Seq{ranges.back().last});
  if (!began) return fail(began.error());
  if (!*began) return {};
  g.newest_stream = stream;
  g.newest_seq = ranges.back().last;
  g.newest_opened = **began;
  return {};
}

Status Ingest::restore_points(const Inventory& inventory, const std::map<GatewayId, GatewayRecord*>& by_id,
                              Now now) {
  std::map<BirthId, Birth> births;
  for (const BirthRow& row : inventory.births) {
    Hash hash{};
    auto birth = decode_birth(row.message, hash);
    if (birth) births[row.id] = std::move(*birth);
    if (!birth)
      log::error("history_birth_unreadable",
                 {{"birth", to_number(row.id)}, {"error", birth.error().message}});
  }
  for (const PointRow& row : inventory.points) {
    const auto g = by_id.find(row.gateway);
    if (g == by_id.end() || to_number(row.id) != points_.all().size() + 1) {
      return fail(Errc::corrupt,
                  "point " + std::to_string(to_number(row.id)) + " of the history belongs to nobody");
    }
    const auto birth = births.find(row.birth);
    const bool readable = birth != births.end() && row.position < birth->second.points.size();
    points_.restore(row, g->second->row.name, readable ? &birth->second.points[row.position] : nullptr);
  }
  for (const BirthRow& row : inventory.births) {
    const auto g = by_id.find(row.gateway);
    if (g == by_id.end() || g->second->row.birth != row.id || !births.contains(row.id)) continue;
    const auto known = births_.find(row.hash);
    if (!known) return fail(known.error());
    if (*known != nullptr) adopt(*g->second, row.hash, **known, births[row.id], now);
  }
  for (const auto& entry : points_.all()) {
    if (entry.shown.withdrawn) sink_.on_point(entry.shown);
  }
  return {};
}

void Ingest::restore_alarm(const std::string& name, const std::string& kind, Now now) {
  const auto at = gateways_.find(name);
  if (at != gateways_.end() && (kind == "offline" || kind == "silent")) {
    at->second.alarmed = true;
  } else if (at != gateways_.end() && kind == "clock") {
    at->second.clock_alarmed = true;
  } else if (name != host_alarm_name) {
    notes_.keep(name, kind, now);
  }
}

void Ingest::on_message(const LinkMessage& message, Now now) {
  const auto topic = parse_topic(message.topic);
  if (!topic) return distrust(nullptr, message, topic.error().message, now);
  if (topic->mine != mine_) return distrust(nullptr, message, "it is for mine '" + topic->mine + "'", now);
  GatewayRecord* g = gateway(topic->gateway, now);
  if (g == nullptr) return distrust(nullptr, message, "there are more gateways than the host can take", now);
  switch (topic->kind) {
    case TopicKind::birth: return on_birth(*g, message, now);
    case TopicKind::state: return on_state(*g, message, now);
    case TopicKind::block: return on_block(*g, message, now);
    case TopicKind::reply: return on_reply(*g, message, now);
    case TopicKind::ack:
    case TopicKind::command: return;  // from the host itself; it does not subscribe to them
  }
}

void Ingest::on_reply(GatewayRecord& g, const LinkMessage& message, Now now) {
  const auto reply = decode_reply(message.payload);
  if (!reply) return distrust(&g, message, reply.error().message, now);
  if (message.retained) return;
  hear(g, now);
  sink_.on_reply(g.row.name, *reply);
  if (reply->outcome == Outcome::done) return;
  log::warn("command_refused", {{"gateway", g.row.name}, {"command", reply->id}, {"reason", reply->message}});
}

// Null when there are too many: names come from the network.
GatewayRecord* Ingest::gateway(const std::string& name, Now now) {
  if (const auto at = gateways_.find(name); at != gateways_.end()) return &at->second;
  if (gateways_.size() >= gateways_max) return nullptr;
  GatewayRecord& g = gateways_[name];
  g.row = {.id = GatewayId{static_cast<std::uint32_t>(gateways_.size())},
           .name = name,
           .birth = {},
           .quarantined = 0};
  g.status.name = name;
  g.status.since = now.wall;
  g.heard = now.steady;
  silence_due_ = std::min(silence_due_, now.steady + times_.silent_after);
  gateway_names_.push_back(name);
  stage_row(g);
  sink_.on_gateway(name, true);
  log::info("gateway_first_seen", {{"gateway", name}});
  return &g;
}

void Ingest::stage_row(const GatewayRecord& g) {
  auto& rows = staging_.batch.gateways;
  const auto at = std::ranges::find(rows, g.row.id, &GatewayRow::id);
  if (at != rows.end()) {
    *at = g.row;
  } else {
    rows.push_back(g.row);
  }
}

// Neither stored as data nor acked: if it is a mistake the gateway still has it, if it is a forgery it is
// evidence.
void Ingest::distrust(GatewayRecord* from, const LinkMessage& message, const std::string& reason, Now now) {
  const std::string name = from != nullptr ? from->row.name : std::string{};
  QuarantineGate& gate = from != nullptr ? from->quarantine : nobody_;
  if (from != nullptr) ++from->row.quarantined;
  if (auto row = gate.pass(name, message.topic, message.payload, reason, now)) {
    log::warn("quarantined", {{"gateway", name}, {"topic", row->topic}, {"reason", reason}});
    if (staging_.has_room()) staging_.add(std::move(*row));
    if (from != nullptr) stage_row(*from);
  }
  if (from == nullptr) return;
  note(*from, "untrusted", "sends what cannot be trusted: " + reason, 2, now);
  sink_.on_gateway(name, false);
}

void Ingest::note(GatewayRecord& g, const char* kind, const std::string& reason, std::uint8_t priority,
                  Now now) {
  notes_.keep(g.row.name, kind, now);
  sink_.on_gateway_alarm(g.row.name, kind, true, reason, priority);
}

void Ingest::send(const std::string& name, const std::optional<Command>& command) {
  if (command) sink_.on_command(name, *command);
}

void Ingest::step(Now now) {
  for (const GatewayNotes::Note& over : notes_.take_over(now)) {
    sink_.on_gateway_alarm(over.gateway, over.kind, false, "did not happen again", 4);
  }
  watch_link(now);
  watch_silence(now);
}

SteadyTime Ingest::next_due() const { return std::min({notes_.next_due(), silence_due_, link_stable_due_}); }

GatewayStatus Ingest::status(const std::string& name) const {
  const auto at = gateways_.find(name);
  if (at == gateways_.end()) return {.name = name};
  GatewayStatus status = at->second.status;
  status.quarantined_blocks = at->second.row.quarantined;
  for (const auto& [uuid, stream] : at->second.streams)
    status.missing_blocks += store_.missing_count(stream.id);
  return status;
}

std::vector<std::string> Ingest::gateways() const {
  std::vector<std::string> names;
  std::ranges::transform(gateways_, std::back_inserter(names), [](const auto& g) { return g.first; });
  return names;
}

}  // namespace davy
