#pragma once

#include <string>
#include <string_view>

#include "proto/model/block.hpp"

namespace davy {

Hash hash_of(std::string_view bytes);  // BLAKE2b-256 (RFC 7693, no key)
std::string to_hex(const Hash& hash);
std::string to_text(const Uuid& uuid);  // 8-4-4-4-12
bool uuid_from_text(std::string_view text, Uuid& out);
Uuid random_uuid();  // version 4, from the system's random source

inline std::string_view as_bytes(const Hash& h) {
  return {reinterpret_cast<const char*>(h.data()), h.size()};
}
inline std::string_view as_bytes(const Uuid& u) {
  return {reinterpret_cast<const char*>(u.data()), u.size()};
}

}  // namespace davy
