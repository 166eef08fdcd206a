#include "proto/wire/hash.hpp"

#include <sodium.h>

#include "proto/base/assert.hpp"

namespace davy {
namespace {

constexpr std::string_view digits = "0123456789abcdef";

int digit_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

void append_hex(std::string& out, std::uint8_t byte) {
  out += digits[byte >> 4U];
  out += digits[byte & 0xFU];
}

}  // namespace

Hash hash_of(std::string_view bytes) {
  static const bool ready = sodium_init() >= 0;  // picks the code for this processor
  DAVY_ASSERT(ready);
  Hash out{};
  const int done = crypto_generichash(
      out.data(), out.size(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), nullptr, 0);
  DAVY_ASSERT(done == 0);
  return out;
}

std::string to_hex(const Hash& hash) {
  std::string out;
  for (const std::uint8_t byte : hash) append_hex(out, byte);
  return out;
}

std::string to_text(const Uuid& uuid) {
  std::string out;
  for (std::size_t i = 0; i < uuid.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
    append_hex(out, uuid[i]);
  }
  return out;
}

bool uuid_from_text(std::string_view text, Uuid& out) {
  Uuid uuid{};
  std::size_t nibble = 0;
  for (const char c : text) {
    if (c == '-') continue;
    const int value = digit_value(c);
    if (value < 0 || nibble >= 2 * uuid.size()) return false;
    auto& byte = uuid[nibble / 2];
    byte = static_cast<std::uint8_t>(static_cast<unsigned>(byte) << 4U | static_cast<unsigned>(value));
    ++nibble;
  }
  if (nibble != 2 * uuid.size()) return false;
  out = uuid;
  return true;
}

Uuid random_uuid() {
  DAVY_ASSERT(sodium_init() >= 0);
  Uuid out{};
  randombytes_buf(out.data(), out.size());
  out[6] = static_cast<std::uint8_t>((out[6] & 0x0FU) | 0x40U);
  out[8] = static_cast<std::uint8_t>((out[8] & 0x3FU) | 0x80U);
  return out;
}

}  // namespace davy
