#include <algorithm>
#include <string>
#include <utility>

#include "host/ingest/ingest.hpp"
#include "proto/base/log.hpp"
#include "proto/wire/hash.hpp"

namespace davy {

// Each block names the hash of the one before it. A chain that does not fit is no reason to lose data, but
// somebody has to know: a forged block, a box restored from a copy, or a spool that numbers twice.
void Ingest::check_chain(GatewayRecord& g, StreamRecord& stream, Now now) {
  const BlockHeader& header = block_.header;
  const std::uint64_t seq = to_number(header.seq);
  std::string broken;
  if (seq == 1 && header.previous != Hash{}) broken = "block 1 names a block before it";
  if (const auto before = seq > 1 ? link(stream, seq - 1) : std::nullopt;
      before && before->hash != header.previous) {
    broken = "block " + std::to_string(seq) + " does not follow block " + std::to_string(seq - 1);
  }
  if (const auto after = link(stream, seq + 1); after && after->previous != hash_) {
    broken = "block " + std::to_string(seq + 1) + " does not follow block " + std::to_string(seq);
  }
  stream.chain.remember({seq, hash_, header.previous});
  if (broken.empty()) return;
  broken += " of stream " + to_text(header.stream);
  log::warn("chain_broken", {{"gateway", g.row.name}, {"reason", broken}});
  note(g, "chain", "its record does not fit together: " + broken, 2, now);
}

// A neighbour in the chain: remembered, or read from the history when it is there.
std::optional<ChainMemory::Link> Ingest::link(StreamRecord& stream, std::uint64_t seq) {
  if (const auto known = stream.chain.find(seq)) return known;
  if (!store_.received(stream.id).contains(seq)) return std::nullopt;
  const auto stored = store_.envelope(stream.id, Seq{seq});
  Hash hash{};
  if (!stored || !*stored || !neighbour_decoder_.decode_into(**stored, neighbour_, hash)) return std::nullopt;
  return ChainMemory::Link{seq, hash, neighbour_.header.previous};
}

void Ingest::take_events(GatewayRecord& g, const StreamRecord& stream, const BlockTime& time, bool live,
                         Now now) {
  for (const Event& event : block_.events) {
    Event corrected = event;
    corrected.at -= time.error;
    staging_.batch.events.push_back({stream.id, block_.header.seq, std::move(corrected)});
    switch (event.kind) {
      case EventKind::blocks_dropped: take_lost(g, stream, event, now); break;
      case EventKind::spool_replaced:
        note(g, "spool_replaced", "its spool was replaced: " + event.text, 2, now);
        break;
      case EventKind::input_lost:
        note(g, "input_lost",
             "it could not keep " + (event.first > 0 ? std::to_string(event.first) : std::string{"some"}) +
                 " readings: " + event.text,
             2, now);
        break;
      case EventKind::clock_stepped:
        if (live) {
          note(g, "clock_stepped",
               "its clock was moved by " + std::to_string(static_cast<std::int64_t>(event.first)) + " ms", 4,
               now);
        }
        break;
      case EventKind::started:
      case EventKind::stopped:
      case EventKind::config_changed:
      case EventKind::bus_fault:
      case EventKind::bus_restored: break;
      case EventKind::lock_tripped:
      case EventKind::output_fault:
      case EventKind::feed_abnormal:
      case EventKind::feed_lost:
      case EventKind::flow_contradiction:
      case EventKind::key_used:
      case EventKind::key_refused:
        if (live) note_lock(g, event, now);
        break;
      case EventKind::lock_released:
      case EventKind::output_restored:
      case EventKind::feed_abnormal_ended:
      case EventKind::feed_lost_ended:
      case EventKind::flow_contradiction_ended:
      case EventKind::key_ended: break;
    }
  }
}

// Something that a local power lock began. Most urgent is what leaves electricity where there should be none.
void Ingest::note_lock(GatewayRecord& g, const Event& event, Now now) {
  struct Row {
    EventKind event;
    const char* kind;
    std::uint8_t priority;
  };
  static constexpr Row rows[] = {{EventKind::lock_tripped, "lock_tripped", 2},
                                 {EventKind::output_fault, "output_fault", 1},
                                 {EventKind::feed_abnormal, "feed_abnormal", 1},
                                 {EventKind::feed_lost, "feed_lost", 2},
                                 {EventKind::flow_contradiction, "flow_contradiction", 2},
                                 {EventKind::key_used, "key_used", 2},
                                 {EventKind::key_refused, "key_refused", 3}};
  const auto row = std::ranges::find(rows, event.kind, &Row::event);
  if (row != std::end(rows)) note(g, row->kind, event.text, row->priority, now);
}

// The gateway had to give up blocks. Only older ones can be meant; anything else is nonsense and stays a mere
// event.
void Ingest::take_lost(GatewayRecord& g, const StreamRecord& stream, const Event& event, Now now) {
  const Range seqs{event.first, event.last};
  if (seqs.first == 0 || seqs.first > seqs.last || seqs.last >= to_number(block_.header.seq)) {
    log::warn("lost_range_impossible", {{"gateway", g.row.name}, {"first", seqs.first}, {"last", seqs.last}});
    return;
  }
  staging_.batch.lost.push_back({stream.id, seqs, event.text, now.wall});
  const std::string count = std::to_string(seqs.last - seqs.first + 1);
  note(g, "lost",
       "lost " + count + " blocks for good (" + std::to_string(seqs.first) + " to " +
           std::to_string(seqs.last) + "): " + event.text,
       2, now);
}

}  // namespace davy
