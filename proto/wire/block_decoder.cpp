#include <algorithm>
#include <cstring>

#include <zstd.h>

#include "proto/base/assert.hpp"
#include "proto/wire/block_codec.hpp"
#include "proto/wire/block_fields.hpp"
#include "proto/wire/hash.hpp"
#include "proto/wire/message_checks.hpp"
#include "proto/wire/sample_columns.hpp"

namespace davy {

struct BlockDecoder::Scratch {
  SampleTable table;
  ColumnScratch columns;
  std::array<char, columns_size_max + ColumnReader::padding> plain;
  std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> zstd{ZSTD_createDCtx(), &ZSTD_freeDCtx};

  // Brings the columns into `plain`, where there is room to read on behind them.
  Status unfold(const ColumnFields& fields) {
    if (!fields.compressed) {
      std::ranges::copy(fields.columns, plain.data());
    } else {
      const std::size_t size = ZSTD_decompressDCtx(zstd.get(), plain.data(), fields.columns_size,
                                                   fields.columns.data(), fields.columns.size());
      if (ZSTD_isError(size) != 0 || size != fields.columns_size) {
        return fail(Errc::bad_data, "columns cannot be decompressed to the announced size");
      }
    }
    std::memset(plain.data() + fields.columns_size, 0, ColumnReader::padding);
    return {};
  }

  void fill(std::vector<Sample>& out) const {
    out.resize(table.size);
    std::uint16_t code = 0;
    Quality quality;
    Sample* sample = out.data();
    for (std::size_t i = 0; i < table.point_count; ++i) {
      const auto& point = table.points[i];
      for (std::uint32_t k = point.first; k < point.first + point.count; ++k) {
        if (table.qualities[k] != code) {
          code = table.qualities[k];
          DAVY_ASSERT(unpack(code, quality));  // read_columns() took known ones only
        }
        *sample++ = {PointIndex{point.index}, table.values[k], quality,
                     wall_from_ms(static_cast<std::int64_t>(table.times[k]))};
      }
    }
  }
};

BlockDecoder::BlockDecoder() : scratch_{std::make_unique_for_overwrite<Scratch>()} {
  DAVY_ASSERT(scratch_->zstd != nullptr);
}
BlockDecoder::~BlockDecoder() = default;

Status BlockDecoder::decode_into(std::string_view envelope, Block& out, Hash& hash) {
  if (envelope.size() > envelope_size_max) return fail(Errc::bad_data, "block: envelope too long");
  EnvelopeFields outer;
  if (auto ok = read_envelope(envelope, outer); !ok) return fail(ok.error().in("block"));
  Hash told{};
  if (auto ok = read_array(outer.hash, false, "hash", told); !ok) return fail(ok.error().in("block"));
  if (told != hash_of(outer.body)) return fail(Errc::bad_data, "block: its hash is not that of its body");

  ColumnFields fields;
  if (auto ok = read_body(outer.body, out, fields); !ok) return fail(ok.error().in("block"));
  if (auto ok = scratch_->unfold(fields); !ok) return fail(ok.error().in("block"));
  const auto opened_ms = static_cast<std::uint64_t>(to_ms(out.header.opened_at));
  const std::string_view plain{scratch_->plain.data(), fields.columns_size};
  if (auto ok = read_columns(plain, fields.sample_count, opened_ms, scratch_->columns, scratch_->table);
      !ok) {
    return fail(ok.error().in("block"));
  }
  scratch_->fill(out.samples);
  hash = told;
  return {};
}

Result<Block> BlockDecoder::decode(std::string_view envelope) {
  Block block;
  Hash hash{};
  if (auto ok = decode_into(envelope, block, hash); !ok) return fail(ok.error());
  return block;
}

}  // namespace davy
