#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace davy {

// One frame of Modbus TCP.
struct MbapFrame {
  std::uint16_t transaction = 0;
  std::uint8_t unit = 0;
  std::span<const std::uint8_t> pdu;  // from the function code on; valid until the next call
};

// Cuts a stream of bytes into Modbus TCP frames, however they arrive.
class MbapReader {
 public:
  void add(std::span<const std::uint8_t> bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }
  // The next whole frame. None: more bytes are needed, or is_broken().
  std::optional<MbapFrame> next();
  // What has come is no Modbus TCP: the stream has no frame borders any more, only a new connection helps.
  bool is_broken() const { return broken_; }
  bool has_part() const { return bytes_.size() > taken_; }
  void clear();

 private:
  std::vector<std::uint8_t> bytes_;
  std::size_t taken_ = 0;  // of bytes_, by the frame given out last
  bool broken_ = false;
};

}  // namespace davy
