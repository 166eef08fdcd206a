#include "host/history/block_store.hpp"

#include "host/history/schema.hpp"
#include "host/history/statements.hpp"
#include "proto/base/assert.hpp"
#include "proto/wire/hash.hpp"

namespace davy {
namespace {

using Statement = std::unique_ptr<SqliteStatement>;

std::int64_t stored(std::uint64_t number) { return static_cast<std::int64_t>(number); }

// One row's worth of a statement that is used again and again.
Status run(const Statement& statement) { return statement->run(); }

}  // namespace

struct BlockStore::Statements {
  Statement gateway, stream, birth, point, block, lost, event, quarantine, quarantine_bound, clock, merge,
      range;
  Statement envelope, began, birth_by_hash;

  static Result<std::unique_ptr<Statements>> prepare(SqliteDatabase& db);
};

Result<std::unique_ptr<BlockStore::Statements>> BlockStore::Statements::prepare(SqliteDatabase& db) {
  auto all = std::make_unique<Statements>();
  StatementMaker maker{db};
  all->gateway = maker.make(
      "INSERT INTO gateway(id, name, birth, quarantined) VALUES(?, ?, ?, ?) ON CONFLICT(id) DO UPDATE SET "
      "birth = excluded.birth, quarantined = excluded.quarantined");
  all->stream = maker.make("INSERT INTO stream(id, gateway, uuid, first_seen_ms) VALUES(?, ?, ?, ?)");
  all->birth = maker.make("INSERT INTO birth(id, gateway, hash, received_ms, message) VALUES(?, ?, ?, ?, ?)");
  all->point = maker.make(
      "INSERT INTO point(id, gateway, name, birth, position) VALUES(?, ?, ?, ?, ?) ON CONFLICT(id) DO UPDATE "
      "SET "
      "birth = excluded.birth, position = excluded.position");
  all->block = maker.make(
      "INSERT OR IGNORE INTO block(id, gateway, birth, received_ms, from_ms, to_ms, clock_error_ms, clock, "
      "envelope) "
      "VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)");
  all->lost = maker.make(
      "INSERT OR IGNORE INTO lost(stream, first, last, reason, recorded_ms) VALUES(?, ?, ?, ?, ?)");
  all->event =
      maker.make("INSERT INTO event(block, kind, at_ms, first, last, text) VALUES(?, ?, ?, ?, ?, ?)");
  all->quarantine = maker.make(
      "INSERT INTO quarantine(gateway, hash, topic, reason, first_ms, last_ms, count, size, bytes) "
      "VALUES(?1, ?2, ?3, ?4, ?5, ?5, ?6, ?7, ?8) ON CONFLICT(hash) DO UPDATE SET "
      "count = count + excluded.count, last_ms = excluded.last_ms");
  all->quarantine_bound = maker.make(
      "DELETE FROM quarantine WHERE gateway = ?1 AND id <= (SELECT id FROM quarantine WHERE gateway = ?1 "
      "ORDER BY id DESC LIMIT 1 OFFSET ?2)");
  all->clock = maker.make(
      "INSERT OR REPLACE INTO clock(gateway, boot, wall_minus_steady_ms, heard_ms) VALUES(?, ?, ?, ?)");
  all->merge = maker.make("DELETE FROM ledger WHERE stream = ? AND first BETWEEN ? AND ?");
  all->range = maker.make("INSERT OR REPLACE INTO ledger(stream, first, last) VALUES(?, ?, ?)");
  all->envelope = maker.make("SELECT envelope FROM block WHERE id = ?");
  all->began = maker.make("SELECT from_ms FROM block WHERE id = ?");
  all->birth_by_hash = maker.make("SELECT id, gateway, message FROM birth WHERE hash = ?");
  if (!maker.status()) return fail(maker.status().error());
  return all;
}

BlockStore::BlockStore(SqliteDatabase& db, std::unique_ptr<Statements> statements)
    : db_{db}, statements_{std::move(statements)} {}
BlockStore::~BlockStore() = default;

Result<std::unique_ptr<BlockStore>> BlockStore::open(SqliteDatabase& db, const std::string& mine,
                                                     WallTime now) {
  if (auto ready = prepare_history(db, mine, now); !ready) return fail(ready.error());
  auto statements = Statements::prepare(db);
  if (!statements) return fail(statements.error());
  std::unique_ptr<BlockStore> store{new BlockStore{db, std::move(*statements)}};
  if (auto loaded = store->load_ledgers(); !loaded) return fail(loaded.error());
  return store;
}

BlockStore::Ledger& BlockStore::ledger(StreamId stream) {
  const std::size_t number = to_number(stream);
  DAVY_ASSERT(number <= stream_count_max);
  if (ledgers_.size() <= number) ledgers_.resize(number + 1);
  return ledgers_[number];
}

Status BlockStore::load_ledgers() {
  const auto read = [this](const char* sql, RangeSet Ledger::*set) -> Status {
    auto rows = db_.prepare(sql);
    if (!rows) return fail(rows.error());
    for (;;) {
      auto row = rows->step();
      if (!row) return fail(row.error());
      if (!*row) return {};
      const Range range{static_cast<std::uint64_t>(rows->number(1)),
                        static_cast<std::uint64_t>(rows->number(2))};
      const auto stream = rows->number(0);
      if (stream < 0 || stream > stream_count_max || range.first > range.last || range.last > seq_max) {
        return fail(Errc::corrupt,
                    db_.path() + ": a range of stream " + std::to_string(stream) + " is impossible");
      }
      (ledger(StreamId{static_cast<std::uint32_t>(stream)}).*set).add(range);
    }
  };
  if (auto done = read("SELECT stream, first, last FROM ledger", &Ledger::received); !done) return done;
  return read("SELECT stream, first, last FROM lost", &Ledger::lost);
}

Status BlockStore::write(const Batch& batch) {
  if (auto done = write_names(batch); !done) return done;
  if (auto done = write_blocks(batch); !done) return done;
  return write_findings(batch);
}

// The ledger is only ever behind the database inside write(): what a rolled back batch added is taken out
// here.
void BlockStore::undo(const Batch& batch) {
  for (const BlockRow& row : batch.blocks) {
    ledger(row.stream).received.remove({to_number(row.seq), to_number(row.seq)});
  }
}

Status BlockStore::write_names(const Batch& batch) {
  Statements& s = *statements_;
  for (const GatewayRow& row : batch.gateways) {
    s.gateway->bind(1, std::int64_t{to_number(row.id)})
        .bind_text(2, row.name)
        .bind(4, stored(row.quarantined));
    if (row.birth) {
      s.gateway->bind(3, std::int64_t{to_number(*row.birth)});
    } else {
      s.gateway->bind_null(3);
    }
    if (auto done = run(s.gateway); !done) return done;
  }
  for (const StreamRow& row : batch.streams) {
    s.stream->bind(1, std::int64_t{to_number(row.id)}).bind(2, std::int64_t{to_number(row.gateway)});
    s.stream->bind_blob(3, as_bytes(row.uuid)).bind(4, to_ms(row.first_seen));
    if (auto done = run(s.stream); !done) return done;
  }
  for (const BirthRow& row : batch.births) {
    s.birth->bind(1, std::int64_t{to_number(row.id)}).bind(2, std::int64_t{to_number(row.gateway)});
    s.birth->bind_blob(3, as_bytes(row.hash)).bind(4, to_ms(row.received)).bind_blob(5, row.message);
    if (auto done = run(s.birth); !done) return done;
  }
  for (const PointRow& row : batch.points) {
    s.point->bind(1, std::int64_t{to_number(row.id)}).bind(2, std::int64_t{to_number(row.gateway)});
    s.point->bind_text(3, row.name).bind(4, std::int64_t{to_number(row.birth)});
    s.point->bind(5, std::int64_t{row.position});
    if (auto done = run(s.point); !done) return done;
  }
  return {};
}

Status BlockStore::write_blocks(const Batch& batch) {
  SqliteStatement& s = *statements_->block;
  for (const BlockRow& row : batch.blocks) {
    s.bind(1, block_key(to_number(row.stream), to_number(row.seq)))
        .bind(2, std::int64_t{to_number(row.gateway)});
    s.bind(3, std::int64_t{to_number(row.birth)}).bind(4, to_ms(row.received)).bind(5, to_ms(row.from));
    s.bind(6, to_ms(row.to))
        .bind(7, row.clock_error.count())
        .bind(8, std::int64_t{static_cast<std::uint8_t>(row.clock)});
    s.bind_blob(9, row.envelope);
    if (auto done = s.run(); !done) return done;
  }
  return write_ledger(batch.blocks);
}

// Only ranges that grew are written: usually one row for each stream that got blocks.
Status BlockStore::write_ledger(const std::vector<BlockRow>& blocks) {
  for (const BlockRow& row : blocks) ledger(row.stream).received.add(to_number(row.seq));
  StreamId stream{};
  Range written{};
  for (const BlockRow& row : blocks) {
    const std::uint64_t seq = to_number(row.seq);
    if (row.stream == stream && written.first <= seq && seq <= written.last) continue;
    stream = row.stream;
    written = *ledger(stream).received.containing(seq);
    if (auto done = write_range(stream, written); !done) return done;
  }
  return {};
}

Status BlockStore::write_range(StreamId stream, Range range) {
  Statements& s = *statements_;
  const std::int64_t number = to_number(stream);
  // Rows that this range has swallowed.
  s.merge->bind(1, number).bind(2, stored(range.first) + 1).bind(3, stored(range.last));
  if (auto done = run(s.merge); !done) return done;
  s.range->bind(1, number).bind(2, stored(range.first)).bind(3, stored(range.last));
  return run(s.range);
}

Status BlockStore::write_findings(const Batch& batch) {
  Statements& s = *statements_;
  for (const LostRow& row : batch.lost) {
    s.lost->bind(1, std::int64_t{to_number(row.stream)})
        .bind(2, stored(row.seqs.first))
        .bind(3, stored(row.seqs.last));
    s.lost->bind_text(4, row.reason).bind(5, to_ms(row.recorded));
    if (auto done = run(s.lost); !done) return done;
    ledger(row.stream).lost.add(row.seqs);
  }
  for (const EventRow& row : batch.events) {
    s.event->bind(1, block_key(to_number(row.stream), to_number(row.seq)));
    s.event->bind(2, std::int64_t{static_cast<std::uint8_t>(row.event.kind)}).bind(3, to_ms(row.event.at));
    s.event->bind(4, stored(row.event.first)).bind(5, stored(row.event.last)).bind_text(6, row.event.text);
    if (auto done = run(s.event); !done) return done;
  }
  for (const ClockRow& row : batch.clocks) {
    s.clock->bind(1, std::int64_t{to_number(row.gateway)}).bind(2, stored(row.boot));
    s.clock->bind(3, row.wall_minus_steady.count()).bind(4, to_ms(row.heard));
    if (auto done = run(s.clock); !done) return done;
  }
  for (const QuarantineRow& row : batch.quarantine) {
    if (auto done = write_quarantine(row); !done) return done;
  }
  return {};
}

Status BlockStore::write_quarantine(const QuarantineRow& row) {
  Statements& s = *statements_;
  const std::string_view bytes = std::string_view{row.bytes}.substr(0, quarantine_bytes_max);
  s.quarantine->bind_text(1, row.gateway).bind_blob(2, as_bytes(row.hash)).bind_text(3, row.topic);
  s.quarantine->bind_text(4, row.reason).bind(5, to_ms(row.received)).bind(6, stored(row.count));
  s.quarantine->bind(7, stored(row.size)).bind_blob(8, bytes);
  if (auto done = run(s.quarantine); !done) return done;
  s.quarantine_bound->bind_text(1, row.gateway).bind(2, stored(quarantine_rows_max));
  return run(s.quarantine_bound);
}

const RangeSet& BlockStore::received(StreamId stream) const {
  static const RangeSet none;
  const std::size_t number = to_number(stream);
  return number < ledgers_.size() ? ledgers_[number].received : none;
}

const RangeSet& BlockStore::lost(StreamId stream) const {
  static const RangeSet none;
  const std::size_t number = to_number(stream);
  return number < ledgers_.size() ? ledgers_[number].lost : none;
}

std::uint64_t BlockStore::missing_count(StreamId stream) const {
  RangeSet known = received(stream);
  for (const Range& range : lost(stream).ranges()) known.add(range);
  if (known.empty()) return 0;
  return known.ranges().back().last - known.member_count();
}

Result<std::optional<std::string>> BlockStore::envelope(StreamId stream, Seq seq) {
  SqliteStatement& s = *statements_->envelope;
  const auto row = s.bind(1, block_key(to_number(stream), to_number(seq))).step();
  if (!row) return fail(row.error());
  std::optional<std::string> out;
  if (*row) out = std::string{s.blob(0)};
  s.reset();
  return out;
}

Result<std::optional<WallTime>> BlockStore::began(StreamId stream, Seq seq) {
  SqliteStatement& s = *statements_->began;
  const auto row = s.bind(1, block_key(to_number(stream), to_number(seq))).step();
  if (!row) return fail(row.error());
  std::optional<WallTime> out;
  if (*row) out = wall_from_ms(s.number(0));
  s.reset();
  return out;
}

Result<std::optional<StoredBirth>> BlockStore::birth(const Hash& hash) {
  SqliteStatement& s = *statements_->birth_by_hash;
  const auto row = s.bind_blob(1, as_bytes(hash)).step();
  if (!row) return fail(row.error());
  std::optional<StoredBirth> out;
  if (*row) {
    out = StoredBirth{BirthId{static_cast<std::uint32_t>(s.number(0))},
                      GatewayId{static_cast<std::uint32_t>(s.number(1))}, std::string{s.blob(2)}};
  }
  s.reset();
  return out;
}

}  // namespace davy
