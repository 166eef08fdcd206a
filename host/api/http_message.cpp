#include "host/api/http_message.hpp"

#include <algorithm>
#include <cctype>

#include "host/api/json.hpp"

namespace davy {
namespace {

constexpr std::size_t query_keys_max = 32;

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool decode(std::string_view text, bool plus_is_blank, std::string& out) {
  out.clear();
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += plus_is_blank && text[i] == '+' ? ' ' : text[i];
      continue;
    }
    if (i + 2 >= text.size()) return false;
    const int high = hex_value(text[i + 1]);
    const int low = hex_value(text[i + 2]);
    if (high < 0 || low < 0 || (high == 0 && low == 0)) return false;
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return true;
}

std::string lower(std::string_view text) {
  std::string out{text};
  std::ranges::transform(out, out.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return out;
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// Length of the UTF-8 sequence that starts here; 0 when there is none (RFC 3629: no overlong forms, no
// surrogates).
std::size_t sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return 0;
  }
  if (first == 0xE0 && byte(1) < 0xA0) return 0;
  if (first == 0xED && byte(1) > 0x9F) return 0;
  if (first == 0xF0 && byte(1) < 0x90) return 0;
  if (first == 0xF4 && byte(1) > 0x8F) return 0;
  return length;
}

const char* name_of(ApiError error) {
  switch (error) {
    case ApiError::bad_request: return "bad_request";
    case ApiError::unauthorized: return "unauthorized";
    case ApiError::forbidden: return "forbidden";
    case ApiError::not_found: return "not_found";
    case ApiError::conflict: return "conflict";
    case ApiError::too_many: return "too_many";
    case ApiError::too_large: return "too_large";
    case ApiError::unavailable: return "unavailable";
  }
  return "unavailable";
}

}  // namespace

unsigned status_of(ApiError error) {
  switch (error) {
    case ApiError::bad_request: return 400;
    case ApiError::unauthorized: return 401;
    case ApiError::forbidden: return 403;
    case ApiError::not_found: return 404;
    case ApiError::conflict: return 409;
    case ApiError::too_many: return 429;
    case ApiError::too_large: return 400;
    case ApiError::unavailable: return 503;
  }
  return 500;
}

HttpResponse error_response(ApiError error, std::string_view message, std::string_view field) {
  json::object body{{"error", name_of(error)}, {"message", clean_utf8(message)}};
  if (!field.empty()) body.emplace("field", field);
  return {.status = status_of(error), .body = json::serialize(body)};
}

bool split_target(std::string_view target, HttpRequest& out) {
  if (target.empty() || target.front() != '/') return false;
  const std::size_t mark = target.find('?');
  if (!decode(target.substr(0, mark), false, out.path)) return false;
  out.query.clear();
  out.query_ok = true;
  if (mark == std::string_view::npos) return true;
  std::string_view rest = target.substr(mark + 1);
  while (!rest.empty()) {
    const std::size_t end = rest.find('&');
    const std::string_view pair = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    std::string key;
    std::string value;
    const bool ok = decode(pair.substr(0, equals), true, key) &&
                    (equals == std::string_view::npos || decode(pair.substr(equals + 1), true, value));
    if (!ok || out.query.size() >= query_keys_max) {
      out.query_ok = false;
      return true;
    }
    out.query.emplace(std::move(key), std::move(value));
  }
  return true;
}

std::string cookie_value(std::string_view header, std::string_view name) {
  while (!header.empty()) {
    const std::size_t end = header.find(';');
    const std::string_view pair = trimmed(header.substr(0, end));
    header = end == std::string_view::npos ? std::string_view{} : header.substr(end + 1);
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos || pair.substr(0, equals) != name) continue;
    return std::string{pair.substr(equals + 1)};
  }
  return {};
}

bool same_origin(const HttpRequest& request) {
  if (request.origin.empty()) return true;
  return !request.host.empty() && lower(request.origin) == "https://" + lower(request.host);
}

bool is_json(std::string_view content_type) {
  return lower(trimmed(content_type.substr(0, content_type.find(';')))) == "application/json";
}

std::string clean_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = sequence_length(text);
    if (length == 0) {
      out += "\xEF\xBF\xBD";
      text.remove_prefix(1);
    } else {
      out += text.substr(0, length);
      text.remove_prefix(length);
    }
  }
  return out;
}

}  // namespace davy
