#include "gateway/edge/spool_writer.hpp"

#include <algorithm>
#include <utility>

#include "proto/base/log.hpp"

namespace davy {

SpoolWriter::SpoolWriter(Spool& spool, std::string gateway, std::uint64_t boot, EncodedBirth birth, Now now)
    : spool_{spool},
      gateway_{std::move(gateway)},
      boot_{boot},
      birth_{std::move(birth)},
      thin_at_{now.steady} {
  // What an earlier run thinned and could not tell.
  if (const auto records = spool_.undelivered_records()) tell_dropped(*records, now.wall);
}

void SpoolWriter::put(ClosedBlock block, Now now) {
  if (waiting_.size() >= waiting_max) give_up_one();
  waiting_.push_back(std::move(block));
  if (!failing()) store_waiting(now);
}

void SpoolWriter::step(Now now) {
  if (now.steady >= retry_at_) store_waiting(now);
  if (now.steady >= thin_at_) thin(now);
}

SteadyTime SpoolWriter::next_due() const { return std::min(retry_at_, thin_at_); }

void SpoolWriter::take_events(std::vector<Event>& out) { out = std::exchange(events_, {}); }

bool SpoolWriter::take_done(ClosedBlock& out) {
  if (done_.empty()) return false;
  out = std::move(done_.back());
  done_.pop_back();
  return true;
}

void SpoolWriter::store_waiting(Now now) {
  bool thinned = false;
  while (!waiting_.empty()) {
    Status stored = store(waiting_.front());
    if (!stored && stored.error().code == Errc::full && !thinned) {
      thinned = true;
      thin(now);
      stored = store(waiting_.front());
    }
    if (!stored) return on_failure(stored.error(), now);
    deliver_records(waiting_.front().block);
    done_.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
    stored_blocks_ += 1;
    if (failing()) on_recovery(now);
  }
}

Status SpoolWriter::store(ClosedBlock& closed) {
  if (!birth_stored_) {
    if (Status stored = spool_.put_birth(birth_.hash, birth_.message); !stored) return stored;
    birth_stored_ = true;
  }
  const SpoolState state = spool_.state();
  BlockHeader& header = closed.block.header;
  header.gateway = gateway_;
  header.stream = state.stream;
  header.seq = Seq{state.next_seq};
  header.boot = boot_;
  header.birth = birth_.hash;
  header.previous = state.previous;
  return spool_.append(encoder_.encode(closed.block), closed.keep, closed.newest);
}

void SpoolWriter::deliver_records(const Block& block) {
  std::vector<Dropped> records;
  for (const Event& event : block.events) {
    if (event.kind != EventKind::blocks_dropped) continue;
    records.push_back({{event.first, event.last}, event.text});
  }
  if (records.empty()) return;
  // At worst they stay on record and are told again at the next start.
  if (const Status done = spool_.record_delivered(records); !done) {
    log::warn("spool_records_kept", {{"error", done.error().message}});
  }
}

void SpoolWriter::on_failure(const Error& error, Now now) {
  retry_at_ = now.steady + retry_wait;
  if (error.code == Errc::corrupt) broken_ = error;
  if (!failing() || failure_ != error.message) {
    log::error("spool_failing", {{"error", error.message}, {"kind", to_string(error.code)}});
  }
  if (!failing()) failing_since_ = now.steady;
  failure_ = error.message;
}

void SpoolWriter::on_recovery(Now now) {
  const Duration failed_for = now.steady - *failing_since_;
  log::info("spool_works_again", {{"failed_ms", failed_for.count()}, {"lost_entries", lost_entries_}});
  failing_since_.reset();
  retry_at_ = never;
  if (lost_entries_ > 0) {
    events_.push_back({.kind = EventKind::input_lost,
                       .at = now.wall,
                       .first = lost_entries_,
                       .text = "the spool could not be written for " +
                               std::to_string(failed_for.count() / 1000) + " s: " + failure_});
    lost_entries_ = 0;
  }
  if (!std::exchange(lost_records_, false)) return;
  if (const auto records = spool_.undelivered_records()) tell_dropped(*records, now.wall);
}

// The oldest ordinary block, or the oldest at all.
void SpoolWriter::give_up_one() {
  auto victim = std::ranges::find(waiting_, false, &ClosedBlock::keep);
  if (victim == waiting_.end()) victim = waiting_.begin();
  std::uint64_t lost = victim->block.samples.size() + victim->block.sightings.size();
  for (const Event& event : victim->block.events) {
    // A loss that could not be told is still a loss.
    lost += event.kind == EventKind::input_lost ? event.first : 1;
    if (event.kind == EventKind::blocks_dropped) lost_records_ = true;
  }
  if (lost_entries_ == 0)
    log::error("spool_gives_up", {{"error", failure_}, {"blocks_waiting", waiting_.size()}});
  lost_entries_ += lost;
  lost_total_ += lost;
  waiting_.erase(victim);
}

void SpoolWriter::thin(Now now) {
  thin_at_ = now.steady + thin_every;
  const auto dropped = spool_.thin(now.wall);
  if (!dropped) {
    log::warn("spool_thin_failed", {{"error", dropped.error().message}});
    return;
  }
  std::uint64_t count = 0;
  for (const Dropped& record : *dropped) count += record.seqs.last - record.seqs.first + 1;
  if (count == 0) return;
  log::warn("blocks_dropped", {{"blocks", count}, {"reason", dropped->front().reason}});
  if (count >= thin_more) thin_at_ = now.steady + retry_wait;
  tell_dropped(*dropped, now.wall);
}

void SpoolWriter::tell_dropped(const std::vector<Dropped>& records, WallTime at) {
  for (const Dropped& record : records) {
    events_.push_back({.kind = EventKind::blocks_dropped,
                       .at = at,
                       .first = record.seqs.first,
                       .last = record.seqs.last,
                       .text = record.reason});
  }
}

}  // namespace davy
