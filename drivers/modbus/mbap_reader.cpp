#include "drivers/modbus/mbap_reader.hpp"

#include "drivers/modbus/frame.hpp"

namespace davy {
namespace {

constexpr std::size_t bytes_before_unit = tcp_header_size - 1;

}  // namespace

std::optional<MbapFrame> MbapReader::next() {
  bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(taken_));
  taken_ = 0;
  if (broken_ || bytes_.size() < bytes_before_unit) return std::nullopt;
  const auto word = [this](std::size_t at) {
    return static_cast<unsigned>(bytes_[at] << 8U | bytes_[at + 1]);
  };
  const std::size_t size = bytes_before_unit + word(4);
  // Protocol 0 is Modbus; a unit, a function code and one byte more are the least an answer has.
  if (word(2) != 0 || word(4) < 3 || size > tcp_frame_max) {
    broken_ = true;
    return std::nullopt;
  }
  if (bytes_.size() < size) return std::nullopt;
  taken_ = size;
  return MbapFrame{static_cast<std::uint16_t>(word(0)), bytes_[bytes_before_unit],
                   std::span{bytes_}.first(size).subspan(tcp_header_size)};
}

void MbapReader::clear() {
  bytes_.clear();
  taken_ = 0;
  broken_ = false;
}

}  // namespace davy
