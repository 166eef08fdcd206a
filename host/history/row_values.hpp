#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "proto/base/clock.hpp"
#include "proto/store/sqlite_database.hpp"

namespace davy {

// Columns as the types the history means by them.
inline std::uint32_t u32(const SqliteStatement& s, int column) {
  return static_cast<std::uint32_t>(s.number(column));
}
inline std::uint64_t u64(const SqliteStatement& s, int column) {
  return static_cast<std::uint64_t>(s.number(column));
}
inline WallTime time_of(const SqliteStatement& s, int column) { return wall_from_ms(s.number(column)); }

// A Hash or Uuid; all zero when the column has another length.
template <typename Bytes>
Bytes bytes_of(const SqliteStatement& s, int column) {
  Bytes out{};
  const std::string_view blob = s.blob(column);
  if (blob.size() == out.size()) std::memcpy(out.data(), blob.data(), out.size());
  return out;
}

}  // namespace davy
