#include "host/api/accounts.hpp"

#include <utility>

#include "host/api/json_body.hpp"
#include "proto/base/log.hpp"

namespace davy {
namespace {

constexpr std::size_t jobs_max = 1024;
constexpr int signing_in_max = 8;  // each costs 64 MiB and a tenth of a second
constexpr std::size_t field_size_max = 256;

std::string cookie(const std::string& token, Duration length) {
  return "davy_session=" + token + "; Path=/; Max-Age=" +
         std::to_string(std::chrono::duration_cast<std::chrono::seconds>(length).count()) +
         "; HttpOnly; Secure; SameSite=Strict";
}

HttpResponse too_many(Duration wait, std::string_view message) {
  HttpResponse response = error_response(ApiError::too_many, message);
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(wait).count();
  response.headers = {{"Retry-After", std::to_string(seconds)}};
  return response;
}

json::object session_json(const User& user) {
  return {{"user", user.name},
          {"role", to_string(user.role)},
          {"must_change_password", user.must_change_password}};
}

HttpResponse store_failed(const Error& error) {
  log::error("users_failed", {{"error", error.message}});
  return error_response(ApiError::unavailable, "the user database cannot be used: " + error.message);
}

}  // namespace

Accounts::Accounts(UserStore store, Duration session_length, const Clock& clock, ToIo to_io)
    : session_length_{session_length},
      clock_{clock},
      to_io_{std::move(to_io)},
      store_{std::move(store)},
      thread_{jobs_max} {}

const Session* Accounts::session_of(const HttpRequest& request) const {
  return sessions_.find(request.token, clock_.wall());
}

bool Accounts::in_force(const std::string& hash) const {
  return sessions_.by_hash(hash, clock_.wall()) != nullptr;
}

HttpResponse Accounts::describe(const Session& session) {
  return {.body = json::serialize(session_json(session.user))};
}

bool Accounts::post(std::function<void()> job, const Reply& reply) {
  if (thread_.post(std::move(job))) return true;
  reply(error_response(ApiError::unavailable, "too much to do; try again"));
  return false;
}

void Accounts::login(const HttpRequest& request, const Reply& reply) {
  const auto body = parse_object(request.body);
  if (!body) return reply(error_response(ApiError::bad_request, body.error().message));
  const auto user = text_field(*body, "user", field_size_max);
  if (!user) return reply(error_response(ApiError::bad_request, user.error().message, "user"));
  const auto password = text_field(*body, "password", field_size_max);
  if (!password) return reply(error_response(ApiError::bad_request, password.error().message, "password"));
  const SteadyTime now = clock_.steady();
  if (const auto wait = guard_.wait(*user, request.address, now)) {
    return reply(too_many(*wait, "too many failures; wait before the next try"));
  }
  if (signing_in_ >= signing_in_max)
    return reply(too_many(std::chrono::seconds{1}, "too many are signing in; try again"));
  // Counted before it is known: tries made side by side count as well.
  guard_.failed(*user, request.address, now);
  sign_in(request, *user, *password, reply);
}

void Accounts::sign_in(const HttpRequest& request, const std::string& user, const std::string& password,
                       const Reply& reply) {
  ++signing_in_;
  const bool taken = post(
      [this, address = request.address, user, password, reply] {
        const WallTime now = clock_.wall();
        auto who = store_.check(user, password);
        const std::string token = random_token();
        Session session{token_hash(token), {}, now + session_length_};
        Status kept = {};
        if (who) {
          session.user = *who;
          kept = store_.keep_session(session);
        }
        const bool in = who && kept;
        write({.at = now, .user = user, .address = address, .action = in ? "login" : "login_failed"});
        to_io_([this, who, kept, session, token, user, address, reply] {
          --signing_in_;
          if (!who && who.error().code == Errc::denied) {
            log::warn("login_failed", {{"user", user}, {"address", address}});
            return reply(error_response(ApiError::unauthorized, "wrong user or password"));
          }
          if (!who || !kept) return reply(store_failed(who ? kept.error() : who.error()));
          guard_.succeeded(user, address);
          sessions_.add(session);
          HttpResponse response = describe(session);
          response.headers = {{"Set-Cookie", cookie(token, session_length_)}};
          reply(std::move(response));
        });
      },
      reply);
  if (!taken) --signing_in_;
}

void Accounts::logout(const HttpRequest& request, const Session& session, const Reply& reply) {
  post(
      [this, address = request.address, user = session.user.name, hash = session.hash, reply] {
        const Status ended = store_.end_session(hash);
        write({.at = clock_.wall(), .user = user, .address = address, .action = "logout"});
        to_io_([this, ended, hash, reply] {
          sessions_.end(hash);
          if (!ended) return reply(store_failed(ended.error()));
          reply({.status = 204, .headers = {{"Set-Cookie", cookie("", Duration{0})}}});
        });
      },
      reply);
}

void Accounts::change_password(const HttpRequest& request, const Session& session, const Reply& reply) {
  const auto body = parse_object(request.body);
  if (!body) return reply(error_response(ApiError::bad_request, body.error().message));
  const auto old = text_field(*body, "old", field_size_max);
  if (!old) return reply(error_response(ApiError::bad_request, old.error().message, "old"));
  const auto fresh = text_field(*body, "new", field_size_max);
  if (!fresh) return reply(error_response(ApiError::bad_request, fresh.error().message, "new"));
  if (auto ok = check_new_password(session.user.name, *fresh); !ok) {
    return reply(error_response(ApiError::bad_request, ok.error().message, "new"));
  }
  if (*fresh == *old)
    return reply(error_response(ApiError::bad_request, "the new password is the old one", "new"));
  const SteadyTime now = clock_.steady();
  if (const auto wait = guard_.wait(session.user.name, request.address, now)) {
    return reply(too_many(*wait, "too many failures; wait before the next try"));
  }
  guard_.failed(session.user.name, request.address, now);
  put_password(request, session, *old, *fresh, reply);
}

void Accounts::put_password(const HttpRequest& request, const Session& session, const std::string& old,
                            const std::string& fresh, const Reply& reply) {
  post(
      [this, address = request.address, user = session.user.name, hash = session.hash, old, fresh, reply] {
        const auto who = store_.check(user, old);
        const Status changed = who ? store_.set_password(user, fresh, false, hash) : fail(who.error());
        write({.at = clock_.wall(),
               .user = user,
               .address = address,
               .action = changed ? "password" : "password_failed"});
        to_io_([this, changed, user, address, hash, reply] {
          if (!changed && changed.error().code == Errc::denied) {
            return reply(error_response(ApiError::forbidden, "the old password is wrong", "old"));
          }
          if (!changed) return reply(store_failed(changed.error()));
          guard_.succeeded(user, address);
          sessions_.password_changed(user, hash);
          reply({.status = 204});
        });
      },
      reply);
}

void Accounts::audit(const HttpRequest& request, const std::string& user, const std::string& action,
                     const std::string& detail) {
  const AuditLine line{
      .at = clock_.wall(), .user = user, .address = request.address, .action = action, .detail = detail};
  if (!thread_.post([this, line] { write(line); }))
    log::error("audit_lost", {{"user", user}, {"action", action}});
}

void Accounts::write(const AuditLine& line) {
  if (auto done = store_.audit(line); !done) {
    log::error("audit_lost", {{"user", line.user}, {"action", line.action}, {"error", done.error().message}});
  }
}

void Accounts::refresh() {
  const bool taken = thread_.post([this] {
    const auto version = store_.version();
    if (!version || *version == store_version_) return;
    auto all = store_.sessions(clock_.wall());
    if (!all) return log::error("users_failed", {{"error", all.error().message}});
    store_version_ = *version;
    to_io_([this, sessions = std::move(*all)]() mutable { sessions_.replace(std::move(sessions)); });
  });
  if (!taken) log::warn("users_busy");
}

}  // namespace davy
