#include "drivers/modbus/rtu_reader.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "drivers/modbus/frame.hpp"

namespace davy {
namespace {

constexpr std::size_t checksum_size = 2;
constexpr std::size_t frame_min = 5;   // an exception
constexpr std::size_t sparks_max = 8;  // characters of noise before an answer that are passed over
constexpr std::size_t heard_max = 24;

// From the unit to the checksum, by what the frame says of itself; none when it has not said it yet or nobody
// knows.
std::optional<std::size_t> announced_size(std::span<const std::uint8_t> frame) {
  if (frame.size() < 2) return std::nullopt;
  const unsigned function = frame[1];
  if ((function & 0x80U) != 0) return frame_min;
  if (function == 5 || function == 6 || function == 15 || function == 16)
    return 1 + request_pdu_size + checksum_size;
  if (function < 1 || function > 4 || frame.size() < 3) return std::nullopt;
  return 3U + frame[2] + checksum_size;
}

}  // namespace

void RtuReader::expect(std::uint8_t unit) {
  unit_ = unit;
  bytes_.clear();
  taken_ = 0;
}

std::optional<std::size_t> RtuReader::whole_frame_at(std::size_t at) const {
  const auto frame = std::span{bytes_}.subspan(at);
  const auto size = announced_size(frame);
  if (!size || *size > rtu_frame_max || frame.size() < *size) return std::nullopt;
  const unsigned sum = frame[*size - 2] | unsigned{frame[*size - 1]} << 8U;
  return crc16(frame.first(*size - checksum_size)) == sum ? size : std::nullopt;
}

std::optional<Received> RtuReader::next() {
  bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(taken_));
  taken_ = 0;
  for (std::size_t at = 0; at + frame_min <= bytes_.size() && at <= sparks_max; ++at) {
    const auto size = whole_frame_at(at);
    // Behind noise only the right unit counts: a checksum alone fits by chance too easily.
    if (!size || (at > 0 && bytes_[at] != unit_)) continue;
    taken_ = at + *size;
    return Received{bytes_[at] == unit_ ? Arrival::frame : Arrival::other_unit,
                    std::span{bytes_}.subspan(at, *size - checksum_size)};
  }
  return std::nullopt;
}

Received RtuReader::end() {
  const auto size = announced_size(bytes_);
  taken_ = bytes_.size();
  if (size && *size > rtu_frame_max && bytes_[0] == unit_) return {Arrival::unfit, {}};
  if (bytes_.size() < frame_min || (size && bytes_.size() < *size)) return {Arrival::cut_short, {}};
  return {Arrival::bad_checksum, {}};
}

bool RtuReader::is_flooded() const { return bytes_.size() > 2 * rtu_frame_max; }

std::string RtuReader::heard() const {
  std::string out;
  for (std::size_t i = 0; i < std::min(bytes_.size(), heard_max); ++i) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    if (i > 0) out += ' ';
    out += digits[bytes_[i] >> 4U];
    out += digits[bytes_[i] & 0xFU];
  }
  return bytes_.size() > heard_max ? out + " ..." : out;
}

}  // namespace davy
