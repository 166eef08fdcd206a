#pragma once

#include <functional>
#include <string>

#include "host/api/http_message.hpp"
#include "host/api/job_thread.hpp"
#include "host/api/login_guard.hpp"
#include "host/api/session_table.hpp"
#include "host/api/user_store.hpp"
#include "proto/base/clock.hpp"

namespace davy {

// Hands a function to the io thread, from any thread.
using ToIo = std::function<void(std::function<void()>)>;

// Signing in and out, and the audit. Its routes are called on the io thread; passwords and the database are
// dealt with on a thread of its own, in order, and what follows from them comes back through ToIo.
class Accounts {
 public:
  Accounts(UserStore store, Duration session_length, const Clock& clock, ToIo to_io);

  // nullptr: the request has no session that is in force.
  const Session* session_of(const HttpRequest& request) const;
  bool in_force(const std::string& hash) const;

  void login(const HttpRequest& request, const Reply& reply);
  void logout(const HttpRequest& request, const Session& session, const Reply& reply);
  void change_password(const HttpRequest& request, const Session& session, const Reply& reply);
  static HttpResponse describe(const Session& session);

  void audit(const HttpRequest& request, const std::string& user, const std::string& action,
             const std::string& detail);
  // Takes over what the command line changed meanwhile. Called every few seconds.
  void refresh();

 private:
  void sign_in(const HttpRequest& request, const std::string& user, const std::string& password,
               const Reply& reply);
  void put_password(const HttpRequest& request, const Session& session, const std::string& old,
                    const std::string& fresh, const Reply& reply);
  bool post(std::function<void()> job, const Reply& reply);
  void write(const AuditLine& line);  // on the thread of the accounts

  const Duration session_length_;
  const Clock& clock_;
  const ToIo to_io_;
  SessionTable sessions_;
  LoginGuard guard_;
  int signing_in_ = 0;
  UserStore store_;  // only on thread_
  std::int64_t store_version_ = -1;
  JobThread thread_;  // ends first
};

}  // namespace davy
