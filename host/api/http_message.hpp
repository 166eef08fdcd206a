#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// HTTP as the routes see it: plain values, whatever library carries them.
namespace davy {

enum class Method : std::uint8_t { get, head, post, other };

struct HttpRequest {
  Method method = Method::get;
  std::string path;                          // decoded, without the query
  std::map<std::string, std::string> query;  // decoded; a key that comes twice keeps its first value
  bool query_ok = true;                      // false: it cannot be decoded
  std::string body;
  std::string host;           // header Host
  std::string origin;         // header Origin; empty when there is none
  std::string content_type;   // header Content-Type
  std::string token;          // cookie davy_session
  std::string if_none_match;  // header If-None-Match
  std::string address;        // of the other end
};

struct HttpResponse {
  unsigned status = 200;
  std::string type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;  // beside those that every response has
};

// Called once, on the io thread.
using Reply = std::function<void(HttpResponse)>;

// The codes of docs/api/api.md.
enum class ApiError : std::uint8_t {
  bad_request,
  unauthorized,
  forbidden,
  not_found,
  conflict,
  too_many,
  too_large,
  unavailable,
};
unsigned status_of(ApiError error);
HttpResponse error_response(ApiError error, std::string_view message, std::string_view field = {});

// Fills path and query; false when the target cannot be decoded or is no absolute path.
bool split_target(std::string_view target, HttpRequest& out);
// The value of one cookie in a Cookie header; empty when it is not there.
std::string cookie_value(std::string_view header, std::string_view name);
// Does the Origin name the very host the request was sent to, over https? A request without one is not a
// browser's.
bool same_origin(const HttpRequest& request);
bool is_json(std::string_view content_type);

// Replaces every byte that is no UTF-8 by U+FFFD: what goes into JSON must be text.
std::string clean_utf8(std::string_view text);

}  // namespace davy
