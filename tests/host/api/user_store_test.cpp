#include "host/api/user_store.hpp"

#include <doctest/doctest.h>

#include "tests/support/temp_folder.hpp"

using namespace davy;

namespace {

constexpr PasswordCost cheap{.passes = 1, .memory = 8192};
const WallTime now = wall_from_ms(1'800'000'000'000);

struct Store {
  Store() {
    auto opened = UserStore::open(folder.file("users.db"), cheap);
    REQUIRE(opened);
    store.emplace(std::move(*opened));
  }
  void add(const std::string& name, Role role) {
    REQUIRE(store->add(name, role, "long enough " + name, false, now));
  }
  TempFolder folder;
  std::optional<UserStore> store;
};

}  // namespace

TEST_CASE("users: the first start makes an admin whose password is random and has to be changed") {
  Store s;
  const auto first = s.store->make_first_admin(now);
  REQUIRE(first);
  REQUIRE(*first);
  CHECK((*first)->size() == 16);
  const auto admin = s.store->check("admin", **first);
  REQUIRE(admin);
  CHECK(admin->role == Role::admin);
  CHECK(admin->must_change_password);
  CHECK_FALSE(*s.store->make_first_admin(now));  // once
  REQUIRE(s.store->set_password("admin", "something better", false));
  CHECK_FALSE(s.store->check("admin", **first));
  CHECK_FALSE(s.store->check("admin", "something better")->must_change_password);
}

TEST_CASE("users: wrong user and wrong password are not told apart") {
  Store s;
  s.add("li", Role::viewer);
  const auto wrong = s.store->check("li", "not it at all");
  const auto unknown = s.store->check("wang", "not it at all");
  const auto long_one = s.store->check("li", std::string(100'000, 'x'));
  REQUIRE_FALSE(wrong);
  REQUIRE_FALSE(unknown);
  CHECK(wrong.error().code == Errc::denied);
  CHECK(wrong.error().message == unknown.error().message);
  CHECK(long_one.error().message == unknown.error().message);
  CHECK(s.store->check("li", "long enough li"));
}

TEST_CASE("users: names and passwords that will not do are refused with the reason") {
  Store s;
  CHECK(s.store->add("a b", Role::viewer, "long enough 1", false, now).error().code == Errc::bad_data);
  CHECK(s.store->add("", Role::viewer, "long enough 1", false, now).error().code == Errc::bad_data);
  CHECK(s.store->add("li\n", Role::viewer, "long enough 1", false, now).error().code == Errc::bad_data);
  CHECK(s.store->add("\xff", Role::viewer, "long enough 1", false, now).error().code == Errc::bad_data);
  CHECK(s.store->add(std::string(33, 'x'), Role::viewer, "long enough 1", false, now).error().code ==
        Errc::bad_data);
  CHECK(s.store->add("li", Role::viewer, "short one", false, now).error().message.find("at least 10") !=
        std::string::npos);
  CHECK(s.store->add("王", Role::viewer, "一二三四五六七八九", false, now).error().code == Errc::bad_data);
  CHECK(s.store->add("王", Role::viewer, "一二三四五六七八九十", false, now));
  CHECK(s.store->add("王", Role::viewer, "long enough 1", false, now).error().code == Errc::conflict);
}

TEST_CASE("users: the last admin stays") {
  Store s;
  s.add("a", Role::admin);
  s.add("b", Role::operator_);
  CHECK(s.store->remove("a").error().code == Errc::denied);
  CHECK(s.store->set_role("a", Role::viewer).error().code == Errc::denied);
  CHECK(s.store->set_role("b", Role::admin));
  CHECK(s.store->remove("a"));
  CHECK(s.store->remove("a").error().code == Errc::not_found);
  CHECK(s.store->set_role("nobody", Role::admin).error().code == Errc::not_found);
  CHECK(s.store->users()->size() == 1);
}

TEST_CASE("users: sessions live over a restart, end with their user, and expire") {
  Store s;
  s.add("a", Role::admin);
  s.add("li", Role::operator_);
  const User li = s.store->users()->back();
  REQUIRE(s.store->keep_session({token_hash("one"), li, now + Duration{1000}}));
  REQUIRE(s.store->keep_session({token_hash("two"), li, now + Duration{5000}}));
  auto again = UserStore::open(s.folder.file("users.db"), cheap);
  REQUIRE(again);
  CHECK(again->sessions(now)->size() == 2);
  const auto left = again->sessions(now + Duration{1000});
  REQUIRE(left->size() == 1);
  CHECK(left->front().hash == token_hash("two"));
  CHECK(left->front().user.role == Role::operator_);
  SUBCASE("a new password ends the others") {
    REQUIRE(again->keep_session({token_hash("three"), li, now + Duration{5000}}));
    REQUIRE(again->set_password("li", "new password", false, token_hash("three")));
    CHECK(again->sessions(now)->front().hash == token_hash("three"));
  }
  SUBCASE("removing the user ends all, and another process can see that something changed") {
    const auto before = s.store->version();
    REQUIRE(again->remove("li"));
    CHECK(again->sessions(now)->empty());
    CHECK(*s.store->version() != *before);
  }
}

TEST_CASE("audit: append-only, and editing shows") {
  Store s;
  for (const char* action : {"login", "acknowledge", "logout"}) {
    REQUIRE(
        s.store->audit({.at = now, .user = "li", .address = "10.0.0.1", .action = action, .detail = "x"}));
  }
  const auto newest = s.store->newest_audit(2);
  REQUIRE(newest->size() == 2);
  CHECK(newest->front().seq == 2);
  CHECK(newest->front().action == "acknowledge");
  CHECK(s.store->verify_audit() == 3);
  auto db = SqliteDatabase::open({.path = s.folder.file("users.db")});
  REQUIRE(db);
  CHECK_FALSE(db->run("UPDATE audit SET user='wang'"));
  CHECK_FALSE(db->run("DELETE FROM audit"));
  CHECK_FALSE(db->run("INSERT OR REPLACE INTO audit SELECT * FROM audit WHERE seq=2"));
  REQUIRE(db->run("DROP TRIGGER audit_no_update; UPDATE audit SET user='wang' WHERE seq=2"));
  CHECK(s.store->verify_audit().error().message == "audit: line 2 was changed after it was written");
}

TEST_CASE("users: a database of a newer davy-host is left alone") {
  const TempFolder folder;
  auto db = SqliteDatabase::open({.path = folder.file("users.db")});
  REQUIRE(db->run("PRAGMA user_version=99"));
  const auto opened = UserStore::open(folder.file("users.db"), cheap);
  REQUIRE_FALSE(opened);
  CHECK(opened.error().code == Errc::bad_config);
}
