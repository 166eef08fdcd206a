#include "proto/wire/block_fields.hpp"

#include <limits>

#include "proto/wire/column_bytes.hpp"
#include "proto/wire/message_checks.hpp"
#include "proto/wire/messages.pb.h"
#include "proto/wire/topics.hpp"
#include "proto/wire/wire_reader.hpp"

namespace davy {
namespace {

using Body = wire::BlockBody;
using Type = WireReader::Type;

constexpr std::uint64_t block_schema = 1;
constexpr std::size_t signature_size = 64;

// One field of a message as numbers and bytes. Remembers when one has the wrong type or does not fit, so that
// a message is read in one go and judged at its end.
class Fields {
 public:
  explicit Fields(std::string_view message) : reader_{message} {}

  bool next() { return reader_.next(); }
  int field() const { return static_cast<int>(reader_.field()); }
  bool good() const { return good_ && !reader_.malformed(); }

  std::uint64_t number(std::uint64_t max = UINT64_MAX) {
    if (reader_.type() != Type::varint || reader_.number() > max) return wrong();
    return reader_.number();
  }
  bool flag() { return number() != 0; }
  std::uint64_t fixed64() { return reader_.type() == Type::fixed64 ? reader_.number() : wrong(); }
  std::int64_t signed_number(std::int64_t low, std::int64_t high) {
    const std::int64_t n = unzigzag(number());
    if (n < low || n > high) return static_cast<std::int64_t>(wrong());
    return n;
  }
  std::int64_t time_ms() { return signed_number(-time_ms_max, time_ms_max); }
  // To be added to a time: what comes out is checked then.
  std::int64_t time_step_ms() { return signed_number(-2 * time_ms_max, 2 * time_ms_max); }
  std::string_view bytes() {
    if (reader_.type() == Type::bytes) return reader_.bytes();
    wrong();
    return {};
  }

 private:
  std::uint64_t wrong() {
    good_ = false;
    return 0;
  }

