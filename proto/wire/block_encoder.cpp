#include <zstd.h>

#include "proto/base/assert.hpp"
#include "proto/wire/block_codec.hpp"
#include "proto/wire/hash.hpp"
#include "proto/wire/messages.pb.h"
#include "proto/wire/sample_columns.hpp"
#include "proto/wire/text_rules.hpp"
#include "proto/wire/topics.hpp"

namespace davy {
namespace {

constexpr std::uint32_t block_schema = 1;
// Columns are packed to the bit already. What is left for a compressor are repeated values of sensors without
// few decimals and the room that a few large steps demand of all others: only large columns have enough of
// either.
constexpr std::size_t compress_from = 1024;
constexpr int compression_level = 1;

void write_sightings(const Block& block, std::int64_t opened_ms, wire::BlockBody& body) {
  for (const Sighting& sighting : block.sightings) {
    auto& out = *body.add_sighting();
    DAVY_ASSERT(is_name(sighting.reader));
    out.set_tag(sighting.tag);
    out.set_reader(sighting.reader);
    out.set_after_opened_ms(clamp_time_ms(to_ms(sighting.source_time)) - opened_ms);
    out.set_distance_cm(sighting.distance_cm);
    out.set_rssi_dbm(sighting.rssi_dbm);
    out.set_sos(sighting.sos);
    out.set_low_battery(sighting.low_battery);
  }
}

void write_events(const Block& block, std::int64_t opened_ms, wire::BlockBody& body) {
  for (const Event& event : block.events) {
    auto& out = *body.add_event();
    out.set_kind(static_cast<std::uint32_t>(event.kind));
    out.set_after_opened_ms(clamp_time_ms(to_ms(event.at)) - opened_ms);
    out.set_first(event.first);
    out.set_last(event.last);
    out.set_text(clean_text(event.text, event_text_size_max));
  }
}

void write_header(const BlockHeader& header, wire::BlockBody& body) {
  DAVY_ASSERT(is_topic_name(header.gateway));
  DAVY_ASSERT(to_number(header.seq) >= 1);
  body.set_schema(block_schema);
  body.set_gateway(header.gateway);
  body.set_stream(as_bytes(header.stream).data(), header.stream.size());
  body.set_seq(to_number(header.seq));
  body.set_boot(header.boot);
  body.set_opened_at_ms(clamp_time_ms(to_ms(header.opened_at)));
  body.set_opened_steady_ms(clamp_time_ms(to_ms(header.opened_steady)));
  body.set_clock(static_cast<wire::BlockBody::Clock>(header.clock));
  body.set_birth(as_bytes(header.birth).data(), header.birth.size());
  if (to_number(header.seq) == 1) {
    DAVY_ASSERT(header.previous == Hash{});
  } else {
    body.set_previous(as_bytes(header.previous).data(), header.previous.size());
  }
  body.set_urgent(header.urgent);
}

}  // namespace

struct BlockEncoder::Scratch {
  SampleSorter sorter;
  SampleTable table;
  ColumnScratch columns;
  ColumnWriter writer;
  std::array<char, ZSTD_COMPRESSBOUND(columns_size_max)> compressed;
  std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> zstd{ZSTD_createCCtx(), &ZSTD_freeCCtx};
  wire::BlockBody body;
  wire::BlockEnvelope envelope;

  void put_columns(std::string_view plain) {
    body.set_columns_size(static_cast<std::uint32_t>(plain.size()));
    if (plain.size() >= compress_from) {
      const std::size_t size = ZSTD_compressCCtx(zstd.get(), compressed.data(), compressed.size(),
                                                 plain.data(), plain.size(), compression_level);
      if (ZSTD_isError(size) == 0 && size <= plain.size() - plain.size() / 8) {
        body.set_compression(wire::BlockBody::ZSTD);
        body.set_columns(compressed.data(), size);
        return;
      }
    }
    body.set_columns(plain.data(), plain.size());
  }
};

BlockEncoder::BlockEncoder() : scratch_{std::make_unique_for_overwrite<Scratch>()} {
  DAVY_ASSERT(scratch_->zstd != nullptr);
}
BlockEncoder::~BlockEncoder() = default;

EncodedBlock BlockEncoder::encode(const Block& block) {
  DAVY_ASSERT(block.entries() <= block_entries_max);
  const std::int64_t opened_ms = clamp_time_ms(to_ms(block.header.opened_at));
  auto& [sorter, table, columns, writer, compressed, zstd, body, envelope] = *scratch_;

  body.Clear();
  write_header(block.header, body);
  sorter.sort(block.samples, table);
  write_columns(table, static_cast<std::uint64_t>(opened_ms), columns, writer);
  body.set_sample_count(static_cast<std::uint32_t>(block.samples.size()));
  scratch_->put_columns(writer.bytes());
  write_sightings(block, opened_ms, body);
  write_events(block, opened_ms, body);

  EncodedBlock out;
  DAVY_ASSERT(body.SerializeToString(envelope.mutable_body()));
  out.hash = hash_of(envelope.body());
  envelope.set_hash(as_bytes(out.hash).data(), out.hash.size());
  DAVY_ASSERT(envelope.SerializeToString(&out.envelope));
  DAVY_ASSERT(out.envelope.size() <= envelope_size_max);
  return out;
}

}  // namespace davy
