#include "drivers/modbus/rtu_sniffer.hpp"

#include <algorithm>
#include <array>

#include "drivers/modbus/frame.hpp"
#include "drivers/modbus/line_timing.hpp"

namespace davy {
namespace {

using std::chrono::microseconds;

// How much later than on the wire bytes may come: adapters bundle 16 ms, a busy machine adds its own.
constexpr microseconds delivery_slack{40'000};
constexpr std::size_t frame_min = 4;
constexpr std::uint8_t unit_max = 247;
constexpr std::uint8_t exception_bit = 0x80;
constexpr std::uint8_t exception_max = 11;
constexpr std::size_t exception_size = 5;
constexpr std::size_t count_from_nowhere = 0;

// How long the frames of a function are, checksum included: `fixed`, and the byte at `count_at` if there is
// one.
struct Length {
  std::size_t fixed = 0;
  std::size_t count_at = count_from_nowhere;
};
struct Shape {
  std::uint8_t function = 0;
  Length request, reply;
};
constexpr Shape shapes[] = {
    {1, {8}, {5, 2}},  {2, {8}, {5, 2}},       {3, {8}, {5, 2}},  {4, {8}, {5, 2}},     {5, {8}, {8}},
    {6, {8}, {8}},     {7, {4}, {5}},          {8, {8}, {8}},     {11, {4}, {8}},       {12, {4}, {5, 2}},
    {15, {9, 6}, {8}}, {16, {9, 6}, {8}},      {17, {4}, {5, 2}}, {20, {5, 2}, {5, 2}}, {21, {5, 2}, {5, 2}},
    {22, {10}, {10}},  {23, {13, 10}, {5, 2}},
};

const Shape* shape_of(std::uint8_t function) {
  const auto* at = std::ranges::find(shapes, function, &Shape::function);
  return at == std::end(shapes) ? nullptr : at;
}

bool checksum_fits(std::span<const std::uint8_t> frame) {
  if (frame.size() < frame_min || frame.size() > rtu_frame_max) return false;
  const std::size_t size = frame.size() - 2;
  return crc16(frame.first(size)) == (frame[size] | (frame[size + 1] << 8U));
}

// What a frame that begins with these bytes measures; 0 when that cannot be told yet, or it cannot be one.
std::size_t size_by(const Length& length, std::span<const std::uint8_t> bytes) {
  if (length.count_at == count_from_nowhere) return length.fixed;
  if (bytes.size() <= length.count_at || bytes[length.count_at] == 0) return 0;
  return length.fixed + bytes[length.count_at];
}

}  // namespace

RtuSniffer::RtuSniffer(const SerialSettings& line)
    : line_{line}, settle_{std::max(frame_silence(line), delivery_slack)} {}

void RtuSniffer::take(std::span<const std::uint8_t> bytes, microseconds now, std::vector<HeardFrame>& out) {
  if (bytes.empty()) return;
  const microseconds first = now - wire_time(line_, bytes.size());
  Lump lump{.at = pending_.size(), .began = last_ ? std::max(first, *last_) : first, .ended = now, .gap = {}};
  if (last_) {
    lump.gap = lump.began - *last_;
    if (*lump.gap > settle_ && !pending_.empty()) {
      split(true, out);
      lump.at = 0;
    }
  }
  last_ = now;
  lumps_.push_back(lump);
  pending_.insert(pending_.end(), bytes.begin(), bytes.end());
  split(false, out);
}

void RtuSniffer::idle(microseconds now, std::vector<HeardFrame>& out) {
  if (!pending_.empty() && last_ && now - *last_ > settle_) split(true, out);
}

// `ended`: nothing more belongs to what is pending.
void RtuSniffer::split(bool ended, std::vector<HeardFrame>& out) {
  while (!pending_.empty()) {
    if (const std::size_t size = whole_at(0, ended); size > 0) {
      emit(size, true, out);
      continue;
    }
    if (!ended && pending_.size() < rtu_frame_max && may_grow(0)) return;
    if (const std::size_t next = next_whole(ended); next > 0) {
      emit(next, false, out);
    } else if (ended) {
      emit(pending_.size(), false, out);
    } else if (pending_.size() >= 2 * rtu_frame_max) {
      emit(rtu_frame_max, false, out);
    } else {
      return;
    }
  }
}

// The size of the frame that begins at `start` and is whole; 0 when there is none.
std::size_t RtuSniffer::whole_at(std::size_t start, bool ended) const {
  const auto bytes = std::span{pending_}.subspan(start);
  if (bytes.size() < frame_min || bytes[0] > unit_max) return 0;
  const auto fits = [&](std::size_t size) {
    return size >= frame_min && size <= bytes.size() && checksum_fits(bytes.first(size));
  };
  if ((bytes[1] & exception_bit) != 0) {
    const bool known = bytes[2] >= 1 && bytes[2] <= exception_max;
    return known && fits(exception_size) ? exception_size : 0;
  }
  if (const Shape* shape = shape_of(bytes[1])) {
    for (const Length& length : {shape->request, shape->reply}) {
      const std::size_t size = size_by(length, bytes);
      if (fits(size)) return size;
    }
  }
  // A length we do not know: whatever lies between two gaps, when its checksum says that it is a frame.
  for (const Lump& lump : lumps_) {
    if (lump.at > start && lump.gap && *lump.gap >= frame_silence(line_) && fits(lump.at - start))
      return lump.at - start;
  }
  return ended && fits(bytes.size()) ? bytes.size() : 0;
}

// May what begins at `start` still become a frame when more comes?
bool RtuSniffer::may_grow(std::size_t start) const {
  const auto bytes = std::span{pending_}.subspan(start);
  if (bytes[0] > unit_max) return false;
  if (bytes.size() < frame_min) return true;
  if ((bytes[1] & exception_bit) != 0) return bytes.size() < exception_size;
  const Shape* shape = shape_of(bytes[1]);
  if (shape == nullptr) return true;
  return std::ranges::any_of(std::array{shape->request, shape->reply}, [&](const Length& length) {
    if (length.count_at != count_from_nowhere && bytes.size() <= length.count_at) return true;
    return size_by(length, bytes) > bytes.size();
  });
}

// Where behind the first byte a whole frame begins; 0: nowhere yet.
std::size_t RtuSniffer::next_whole(bool ended) const {
  for (std::size_t start = 1; start + frame_min <= pending_.size(); ++start) {
    if (whole_at(start, ended) > 0) return start;
  }
  return 0;
}

void RtuSniffer::emit(std::size_t size, bool whole, std::vector<HeardFrame>& out) {
  // The lump in which the frame begins, and the one in which it ends.
  const auto holds = [&](std::size_t at) {
    return std::ranges::find_if(lumps_.rbegin(), lumps_.rend(), [&](const Lump& l) { return l.at <= at; });
  };
  const Lump& begin = *holds(0);
  const Lump& end = *holds(size - 1);
  const auto front = pending_.begin() + static_cast<std::ptrdiff_t>(size);
  out.push_back({.bytes = {pending_.begin(), front},
                 .whole = whole,
                 .began = begin.began,
                 .ended = end.ended,
                 .gap = begin.gap});
  pending_.erase(pending_.begin(), front);
  // What is left of a lump has no gap before it that anybody could have seen.
  Lump rest = end;
  rest.at = 0;
  rest.gap.reset();
  std::erase_if(lumps_, [&](const Lump& l) { return l.at < size; });
  for (Lump& lump : lumps_) lump.at -= size;
  if (!pending_.empty() && (lumps_.empty() || lumps_.front().at > 0)) lumps_.insert(lumps_.begin(), rest);
}

}  // namespace davy
