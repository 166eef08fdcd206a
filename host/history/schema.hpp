#pragma once

#include <cstdint>
#include <string>

#include "proto/base/clock.hpp"
#include "proto/base/result.hpp"
#include "proto/model/block.hpp"
#include "proto/store/sqlite_database.hpp"

namespace davy {

inline constexpr std::int64_t history_schema = 1;

// Blocks longer than this (a clock set in the middle of one) have an index of their own, so that a time range
// finds all others by their beginning alone.
inline constexpr Duration long_block{120000};

// Makes the tables of an empty database; checks those of an old one. Errors: bad_config when it was made by a
// newer davy-host or belongs to another mine, corrupt when it is no history of ours.
Status prepare_history(SqliteDatabase& db, const std::string& mine, WallTime now);

// Key of a block: stream << 40 | seq.
std::int64_t block_key(std::uint32_t stream, std::uint64_t seq);
constexpr std::uint32_t stream_of_key(std::int64_t key) { return static_cast<std::uint32_t>(key >> 40); }
constexpr std::uint64_t seq_of_key(std::int64_t key) {
  return static_cast<std::uint64_t>(key) & 0xFFFFFFFFFFULL;
}

}  // namespace davy
