#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/api/secrets.hpp"
#include "proto/base/clock.hpp"
#include "proto/base/result.hpp"
#include "proto/store/sqlite_database.hpp"

namespace davy {

enum class Role : std::uint8_t {
  viewer,     // reads
  operator_,  // also acknowledges
  admin,      // also manages users
};
std::string to_string(Role role);
bool from_string(std::string_view word, Role& out);

struct User {
  std::string name;
  Role role = Role::viewer;
  bool must_change_password = false;
  WallTime created;
};

// A sign-in. `hash` is all that is kept of the token in the cookie.
struct Session {
  std::string hash;
  User user;
  WallTime expires;
};

struct AuditLine {
  std::uint64_t seq = 0;  // given by the store
  WallTime at;
  std::string user;
  std::string address;  // where it came from; "console" for the command line
  std::string action;   // login, login_failed, logout, password, acknowledge, user_add, ...
  std::string detail;
};

// Who may do what, who is signed in, and who did what: a database file of its own, users.db, so that the web
// never waits for the core's writer. The audit is append-only (triggers) and chained by hashes like the alarm
// journal. The command line may change it while davy-host runs; version() tells. One thread; passwords take a
// while.
class UserStore {
 public:
  static Result<UserStore> open(const std::string& path, const PasswordCost& cost = {});

  // On the very first start, when there is no user at all: makes `admin` and returns its one-time password.
  Result<std::optional<std::string>> make_first_admin(WallTime now);

  Result<std::vector<User>> users();
  Status add(const std::string& name, Role role, const std::string& password, bool must_change, WallTime now);
  // Ends the user's sessions too. Both refuse to take away the last admin.
  Status remove(const std::string& name);
  Status set_role(const std::string& name, Role role);
  // Ends the user's sessions but the one with the hash `keep`.
  Status set_password(const std::string& name, const std::string& password, bool must_change,
                      const std::string& keep = {});
  // denied: no such user or not the password, without telling which.
  Result<User> check(const std::string& name, const std::string& password);

  Status keep_session(const Session& session);
  Status end_session(const std::string& hash);
  // Those not expired; the others are forgotten.
  Result<std::vector<Session>> sessions(WallTime now);
  // Changes when another process has written.
  Result<std::int64_t> version();

  Status audit(const AuditLine& line);
  Result<std::vector<AuditLine>> newest_audit(std::size_t limit);  // oldest first
  Result<std::uint64_t> verify_audit();  // corrupt names the first line that does not fit

 private:
  UserStore(std::unique_ptr<SqliteDatabase> db, PasswordCost cost) : db_{std::move(db)}, cost_{cost} {}
  Status last_admin_stays(const std::string& name);

  std::unique_ptr<SqliteDatabase> db_;
  PasswordCost cost_;
};

inline constexpr std::size_t password_characters_min = 10;
// Fit to be a password or a user's name? bad_data says what is wrong.
Status check_new_password(const std::string& user, const std::string& password);
Status check_user_name(const std::string& name);

}  // namespace davy
