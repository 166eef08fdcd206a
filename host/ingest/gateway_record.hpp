#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "host/core/host_view.hpp"
#include "host/history/batch.hpp"
#include "host/ingest/boot_clocks.hpp"
#include "host/ingest/chain_memory.hpp"
#include "host/ingest/quarantine_gate.hpp"
#include "host/ingest/twin_watch.hpp"
#include "proto/model/range_set.hpp"

namespace davy {

struct StreamRecord {
  StreamId id{};
  ChainMemory chain;
  // Judged, but left to the gateway for want of room on disk: will come again and is then only stored.
  RangeSet judged;
};

// All that ingest remembers of one gateway.
struct GatewayRecord {
  GatewayRow row;
  GatewayStatus status;

  SteadyTime heard;      // when anything live came last, or when listening began
  bool greeted = false;  // was told that the host is there, since the broker is
  bool alarmed = false;  // its offline or silent alarm stands
  BootClocks clocks;
  bool clock_alarmed = false;

  std::optional<Hash> birth_in_force;
  std::optional<Hash> birth_told;  // by its last live state since the broker is there

  std::map<Uuid, StreamRecord> streams;
  StreamId newest_stream{};  // of the newest block that was judged live
  std::uint64_t newest_seq = 0;
  WallTime newest_opened;

  TwinWatch state_twins{1};
  TwinWatch block_twins{2};
  QuarantineGate quarantine;
};

}  // namespace davy