  WireReader reader_;
  bool good_ = true;
};

Status read_sighting(std::string_view bytes, Sighting& out) {
  Fields in{bytes};
  out = {};
  while (in.next()) {
    switch (in.field()) {
      case wire::SightingEntry::kTagFieldNumber: out.tag = in.fixed64(); break;
      case wire::SightingEntry::kReaderFieldNumber: out.reader = in.bytes(); break;
      case wire::SightingEntry::kAfterOpenedMsFieldNumber:
        out.source_time = wall_from_ms(in.time_step_ms());
        break;
      case wire::SightingEntry::kDistanceCmFieldNumber:
        out.distance_cm = static_cast<std::int32_t>(in.signed_number(INT32_MIN, INT32_MAX));
        break;
      case wire::SightingEntry::kRssiDbmFieldNumber:
        out.rssi_dbm = static_cast<std::int16_t>(in.signed_number(INT16_MIN, INT16_MAX));
        break;
      case wire::SightingEntry::kSosFieldNumber: out.sos = in.flag(); break;
      case wire::SightingEntry::kLowBatteryFieldNumber: out.low_battery = in.flag(); break;
      default: break;  // of a later version
    }
  }
  Checks checks;
  checks.that(in.good(), "sighting is malformed")
      .that(is_name(out.reader), "sighting without a valid reader");
  return checks.status();
}

Status read_event(std::string_view bytes, Event& out) {
  Fields in{bytes};
  out = {};
  std::uint64_t kind = 0;
  while (in.next()) {
    switch (in.field()) {
      case wire::EventEntry::kKindFieldNumber: kind = in.number(UINT32_MAX); break;
      case wire::EventEntry::kAfterOpenedMsFieldNumber: out.at = wall_from_ms(in.time_step_ms()); break;
      case wire::EventEntry::kFirstFieldNumber: out.first = in.number(); break;
      case wire::EventEntry::kLastFieldNumber: out.last = in.number(); break;
      case wire::EventEntry::kTextFieldNumber: out.text = in.bytes(); break;
      default: break;  // of a later version
    }
  }
  Checks checks;
  checks.that(in.good(), "event is malformed")
      .that(kind >= 1 && kind <= static_cast<std::uint64_t>(EventKind::key_ended), "event of an unknown kind")
      .that(is_text(out.text, event_text_size_max), "event with a text that is none");
  out.kind = static_cast<EventKind>(kind);
  return checks.status();
}

// A body's fields as they come, before anything is judged.
struct RawBody {
  std::uint64_t schema = 0;
  std::string_view gateway;
  std::string_view stream;
  std::string_view birth;
  std::string_view previous;
  std::uint64_t clock = 0;
  std::uint64_t compression = 0;
  Status entries;
};

// Samples are not there yet: what `out` holds of them is from the block before.
std::size_t entries_so_far(const Block& out) { return out.sightings.size() + out.events.size(); }

void read_entry(std::string_view bytes, bool is_event, Block& out, Status& status) {
  if (!status) return;
  if (entries_so_far(out) >= block_entries_max) {
    status = fail(Errc::bad_data, "more entries than a block holds");
    return;
  }
  status = is_event ? read_event(bytes, out.events.emplace_back())
                    : read_sighting(bytes, out.sightings.emplace_back());
}

bool read_fields(std::string_view bytes, Block& out, ColumnFields& columns, RawBody& raw) {
  auto& header = out.header;
  Fields in{bytes};
  while (in.next()) {
    switch (in.field()) {
      case Body::kSchemaFieldNumber: raw.schema = in.number(UINT32_MAX); break;
      case Body::kGatewayFieldNumber: raw.gateway = in.bytes(); break;
      case Body::kStreamFieldNumber: raw.stream = in.bytes(); break;
      case Body::kSeqFieldNumber: header.seq = Seq{in.number()}; break;
      case Body::kBootFieldNumber: header.boot = in.number(); break;
      case Body::kOpenedAtMsFieldNumber: header.opened_at = wall_from_ms(in.time_ms()); break;
      case Body::kOpenedSteadyMsFieldNumber: header.opened_steady = steady_from_ms(in.time_ms()); break;
      case Body::kClockFieldNumber: raw.clock = in.number(); break;
      case Body::kBirthFieldNumber: raw.birth = in.bytes(); break;
      case Body::kPreviousFieldNumber: raw.previous = in.bytes(); break;
      case Body::kUrgentFieldNumber: header.urgent = in.flag(); break;
      case Body::kSampleCountFieldNumber:
        columns.sample_count = static_cast<std::size_t>(in.number(block_entries_max));
        break;
      case Body::kCompressionFieldNumber: raw.compression = in.number(); break;
      case Body::kColumnsFieldNumber: columns.columns = in.bytes(); break;
      case Body::kColumnsSizeFieldNumber:
        columns.columns_size = static_cast<std::size_t>(in.number(columns_size_max));
        break;
      case Body::kSightingFieldNumber: read_entry(in.bytes(), false, out, raw.entries); break;
      case Body::kEventFieldNumber: read_entry(in.bytes(), true, out, raw.entries); break;
      default: break;  // of a later version
    }
  }
  return in.good();
}

Status read_header(const RawBody& raw, BlockHeader& header) {
  Checks checks;
  checks.that(raw.schema == block_schema, "schema is not known here")
      .that(is_topic_name(raw.gateway), "no valid gateway")
      .that(to_number(header.seq) >= 1, "sequence number 0")
      .that(to_number(header.seq) != 1 || raw.previous.empty(), "first of its stream, but has one before")
      .that(raw.clock <= static_cast<std::uint64_t>(ClockQuality::synced), "unknown clock quality")
      .that(raw.compression <= Body::ZSTD, "unknown compression");
  if (auto ok = checks.status(); !ok) return ok;
  header.gateway = raw.gateway;
  header.clock = static_cast<ClockQuality>(raw.clock);
  if (auto ok = read_array(raw.stream, false, "stream", header.stream); !ok) return ok;
  if (auto ok = read_array(raw.birth, false, "birth", header.birth); !ok) return ok;
  return read_array(raw.previous, to_number(header.seq) == 1, "previous", header.previous);
}

// Entries come with their time after the block's opening.
Status place_in_time(Block& block) {
  const std::int64_t opened = to_ms(block.header.opened_at);
  const auto place = [&](WallTime& time) {
    time = wall_from_ms(opened + to_ms(time));
    return is_time_ms(to_ms(time));
  };
  bool good = true;
  for (Sighting& sighting : block.sightings) good = place(sighting.source_time) && good;
  for (Event& event : block.events) good = place(event.at) && good;
  if (good) return {};
  return fail(Errc::bad_data, "time out of bounds");
}

}  // namespace

Status read_envelope(std::string_view bytes, EnvelopeFields& out) {
  Fields in{bytes};
  while (in.next()) {
    switch (in.field()) {
      case wire::BlockEnvelope::kBodyFieldNumber: out.body = in.bytes(); break;
      case wire::BlockEnvelope::kHashFieldNumber: out.hash = in.bytes(); break;
      case wire::BlockEnvelope::kSignatureFieldNumber: out.signature = in.bytes(); break;
      default: break;  // of a later version
    }
  }
  Checks checks;
  checks.that(in.good(), "envelope is malformed")
      .that(out.signature.empty() || out.signature.size() == signature_size, "signature has not 64 bytes");
  return checks.status();
}

Status read_body(std::string_view bytes, Block& out, ColumnFields& columns) {
  out.header = {};
  out.sightings.clear();
  out.events.clear();
  RawBody raw;
  if (!read_fields(bytes, out, columns, raw))
    return fail(Errc::bad_data, "body is malformed or a number out of range");
  if (!raw.entries) return raw.entries;
  if (auto ok = read_header(raw, out.header); !ok) return ok;
  if (columns.sample_count + entries_so_far(out) > block_entries_max) {
    return fail(Errc::bad_data, "more entries than a block holds");
  }
  columns.compressed = raw.compression == Body::ZSTD;
  if (!columns.compressed && columns.columns.size() != columns.columns_size) {
    return fail(Errc::bad_data, "columns have not the announced size");
  }
  return place_in_time(out);
}

}  // namespace davy
