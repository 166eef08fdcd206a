#include "host/api/user_store.hpp"

#include <algorithm>
#include <utility>

#include "host/api/http_message.hpp"

namespace davy {
namespace {

constexpr std::int64_t schema_version = 1;
constexpr std::size_t password_bytes_max = 256;
constexpr std::size_t user_name_max = 32;

constexpr std::string_view schema =
    "CREATE TABLE IF NOT EXISTS users(name TEXT PRIMARY KEY, role TEXT NOT NULL, password TEXT NOT NULL,"
    "must_change INTEGER NOT NULL, created_ms INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS sessions(hash BLOB PRIMARY KEY,"
    "user TEXT NOT NULL REFERENCES users(name) ON DELETE CASCADE, expires_ms INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS audit(seq INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, user TEXT NOT NULL,"
    "address TEXT NOT NULL, action TEXT NOT NULL, detail TEXT NOT NULL, chain BLOB NOT NULL);"
    "CREATE TRIGGER IF NOT EXISTS audit_no_holes BEFORE INSERT ON audit"
    " WHEN NEW.seq <> (SELECT coalesce(max(seq),0)+1 FROM audit)"
    " BEGIN SELECT RAISE(ABORT,'the audit has no holes'); END;"
    "CREATE TRIGGER IF NOT EXISTS audit_no_update BEFORE UPDATE ON audit"
    " BEGIN SELECT RAISE(ABORT,'the audit is never changed'); END;"
    "CREATE TRIGGER IF NOT EXISTS audit_no_delete BEFORE DELETE ON audit"
    " BEGIN SELECT RAISE(ABORT,'the audit is never deleted'); END;"
    "PRAGMA user_version=1;";

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

Result<User> user_of_row(const SqliteStatement& row, int first) {
  User user;
  user.name = row.text(first);
  if (!from_string(row.text(first + 1), user.role)) {
    return fail(Errc::corrupt,
                "users: " + user.name + " has the unknown role '" + std::string{row.text(first + 1)} + "'");
  }
  user.must_change_password = row.number(first + 2) != 0;
  user.created = wall_from_ms(row.number(first + 3));
  return user;
}

Status no_such_user(const std::string& name) {
  return fail(Errc::not_found, "there is no user '" + name + "'");
}

}  // namespace

std::string to_string(Role role) {
  switch (role) {
    case Role::viewer: return "viewer";
    case Role::operator_: return "operator";
    case Role::admin: return "admin";
  }
  return "viewer";
}

bool from_string(std::string_view word, Role& out) {
  for (const Role role : {Role::viewer, Role::operator_, Role::admin}) {
    if (word != to_string(role)) continue;
    out = role;
    return true;
  }
  return false;
}

Status check_new_password(const std::string& user, const std::string& password) {
  if (characters(password) < password_characters_min) {
    return fail(Errc::bad_data, "the password is too short: at least " +
                                    std::to_string(password_characters_min) + " characters");
  }
  if (password.size() > password_bytes_max) {
    return fail(Errc::bad_data,
                "the password is too long: at most " + std::to_string(password_bytes_max) + " bytes");
  }
  if (password == user) return fail(Errc::bad_data, "the password must not be the user's name");
  return {};
}

Status check_user_name(const std::string& name) {
  const bool ok =
      !name.empty() && characters(name) <= user_name_max && clean_utf8(name) == name &&
      std::ranges::none_of(name, [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == 0x7F; });
  if (ok) return {};
  return fail(Errc::bad_data,
              "a user's name has 1 to " + std::to_string(user_name_max) + " characters without blanks");
}

Result<UserStore> UserStore::open(const std::string& path, const PasswordCost& cost) {
  auto db = SqliteDatabase::open({.path = path, .busy_wait_ms = 5000});
  if (!db) return fail(db.error().in("users"));
  const auto version = db->query_number("PRAGMA user_version");
  if (!version) return fail(version.error().in("users"));
  if (*version > schema_version) {
    return fail(Errc::bad_config, path + ": made by a newer davy-host (schema " + std::to_string(*version) +
                                      ", this one knows " + std::to_string(schema_version) +
                                      "): install that one, or set `data` to another folder; nothing was "
                                      "changed");
  }
  if (auto made = db->run(schema); !made) return fail(made.error().in("users"));
  return UserStore{std::make_unique<SqliteDatabase>(std::move(*db)), cost};
}

Result<std::optional<std::string>> UserStore::make_first_admin(WallTime now) {
  const auto count = db_->query_number("SELECT count(*) FROM users");
  if (!count) return fail(count.error());
  if (*count > 0) return std::nullopt;
  const std::string password = random_password();
  if (auto made = add("admin", Role::admin, password, true, now); !made) return fail(made.error());
  return password;
}

Result<std::vector<User>> UserStore::users() {
  auto rows = db_->prepare("SELECT name, role, must_change, created_ms FROM users ORDER BY name");
  if (!rows) return fail(rows.error());
  std::vector<User> all;
  for (;;) {
    auto row = rows->step();
    if (!row) return fail(row.error());
    if (!*row) return all;
    auto user = user_of_row(*rows, 0);
    if (!user) return fail(user.error());
    all.push_back(std::move(*user));
  }
}

Status UserStore::add(const std::string& name, Role role, const std::string& password, bool must_change,
                      WallTime now) {
  if (auto ok = check_user_name(name); !ok) return ok;
  if (auto ok = check_new_password(name, password); !ok) return ok;
  const auto hash = hash_password(password, cost_);
  if (!hash) return fail(hash.error());
  auto insert = db_->prepare(
      "INSERT OR IGNORE INTO users(name, role, password, must_change, created_ms) VALUES(?,?,?,?,?)");
  if (!insert) return fail(insert.error());
  insert->bind_text(1, name)
      .bind_text(2, to_string(role))
      .bind_text(3, *hash)
      .bind(4, std::int64_t{must_change});
  if (auto done = insert->bind(5, to_ms(now)).run(); !done) return done;
  if (db_->changes() == 0) return fail(Errc::conflict, "there is a user '" + name + "' already");
  return {};
}

Status UserStore::last_admin_stays(const std::string& name) {
  auto others = db_->prepare("SELECT count(*) FROM users WHERE role='admin' AND name<>?");
  if (!others) return fail(others.error());
  auto row = others->bind_text(1, name).step();
  if (!row) return fail(row.error());
  if (others->number(0) > 0) return {};
  return fail(Errc::denied, "'" + name + "' is the last admin: make another one first");
}

Status UserStore::remove(const std::string& name) {
  if (auto ok = last_admin_stays(name); !ok) return ok;
  auto remove = db_->prepare("DELETE FROM users WHERE name=?");
  if (!remove) return fail(remove.error());
  if (auto done = remove->bind_text(1, name).run(); !done) return done;
  return db_->changes() == 0 ? no_such_user(name) : Status{};
}

Status UserStore::set_role(const std::string& name, Role role) {
  if (role != Role::admin) {
    if (auto ok = last_admin_stays(name); !ok) return ok;
  }
  auto update = db_->prepare("UPDATE users SET role=? WHERE name=?");
  if (!update) return fail(update.error());
  if (auto done = update->bind_text(1, to_string(role)).bind_text(2, name).run(); !done) return done;
  return db_->changes() == 0 ? no_such_user(name) : Status{};
}

Status UserStore::set_password(const std::string& name, const std::string& password, bool must_change,
                               const std::string& keep) {
  if (auto ok = check_new_password(name, password); !ok) return ok;
  const auto hash = hash_password(password, cost_);
  if (!hash) return fail(hash.error());
  auto transaction = SqliteTransaction::begin(*db_);
  if (!transaction) return fail(transaction.error());
  auto update = db_->prepare("UPDATE users SET password=?, must_change=? WHERE name=?");
  if (!update) return fail(update.error());
  auto done = update->bind_text(1, *hash).bind(2, std::int64_t{must_change}).bind_text(3, name).run();
  if (!done) return done;
  if (db_->changes() == 0) return no_such_user(name);
  auto end = db_->prepare("DELETE FROM sessions WHERE user=? AND hash<>?");
  if (!end) return fail(end.error());
  if (done = end->bind_text(1, name).bind_blob(2, keep).run(); !done) return done;
  return transaction->commit();
}

Result<User> UserStore::check(const std::string& name, const std::string& password) {
  auto rows = db_->prepare("SELECT name, role, must_change, created_ms, password FROM users WHERE name=?");
  if (!rows) return fail(rows.error());
  auto row = rows->bind_text(1, name).step();
  if (!row) return fail(row.error());
  if (password.size() > password_bytes_max) return fail(Errc::denied, "wrong user or password");
  if (!*row) {
    waste_check(password, cost_);
    return fail(Errc::denied, "wrong user or password");
  }
  auto user = user_of_row(*rows, 0);
  if (user && !check_password(password, std::string{rows->text(4)}))
    return fail(Errc::denied, "wrong user or password");
  return user;
}

Status UserStore::keep_session(const Session& session) {
  auto insert = db_->prepare("INSERT INTO sessions(hash, user, expires_ms) VALUES(?,?,?)");
  if (!insert) return fail(insert.error());
  return insert->bind_blob(1, session.hash)
      .bind_text(2, session.user.name)
      .bind(3, to_ms(session.expires))
      .run();
}

Status UserStore::end_session(const std::string& hash) {
  auto remove = db_->prepare("DELETE FROM sessions WHERE hash=?");
  if (!remove) return fail(remove.error());
  return remove->bind_blob(1, hash).run();
}

Result<std::vector<Session>> UserStore::sessions(WallTime now) {
  auto forget = db_->prepare("DELETE FROM sessions WHERE expires_ms<=?");
  if (!forget) return fail(forget.error());
  if (auto done = forget->bind(1, to_ms(now)).run(); !done) return fail(done.error());
  auto rows = db_->prepare(
      "SELECT name, role, must_change, created_ms, hash, expires_ms FROM sessions JOIN users ON user=name");
  if (!rows) return fail(rows.error());
  std::vector<Session> all;
  for (;;) {
    auto row = rows->step();
    if (!row) return fail(row.error());
    if (!*row) return all;
    auto user = user_of_row(*rows, 0);
    if (!user) return fail(user.error());
    all.push_back({std::string{rows->blob(4)}, std::move(*user), wall_from_ms(rows->number(5))});
  }
}

Result<std::int64_t> UserStore::version() { return db_->query_number("PRAGMA data_version"); }

}  // namespace davy
