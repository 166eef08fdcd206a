#include "host/core/recorder.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "proto/base/log.hpp"

namespace davy {

void Recorder::add(std::vector<JournalEntry> entries) {
  std::ranges::move(entries, std::back_inserter(entries_));
}

// Only the newest of each counts.
void Recorder::add_peaks(std::vector<Alarm> peaks) {
  for (Alarm& peak : peaks) {
    std::erase_if(peaks_, [&](const Alarm& older) { return older.occurrence == peak.occurrence; });
    peaks_.push_back(std::move(peak));
  }
}

std::vector<BlockRow> Recorder::step(Now now) {
  if (staging_.empty() && entries_.empty() && peaks_.empty()) return {};
  if (failure_ && now.steady < retry_at_) return {};
  Status done = commit(staging_.batch);
  if (done) {
    if (failure_) log::info("history_recording_again", {{"blocks", staging_.batch.blocks.size()}});
    failure_.reset();
    recorded();
    std::vector<BlockRow> blocks = std::move(staging_.batch.blocks);
    staging_.clear();
    return blocks;
  }
  if (!failure_) log::error("history_write_failed", {{"error", done.error().message}});
  failure_ = done.error();
  retry_at_ = now.steady + retry_wait;
  if (done.error().code == Errc::full && commit_small()) recorded();
  return {};
}

// What is on record need not be kept.
void Recorder::recorded() {
  if (!entries_.empty()) recorded_seq_ = entries_.back().seq;
  entries_.clear();
  peaks_.clear();
}

// Everything but what is big and can be had again.
Status Recorder::commit_small() {
  Batch& all = staging_.batch;
  Batch small;
  std::swap(small.gateways, all.gateways);
  std::swap(small.streams, all.streams);
  std::swap(small.births, all.births);
  std::swap(small.points, all.points);
  std::swap(small.clocks, all.clocks);
  auto done = commit(small);
  if (done) return done;
  std::swap(small.gateways, all.gateways);
  std::swap(small.streams, all.streams);
  std::swap(small.births, all.births);
  std::swap(small.points, all.points);
  std::swap(small.clocks, all.clocks);
  return done;
}

Status Recorder::commit(const Batch& batch) {
  auto transaction = SqliteTransaction::begin(db_);
  if (!transaction) return fail(transaction.error());
  Status done = store_.write(batch);
  if (done) done = journal_.append(entries_);
  if (done) done = journal_.refresh(peaks_);
  if (done) done = transaction->commit();
  if (!done) store_.undo(batch);
  return done;
}

}  // namespace davy
