#include "drivers/can/can_frame.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>

namespace davy {

std::string hex_text(std::uint64_t number, std::size_t digits_min) {
  std::array<char, 16> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, 16).ptr;
  std::string text{digits.data(), end};
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c; });
  if (text.size() < digits_min) text.insert(0, digits_min - text.size(), '0');
  return text;
}

std::string to_string(CanId id) { return "0x" + hex_text(id.number, id.extended ? 8 : 3); }

}  // namespace davy
