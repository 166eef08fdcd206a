#include <utility>

#include "host/api/json_body.hpp"
#include "host/api/json_view.hpp"
#include "host/api/router.hpp"

// Opening a locked fan by key.
namespace davy {
namespace {

constexpr std::size_t lock_size_max = 64;
constexpr std::size_t reason_size_max = 200;  // bytes; what a gateway takes

struct KeyBody {
  std::string lock;
  std::string reason;
  bool give_back = false;
};

bool is_blank(const std::string& text) { return text.find_first_not_of(" \t") == std::string::npos; }

// The failure's message begins with the field.
Result<KeyBody> read_body(const std::string& text) {
  const auto body = parse_object(text);
  if (!body) return fail(body.error());
  auto lock = text_field(*body, "lock", lock_size_max);
  if (!lock) return fail(lock.error());
  auto reason = text_field(*body, "reason", reason_size_max);
  if (!reason) return fail(reason.error());
  if (is_blank(*lock)) return fail(Errc::bad_data, "lock must name the lock");
  if (is_blank(*reason)) return fail(Errc::bad_data, "reason must say why");
  bool give_back = false;
  if (const auto* value = body->if_contains("give_back")) {
    if (!value->is_bool()) return fail(Errc::bad_data, "give_back must be true or false");
    give_back = value->as_bool();
  }
  return KeyBody{std::move(*lock), std::move(*reason), give_back};
}

std::string outcome_text(const Result<KeyAnswer>& result) {
  return result ? result->message : result.error().message;
}

HttpResponse answer_of(const Result<KeyAnswer>& result) {
  if (!result) {
    const bool unknown = result.error().code == Errc::not_found;
    return error_response(unknown ? ApiError::not_found : ApiError::unavailable, result.error().message);
  }
  if (!result->done) return error_response(ApiError::conflict, result->message);
  return {.body = json::serialize(json::object{{"message", clean_utf8(result->message)}})};
}

}  // namespace

void Router::use_fan_key(std::string_view gateway, const HttpRequest& request, const Session& session,
                         const Reply& reply) {
  if (session.user.role == Role::viewer)
    return reply(error_response(ApiError::forbidden, "a fan key takes the role operator or admin"));
  const auto body = read_body(request.body);
  if (!body) return reply(error_response(ApiError::bad_request, body.error().message));
  const std::string who = session.user.name;
  const std::string what = std::string{gateway} + " " + body->lock + (body->give_back ? " given back" : "");
  FanKeyRequest ask{std::string{gateway}, body->lock, who, body->reason, body->give_back, {}};
  ask.done = [this, request, who, what, reason = body->reason, reply](const Result<KeyAnswer>& result) {
    parts_.to_io([this, request, who, what, reason, reply, result] {
      const bool done = result && result->done;
      parts_.accounts.audit(request, who, done ? "fan_key" : "fan_key_refused",
                            what + ", because: " + reason + "; answer: " + outcome_text(result));
      reply(answer_of(result));
    });
  };
  if (!core_.use_fan_key || !core_.use_fan_key(std::move(ask)))
    reply(error_response(ApiError::unavailable, "too many keys are asked for; try again"));
}

}  // namespace davy
