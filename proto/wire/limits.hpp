#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

// Every bound of the wire in one place. What a decoder refuses, no encoder of ours makes.
namespace davy {

inline constexpr std::size_t name_size_max = 64;
inline constexpr std::size_t text_size_max = 512;
inline constexpr std::size_t event_text_size_max =
    400;  // a block full of events stays below envelope_size_max

inline constexpr std::size_t points_max = 32768;  // per gateway
inline constexpr std::size_t limits_per_point_max = 16;
inline constexpr std::size_t birth_size_max = 16 * 1024 * 1024;

inline constexpr std::size_t ack_streams_max = 64;
inline constexpr std::size_t ack_ranges_max =
    16384;  // over all streams of one ack; a longer one is sent in parts
inline constexpr std::size_t message_size_max = 1024 * 1024;  // any other message but the block

// Times on the wire lie within +-2^53 ms (285,000 years): differences cannot overflow, and JSON carries them
// exactly.
inline constexpr std::int64_t time_ms_max = std::int64_t{1} << 53U;
constexpr bool is_time_ms(std::int64_t ms) { return ms >= -time_ms_max && ms <= time_ms_max; }
constexpr std::int64_t clamp_time_ms(std::int64_t ms) { return std::clamp(ms, -time_ms_max, time_ms_max); }

}  // namespace davy
