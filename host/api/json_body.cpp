#include "host/api/json_body.hpp"

#include "host/api/http_message.hpp"

namespace davy {
namespace {

std::unexpected<Error> wrong(std::string_view name, std::string_view what) {
  return fail(Errc::bad_data, std::string{name} + ": " + std::string{what});
}

}  // namespace

Result<json::object> parse_object(std::string_view body) {
  boost::system::error_code error;
  json::parse_options strict;
  strict.max_depth = 8;
  json::value value = json::parse(body, error, {}, strict);
  if (error) return fail(Errc::bad_data, "the body is no JSON: " + error.message());
  if (!value.is_object()) return fail(Errc::bad_data, "the body is no JSON object");
  return std::move(value.as_object());
}

Result<std::string> text_field(const json::object& object, std::string_view name, std::size_t bytes_max) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr) return wrong(name, "is missing");
  if (!value->is_string()) return wrong(name, "must be text");
  const json::string& text = value->as_string();
  if (text.size() > bytes_max) return wrong(name, "is longer than " + std::to_string(bytes_max) + " bytes");
  if (text.find('\0') != json::string::npos) return wrong(name, "has a zero in it");
  return std::string{text};
}

Result<std::string> text_field(const json::object& object, std::string_view name, std::size_t bytes_max,
                               std::string fallback) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr || value->is_null()) return fallback;
  return text_field(object, name, bytes_max);
}

Result<std::uint64_t> whole_field(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr) return wrong(name, "is missing");
  boost::system::error_code error;
  const auto number = value->to_number<std::uint64_t>(error);
  if (error) return wrong(name, "must be a whole number, zero or more");
  return number;
}

}  // namespace davy
