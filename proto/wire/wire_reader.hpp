#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace davy {

// Integers of 7 bits a byte, least significant first; at most ten bytes, nothing beyond 64 bits.
// Moves `bytes` behind the number; false leaves it anywhere.
inline bool take_varint(std::string_view& bytes, std::uint64_t& out) {
  std::uint64_t value = 0;
  for (unsigned i = 0; i < 10 && i < bytes.size(); ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    value |= static_cast<std::uint64_t>(byte & 0x7FU) << (7 * i);
    if (byte >= 0x80) continue;
    if (i == 9 && byte > 1) return false;
    bytes.remove_prefix(i + 1);
    out = value;
    return true;
  }
  return false;
}

constexpr std::uint64_t zigzag(std::int64_t n) {
  return static_cast<std::uint64_t>(n) << 1U ^ static_cast<std::uint64_t>(n >> 63U);
}
constexpr std::int64_t unzigzag(std::uint64_t n) {
  return static_cast<std::int64_t>(n >> 1U ^ (~(n & 1U) + 1));
}

// Walks the fields of one serialized protobuf message in place, without copying or allocating, so that what a
// hostile sender announces is counted before anything is made of it. `bytes` outlives the reader.
class WireReader {
 public:
  enum class Type : std::uint8_t { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };

  explicit WireReader(std::string_view bytes) : rest_{bytes} {}

  // On to the next field; false at the end and at the first malformed one.
  bool next() {
    if (rest_.empty() || malformed_) return false;
    std::uint64_t key = 0;
    malformed_ = !take_varint(rest_, key) || key >> 3U == 0 || key >> 3U > field_max || !take_value(key & 7U);
    field_ = static_cast<std::uint32_t>(key >> 3U);
    return !malformed_;
  }
  bool malformed() const { return malformed_; }

  std::uint32_t field() const { return field_; }
  Type type() const { return type_; }
  std::uint64_t number() const { return number_; }   // varint, fixed64, fixed32
  std::string_view bytes() const { return bytes_; }  // bytes: also strings and messages

 private:
  static constexpr std::uint64_t field_max = (1U << 29U) - 1;

  bool take_value(std::uint64_t type) {
    type_ = static_cast<Type>(type);
    switch (type_) {
      case Type::varint: return take_varint(rest_, number_);
      case Type::fixed64: return take_fixed(8);
      case Type::fixed32: return take_fixed(4);
      case Type::bytes: break;
    }
    std::uint64_t length = 0;
    if (type_ != Type::bytes || !take_varint(rest_, length) || length > rest_.size()) return false;
    const auto size = static_cast<std::size_t>(length);  // narrower on a 32-bit box
    bytes_ = rest_.substr(0, static_cast<std::size_t>(size));
    rest_.remove_prefix(bytes_.size());
    return true;
  }
  bool take_fixed(std::size_t size) {
    if (rest_.size() < size) return false;
    number_ = 0;
    for (std::size_t i = 0; i < size; ++i) {
      number_ |= static_cast<std::uint64_t>(static_cast<unsigned char>(rest_[i])) << (8 * i);
    }
    rest_.remove_prefix(size);
    return true;
  }

  std::string_view rest_;
  std::string_view bytes_;
  std::uint64_t number_ = 0;
  std::uint32_t field_ = 0;
  Type type_ = Type::varint;
  bool malformed_ = false;
};

// How often `field` stands in a message.
inline std::size_t count_fields(std::string_view message, std::uint32_t field) {
  std::size_t count = 0;
  for (WireReader reader{message}; reader.next();) count += reader.field() == field ? 1U : 0U;
  return count;
}

}  // namespace davy
