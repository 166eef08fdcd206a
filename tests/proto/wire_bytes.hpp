#pragma once

#include <cstdint>
#include <string>

// Protobuf bytes written by hand, to say what no encoder of ours says.
namespace davy::test {

inline std::string varint(std::uint64_t n) {
  std::string out;
  for (; n >= 0x80; n >>= 7U) out += static_cast<char>(n | 0x80U);
  return out += static_cast<char>(n);
}
inline std::string number_field(unsigned field, std::uint64_t n) { return varint(field << 3U) + varint(n); }
inline std::string bytes_field(unsigned field, const std::string& bytes) {
  return varint(field << 3U | 2U) + varint(bytes.size()) + bytes;
}

}  // namespace davy::test
