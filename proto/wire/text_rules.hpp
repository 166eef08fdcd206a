#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "proto/wire/limits.hpp"

// What names and texts may hold, the same for configuration files and for the wire.
namespace davy {

// Well-formed UTF-8: no overlong forms, no surrogates, nothing beyond U+10FFFF.
bool is_utf8(std::string_view bytes);

// UTF-8 of at most `size_max` bytes without control characters. Empty is a text.
bool is_text(std::string_view bytes, std::size_t size_max = text_size_max);

// What a point, bus, device or reader may be called: 1 to 64 bytes of letters, digits, "-", "_", "." and ":",
// where letters may be those of any script. No blanks, and nothing invisible: two names that look alike must
// be alike.
bool is_name(std::string_view bytes);

// What a point is called in a birth: a name, or for the points that a gateway adds itself two of them joined
// by a slash, "<gateway>/<point>". Configuration files take plain names only, so the two can never meet.
bool is_point_name(std::string_view bytes);

// The nearest text to `bytes`: what is not UTF-8 becomes "?", control characters become blanks, the rest is
// cut off. For words that come from devices, libraries and the network and must never make a message
// unreadable.
std::string clean_text(std::string_view bytes, std::size_t size_max = text_size_max);

}  // namespace davy
