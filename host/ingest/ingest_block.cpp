#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "host/ingest/ingest.hpp"
#include "proto/base/log.hpp"
#include "proto/wire/hash.hpp"

namespace davy {
namespace {

struct Span {
  WallTime oldest{WallTime::max()};
  WallTime youngest{WallTime::min()};

  void add(WallTime t) {
    oldest = std::min(oldest, t);
    youngest = std::max(youngest, t);
  }
};

// When the block's entries say they happened; when it was opened if there are none.
Span span_of(const Block& block) {
  Span span;
  for (const Sample& s : block.samples) span.add(s.source_time);
  for (const Sighting& s : block.sightings) span.add(s.source_time);
  for (const Event& e : block.events) span.add(e.at);
  if (block.entries() == 0) span.add(block.header.opened_at);
  return span;
}

std::uint32_t index_end(const std::vector<Sample>& samples) {
  std::uint32_t end = 0;
  for (const Sample& s : samples) end = std::max(end, static_cast<std::uint32_t>(s.point) + 1);
  return end;
}

}  // namespace

void Ingest::on_block(GatewayRecord& g, const LinkMessage& message, Now now) {
  if (message.payload.size() > envelope_size_max) {
    return distrust(&g, message, "block: " + std::to_string(message.payload.size()) + " bytes are too many",
                    now);
  }
  if (const auto decoded = decoder_.decode_into(message.payload, block_, hash_); !decoded) {
    return distrust(&g, message, decoded.error().message, now);
  }
  if (const auto fits = check_header(g); !fits)
    return distrust(&g, message, "block: " + fits.error().message, now);
  // What comes after a good-bye or last will may still have been under way.
  if (!message.retained && g.status.presence != Presence::offline) hear(g, now);

  const auto known_stream = g.streams.find(block_.header.stream);
  if (known_stream != g.streams.end() && is_known(g, known_stream->second, message, now)) return;
  const auto birth = births_.find(block_.header.birth);
  if (!birth)
    return log::error("birth_unreadable", {{"gateway", g.row.name}, {"error", birth.error().message}});
  if (*birth == nullptr) return send(g.row.name, rebirths_.want(g.row.name, block_.header.birth, now));
  if ((*birth)->gateway != g.row.id)
    return distrust(&g, message, "block: its birth is another gateway's", now);
  if (index_end(block_.samples) > (*birth)->points.size()) {
    return distrust(&g, message, "block: it names a point that its birth does not have", now);
  }
  StreamRecord* into = stream(g, block_.header.stream, now);
  if (into == nullptr)
    return distrust(&g, message, "block: it makes more streams or holes than can be kept", now);
  take(g, *into, **birth, message, now);
}

Status Ingest::check_header(const GatewayRecord& g) const {
  const BlockHeader& header = block_.header;
  if (header.gateway != g.row.name)
    return fail(Errc::bad_data, "it says it is from gateway '" + header.gateway + "'");
  const std::uint64_t seq = to_number(header.seq);
  if (seq == 0 || seq > seq_max)
    return fail(Errc::bad_data, "its number " + std::to_string(seq) + " is impossible");
  return {};
}

// Counted already? Then it changes nothing: it is acked again, or its first ack is on the way.
bool Ingest::is_known(GatewayRecord& g, const StreamRecord& stream, const LinkMessage& message, Now now) {
  const Seq seq = block_.header.seq;
  if (staging_.has(stream.id, seq)) return true;
  if (!store_.received(stream.id).contains(to_number(seq))) return false;
  const auto stored = store_.envelope(stream.id, seq);
  if (stored && *stored && **stored != message.payload) {
    // Acked, it would be gone for good; so it stays with whoever made it.
    distrust(&g, message,
             "block: number " + std::to_string(to_number(seq)) + " came before with other content", now);
  } else {
    sink_.on_known_block(g.row.name, stream.id, seq);
  }
  return true;
}

// Null when the stream, or one more hole in it, would be one too many.
StreamRecord* Ingest::stream(GatewayRecord& g, const Uuid& uuid, Now now) {
  if (const auto at = g.streams.find(uuid); at != g.streams.end()) {
    const RangeSet& received = store_.received(at->second.id);
    const std::uint64_t seq = to_number(block_.header.seq);
    if (received.range_count() < ledger_ranges_max || received.contains(seq - 1) ||
        received.contains(seq + 1)) {
      return &at->second;
    }
    return nullptr;
  }
  if (g.streams.size() >= streams_max || stream_uuids_.size() > stream_count_max) return nullptr;
  StreamRecord& made = g.streams[uuid];
  made.id = StreamId{static_cast<std::uint32_t>(stream_uuids_.size())};
  stream_uuids_.push_back(uuid);
  staging_.batch.streams.push_back({made.id, g.row.id, uuid, now.wall});
  log::info("stream_first_seen", {{"gateway", g.row.name}, {"stream", to_text(uuid)}});
  return &made;
}

void Ingest::take(GatewayRecord& g, StreamRecord& stream, const KnownBirth& birth, const LinkMessage& message,
                  Now now) {
  const BlockHeader& header = block_.header;
  const Span span = span_of(block_);
  const BlockTime time = judge_time(header, span.youngest, g.clocks.wall_minus_steady(header.boot),
                                    times_.clock_error, now.wall);
  const bool again = stream.judged.contains(to_number(header.seq));
  const bool live = !again && judge(g, stream, birth, time, now);
  if (live) came_live(g, message, now);
  if (!again) check_chain(g, stream, now);
  if (!staging_.has_room()) {
    stream.judged.add(to_number(header.seq));
    return;
  }
  if (again) stream.judged.remove({to_number(header.seq), to_number(header.seq)});
  take_events(g, stream, time, live, now);
  if (changes_holes(stream.id, to_number(header.seq))) sink_.on_gateway(g.row.name, false);
  staging_.add({.stream = stream.id,
                .seq = header.seq,
                .gateway = g.row.id,
                .birth = birth.id,
                .received = now.wall,
                .from = span.oldest - time.error,
                .to = span.youngest - time.error,
                .clock_error = time.error,
                .clock = time.mark,
                .envelope = message.payload});
}

// The next number of a stream without holes, as nearly all are, changes nothing that is shown of its gateway.
bool Ingest::changes_holes(StreamId stream, std::uint64_t seq) const {
  const RangeSet& received = store_.received(stream);
  return received.range_count() > 1 ||
         (seq > 1 && !received.contains(seq - 1) && !staging_.has(stream, Seq{seq - 1}));
}

void Ingest::came_live(GatewayRecord& g, const LinkMessage& message, Now now) {
  if (!message.retained && g.status.presence == Presence::offline) hear(g, now);
  const std::string stream = to_text(block_.header.stream);
  if (!g.block_twins.seen(stream, now.steady)) return;
  note(g, "twin",
       "two boxes use this name: streams " + stream + " and " + g.block_twins.other() + " by turns", 2, now);
}

// Now or late? A block that is numbered below one that was live, and was not begun after it, is late, however
// young: what it says is no longer now. Between streams only the times of the points can tell. A clock of
// which nothing is known proves nothing to be now.
bool Ingest::judge(GatewayRecord& g, const StreamRecord& stream, const KnownBirth& birth,
                   const BlockTime& time, Now now) {
  const std::uint64_t seq = to_number(block_.header.seq);
  const WallTime opened = block_.header.opened_at - time.error;
  const bool same_stream = g.newest_stream == stream.id;
  const bool overtaken = same_stream && seq < g.newest_seq && opened <= g.newest_opened;
  const bool may_be_live = time.mark != ClockMark::unknown && !overtaken;
  const WallTime live_from = now.wall - times_.late_after;
  readings_.clear();
  bool any_live = may_be_live && block_.samples.empty() && opened >= live_from;
  for (const Sample& s : block_.samples) {
    const HostPointId point = birth.points[static_cast<std::uint32_t>(s.point)];
    PointTable::Entry& entry = points_.at(point);
    const WallTime at = s.source_time - time.error;
    const bool live = may_be_live && at >= live_from && (same_stream || at >= entry.newest_live);
    if (live) entry.newest_live = at;
    any_live |= live;
    readings_.push_back({point, s.value, s.quality, at, live, time.mark});
  }
  if (any_live) {
    g.newest_stream = stream.id;
    g.newest_seq = seq;
    g.newest_opened = opened;
  }
  sink_.on_readings(readings_);
  return any_live;
}

}  // namespace davy
