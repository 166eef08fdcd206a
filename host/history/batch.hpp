#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "host/alarm/alarm.hpp"
#include "host/core/host_view.hpp"
#include "proto/base/clock.hpp"
#include "proto/model/block.hpp"
#include "proto/model/event.hpp"
#include "proto/model/range_set.hpp"

// Rows on their way into the history, as plain values. Ingest fills a batch, the core commits it in one
// transaction.
namespace davy {

// Numbers the history gives out; the same as long as its database lives.
enum class GatewayId : std::uint32_t {};
enum class StreamId : std::uint32_t {};
enum class BirthId : std::uint32_t {};
constexpr std::uint32_t to_number(GatewayId id) { return static_cast<std::uint32_t>(id); }
constexpr std::uint32_t to_number(StreamId id) { return static_cast<std::uint32_t>(id); }
constexpr std::uint32_t to_number(BirthId id) { return static_cast<std::uint32_t>(id); }

// A block's key is its stream and its number in one integer: streams below 2^23, numbers below 2^40. One
// block a millisecond would fill a stream in 34 years.
inline constexpr std::uint64_t seq_max = (std::uint64_t{1} << 40U) - 1;
inline constexpr std::uint32_t stream_count_max = (std::uint32_t{1} << 23U) - 1;

// Written whole whenever anything of it changes.
struct GatewayRow {
  GatewayId id{};
  std::string name;
  std::optional<BirthId> birth;   // in force
  std::uint64_t quarantined = 0;  // messages that could not be trusted, ever
};

struct StreamRow {
  StreamId id{};
  GatewayId gateway{};
  Uuid uuid{};
  WallTime first_seen;
};

struct BirthRow {
  BirthId id{};
  GatewayId gateway{};
  Hash hash{};
  WallTime received;
  std::string message;
};

// Written again when a newer birth describes the point.
struct PointRow {
  HostPointId id = no_point;
  GatewayId gateway{};
  std::string name;
  BirthId birth{};             // the newest that has it
  std::uint32_t position = 0;  // in that birth
};

struct BlockRow {
  StreamId stream{};
  Seq seq{};
  GatewayId gateway{};
  BirthId birth{};
  WallTime received;
  WallTime from;            // corrected time of its oldest entry
  WallTime to;              // and of its youngest
  Duration clock_error{0};  // to be taken off every time in the envelope
  ClockMark clock = ClockMark::ok;
  std::string envelope;
};

struct LostRow {
  StreamId stream{};
  Range seqs;
  std::string reason;
  WallTime recorded;
};

struct EventRow {
  StreamId stream{};
  Seq seq{};    // the block that told it
  Event event;  // its time corrected
};

// Something that came and could not be trusted, kept for whoever has to find out why.
struct QuarantineRow {
  std::string gateway;  // by the topic; empty when not even that could be read
  Hash hash{};          // of all of it: the same again is counted, not kept again
  std::string topic;
  std::string reason;
  WallTime received;
  std::uint64_t count = 1;
  std::uint64_t size = 0;
  std::string bytes;  // the first quarantine_bytes_max of it
};
inline constexpr std::size_t quarantine_bytes_max = 64 * 1024;
inline constexpr std::size_t quarantine_rows_max = 100;  // per gateway, newest kept

// True time minus steady time of one boot of a gateway, as the host estimated it.
struct ClockRow {
  GatewayId gateway{};
  std::uint64_t boot = 0;
  Duration wall_minus_steady{0};
  WallTime heard;
};

struct Batch {
  std::vector<GatewayRow> gateways;
  std::vector<StreamRow> streams;
  std::vector<BirthRow> births;
  std::vector<PointRow> points;
  std::vector<BlockRow> blocks;
  std::vector<LostRow> lost;
  std::vector<EventRow> events;
  std::vector<QuarantineRow> quarantine;
  std::vector<ClockRow> clocks;

  bool empty() const {
    return gateways.empty() && streams.empty() && births.empty() && points.empty() && blocks.empty() &&
           lost.empty() && events.empty() && quarantine.empty() && clocks.empty();
  }
  // Forgets the rows, keeps the memory.
  void clear() {
    gateways.clear(), streams.clear(), births.clear(), points.clear(), blocks.clear();
    lost.clear(), events.clear(), quarantine.clear(), clocks.clear();
  }
};

}  // namespace davy
