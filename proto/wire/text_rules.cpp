#include "proto/wire/text_rules.hpp"

#include <algorithm>
#include <cstdint>

namespace davy {
namespace {

struct CodePoint {
  std::uint32_t value = 0;
  std::size_t size = 0;  // bytes taken; 0: not UTF-8
};

constexpr unsigned byte_at(std::string_view bytes, std::size_t i) {
  return static_cast<unsigned char>(bytes[i]);
}

// The first code point of `bytes`, which are not empty.
CodePoint first_code_point(std::string_view bytes) {
  const unsigned lead = byte_at(bytes, 0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || bytes.size() < size) return {};
  std::uint32_t value = lead & (0x7FU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    const unsigned next = byte_at(bytes, i);
    if ((next & 0xC0U) != 0x80U) return {};
    value = value << 6U | (next & 0x3FU);
  }
  const bool overlong = (size == 3 && value < 0x800) || (size == 4 && value < 0x10000);
  const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (overlong || surrogate || value > 0x10FFFF) return {};
  return {value, size};
}

constexpr bool is_control(std::uint32_t c) { return c < 0x20 || (c >= 0x7F && c < 0xA0); }

// Blanks, joiners and direction marks: they change how a name looks without being seen.
constexpr bool is_invisible(std::uint32_t c) {
  return c == 0xA0 || c == 0xAD || (c >= 0x2000 && c <= 0x200F) || (c >= 0x2028 && c <= 0x202F) ||
         (c >= 0x205F && c <= 0x206F) || c == 0x3000 || c == 0xFEFF || (c >= 0xFFF0 && c <= 0xFFFD);
}

constexpr bool is_name_character(std::uint32_t c) {
  if (c >= 0x80) return !is_control(c) && !is_invisible(c);
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
         c == '.' || c == ':';
}

template <typename Allowed>
bool consists_of(std::string_view bytes, Allowed allowed) {
  while (!bytes.empty()) {
    const CodePoint point = first_code_point(bytes);
    if (point.size == 0 || !allowed(point.value)) return false;
    bytes.remove_prefix(point.size);
  }
  return true;
}

}  // namespace

bool is_utf8(std::string_view bytes) {
  return consists_of(bytes, [](std::uint32_t) { return true; });
}

bool is_text(std::string_view bytes, std::size_t size_max) {
  return bytes.size() <= size_max && consists_of(bytes, [](std::uint32_t c) { return !is_control(c); });
}

bool is_name(std::string_view bytes) {
  return !bytes.empty() && bytes.size() <= name_size_max && consists_of(bytes, is_name_character);
}

bool is_point_name(std::string_view bytes) {
  const std::size_t slash = bytes.find('/');
  if (slash == std::string_view::npos) return is_name(bytes);
  return is_name(bytes.substr(0, slash)) && is_name(bytes.substr(slash + 1));
}

std::string clean_text(std::string_view bytes, std::size_t size_max) {
  std::string out;
  out.reserve(std::min(bytes.size(), size_max));
  while (!bytes.empty()) {
    const CodePoint point = first_code_point(bytes);
    const std::size_t size = std::max<std::size_t>(point.size, 1);
    if (out.size() + size > size_max) return out;
    if (point.size == 0) {
      out += '?';
    } else if (is_control(point.value)) {
      out += ' ';
    } else {
      out += bytes.substr(0, size);
    }
    bytes.remove_prefix(size);
  }
  return out;
}

}  // namespace davy
