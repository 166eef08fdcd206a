#include "host/api/router.hpp"

#include <algorithm>
#include <utility>

#include "host/api/json_body.hpp"
#include "host/api/json_view.hpp"

namespace davy {
namespace {

constexpr std::size_t comment_size_max = 500;
constexpr int mirror_tries = 20;  // for the mirror to hear of what made an acknowledgement fail
constexpr Duration mirror_wait{25};

constexpr std::string_view get_routes[] = {"session", "health", "points", "latest", "gateways", "alarms",
                                           "journal", "trend",  "gaps",   "events", "live"};
constexpr std::string_view post_routes[] = {"login", "logout", "password"};

// The name between two parts of a path; empty when it is another path.
std::string_view name_between(std::string_view path, std::string_view before, std::string_view after) {
  if (path.size() <= before.size() + after.size() || !path.starts_with(before) || !path.ends_with(after))
    return {};
  const std::string_view name = path.substr(before.size(), path.size() - before.size() - after.size());
  return name.find('/') == std::string_view::npos ? name : std::string_view{};
}

std::string_view acknowledged_occurrence(std::string_view path) {
  return name_between(path, "alarms/", "/ack");
}
std::string_view keyed_gateway(std::string_view path) { return name_between(path, "gateways/", "/fan_key"); }

bool is_get(std::string_view path) { return std::ranges::find(get_routes, path) != std::end(get_routes); }
bool is_post(std::string_view path) {
  return std::ranges::find(post_routes, path) != std::end(post_routes) ||
         !acknowledged_occurrence(path).empty() || !keyed_gateway(path).empty();
}

HttpResponse wrong_method(const char* allowed) {
  HttpResponse response =
      error_response(ApiError::bad_request, std::string{"this path answers "} + allowed + " only");
  response.status = 405;
  response.headers = {{"Allow", allowed}};
  return response;
}

HttpResponse body_of(json::object object) { return {.body = json::serialize(object)}; }

}  // namespace

void Router::answer(const HttpRequest& request, const Reply& reply) {
  const std::string_view path = request.path;
  if (path.starts_with(api)) return answer_api(path.substr(api.size()), request, reply);
  if (path == "/api" || path.starts_with("/api/"))
    return reply(error_response(ApiError::not_found, "no such path"));
  reply(parts_.page.answer(request));
}

void Router::answer_api(std::string_view path, const HttpRequest& request, const Reply& reply) {
  if (is_get(path) && request.method != Method::get) return reply(wrong_method("GET"));
  if (is_post(path) && request.method != Method::post) return reply(wrong_method("POST"));
  if (!is_get(path) && !is_post(path)) return reply(error_response(ApiError::not_found, "no such path"));
  if (path == "health") return reply(health());
  if (request.method == Method::post) {
    // A page of another origin can send neither this header without being asked nor its own origin as ours.
    if (!is_json(request.content_type)) {
      return reply(error_response(ApiError::forbidden, "Content-Type must be application/json"));
    }
    if (!same_origin(request))
      return reply(error_response(ApiError::forbidden, "the request comes from another origin"));
    if (path == "login") return parts_.accounts.login(request, reply);
  }
  const Session* session = parts_.accounts.session_of(request);
  if (session == nullptr) return reply(error_response(ApiError::unauthorized, "sign in first"));
  const bool own_account = path == "session" || path == "logout" || path == "password";
  if (session->user.must_change_password && !own_account) {
    return reply(
        error_response(ApiError::forbidden, "the password must be changed first", "must_change_password"));
  }
  if (path == "session") return reply(Accounts::describe(*session));
  if (request.method == Method::post) return answer_post(path, request, *session, reply);
  answer_get(path, request, reply);
}

void Router::answer_get(std::string_view path, const HttpRequest& request, const Reply& reply) {
  const Mirror& mirror = parts_.mirror;
  if (path == "points") return reply(body_of({{"points", points_json(mirror)}}));
  if (path == "gateways") return reply(body_of({{"gateways", gateways_json(mirror)}}));
  if (path == "alarms") return reply(body_of({{"seq", mirror.seq()}, {"alarms", alarms_json(mirror)}}));
  if (path == "latest") {
    const Now now = read(parts_.clock);
    return reply(body_of({{"server_ms", to_ms(now.wall)}, {"values", values_json(mirror, now)}}));
  }
  if (path == "journal") return parts_.history.journal(request, reply);
  if (path == "trend") return parts_.history.trend(request, reply);
  if (path == "gaps") return parts_.history.gaps(request, reply);
  if (path == "events") return parts_.history.events(request, reply);
  reply(error_response(ApiError::bad_request, "this path is for WebSocket"));
}

void Router::answer_post(std::string_view path, const HttpRequest& request, const Session& session,
                         const Reply& reply) {
  if (path == "logout") return parts_.accounts.logout(request, session, reply);
  if (path == "password") return parts_.accounts.change_password(request, session, reply);
  if (const auto gateway = keyed_gateway(path); !gateway.empty())
    return use_fan_key(gateway, request, session, reply);
  acknowledge(acknowledged_occurrence(path), request, session, reply);
}

void Router::acknowledge(std::string_view occurrence, const HttpRequest& request, const Session& session,
                         const Reply& reply) {
  if (session.user.role == Role::viewer) {
    return reply(error_response(ApiError::forbidden, "acknowledging takes the role operator or admin"));
  }
  const auto body = parse_object(request.body);
  if (!body) return reply(error_response(ApiError::bad_request, body.error().message));
  const auto seq = whole_field(*body, "seq");
  if (!seq) return reply(error_response(ApiError::bad_request, seq.error().message, "seq"));
  auto comment = text_field(*body, "comment", comment_size_max, "");
  if (!comment) return reply(error_response(ApiError::bad_request, comment.error().message, "comment"));

  const std::string who = session.user.name;
  const std::string what{occurrence};
  AcknowledgeRequest ask{what, *seq, who, *comment, {}};
  ask.done = [this, request, who, what, seq = *seq, comment = *comment, reply](const Result<Alarm>& result) {
    parts_.to_io([this, request, who, what, seq, comment, reply, result] {
      parts_.accounts.audit(request, who, result ? "acknowledge" : "acknowledge_refused",
                            what + " seq " + std::to_string(seq) +
                                (result ? " " + result->name + (comment.empty() ? "" : ": " + comment)
                                        : ": " + result.error().message));
      acknowledged(result, what, seq, mirror_tries, reply);
    });
  };
  if (!core_.acknowledge || !core_.acknowledge(std::move(ask))) {
    reply(error_response(ApiError::unavailable, "too many acknowledgements are waiting; try again"));
  }
}

void Router::acknowledged(const Result<Alarm>& result, const std::string& occurrence, std::uint64_t seq,
                          int tries, const Reply& reply) {
  const Mirror& mirror = parts_.mirror;
  if (result) return reply(body_of(to_json(*result, mirror.point(result->point))));
  const Error& error = result.error();
  const Alarm* alarm = mirror.alarm(occurrence);
  if (error.code == Errc::bad_data) return reply(error_response(ApiError::bad_request, error.message));
  if (error.code == Errc::not_found && alarm == nullptr)
    return reply(error_response(ApiError::not_found, error.message));
  if (error.code != Errc::conflict && error.code != Errc::not_found) {
    return reply(error_response(ApiError::unavailable, error.message));
  }
  // The answer shows what has changed; the core tells it in its own time.
  const bool not_yet_told = alarm != nullptr && alarm->seq == seq && alarm->state != AlarmState::acknowledged;
  if (not_yet_told && tries > 0) {
    return parts_.later(mirror_wait, [this, result, occurrence, seq, tries, reply] {
      acknowledged(result, occurrence, seq, tries - 1, reply);
    });
  }
  json::object body{{"error", "conflict"}, {"message", clean_utf8(error.message)}};
  if (alarm != nullptr) body.emplace("alarm", to_json(*alarm, mirror.point(alarm->point)));
  reply({.status = status_of(ApiError::conflict), .body = json::serialize(body)});
}

std::optional<HttpResponse> Router::refuse_live(const HttpRequest& request, std::string& session_hash) const {
  if (!same_origin(request))
    return error_response(ApiError::forbidden, "the request comes from another origin");
  const Session* session = parts_.accounts.session_of(request);
  if (session == nullptr) return error_response(ApiError::unauthorized, "sign in first");
  if (session->user.must_change_password) {
    return error_response(ApiError::forbidden, "the password must be changed first", "must_change_password");
  }
  session_hash = session->hash;
  return std::nullopt;
}

HttpResponse Router::health() const {
  const HostHealth& health = parts_.mirror.health();
  json::array reasons;
  for (const std::string& reason : health.reasons) reasons.emplace_back(clean_utf8(reason));
  if (parts_.page.size() == 0) reasons.emplace_back("the page is not installed");
  return body_of({{"status", reasons.empty() ? "ok" : "degraded"},
                  {"version", parts_.version},
                  {"broker", health.broker_up ? "up" : "down"},
                  {"uptime_ms", (parts_.clock.steady() - parts_.started).count()},
                  {"reasons", std::move(reasons)}});
}

}  // namespace davy
