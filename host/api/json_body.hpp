#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "host/api/json.hpp"
#include "proto/base/result.hpp"

// Reads what a request sent. Every failure is bad_data with a sentence for a person; the field is in the
// message.
namespace davy {

Result<json::object> parse_object(std::string_view body);
// Text without zero bytes, at most `bytes_max`. A field that is missing is an error, unless `fallback` is
// given.
Result<std::string> text_field(const json::object& object, std::string_view name, std::size_t bytes_max);
Result<std::string> text_field(const json::object& object, std::string_view name, std::size_t bytes_max,
                               std::string fallback);
Result<std::uint64_t> whole_field(const json::object& object, std::string_view name);

}  // namespace davy
