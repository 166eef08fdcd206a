#include "host/api/tls_identity.hpp"

#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>

#include "tests/support/temp_folder.hpp"

using namespace davy;

namespace {
const WallTime now = wall_from_ms(1'800'000'000'000);
const std::vector<std::string> names{"localhost", "127.0.0.1", "::1", "desk"};
}  // namespace

TEST_CASE("tls: a certificate is made once, and again when it does not do any more") {
  const TempFolder folder;
  const auto first = self_signed_identity(folder.path(), names, now);
  REQUIRE(first);
  CHECK(first->made);
  CHECK(first->fingerprint.size() == 32 * 3 - 1);
  const auto mode = std::filesystem::status(first->key_file).permissions();
  CHECK((mode & std::filesystem::perms::all) ==
        (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
  const auto again = self_signed_identity(folder.path(), names, now + std::chrono::hours{24 * 365});
  REQUIRE(again);
  CHECK_FALSE(again->made);
  CHECK(again->fingerprint == first->fingerprint);
  CHECK(load_identity(first->certificate_file, first->key_file)->fingerprint == first->fingerprint);

  SUBCASE("about to expire") {
    CHECK(self_signed_identity(folder.path(), names, first->expires - std::chrono::hours{24 * 29})->made);
  }
  SUBCASE("another name") { CHECK(self_signed_identity(folder.path(), {"desk", "mine-host"}, now)->made); }
  SUBCASE("broken") {
    std::ofstream{first->key_file} << "rubbish";
    CHECK(self_signed_identity(folder.path(), names, now)->made);
  }
}

TEST_CASE("tls: configured files that will not do are named") {
  const TempFolder folder;
  const TempFolder other;
  const auto one = self_signed_identity(folder.path(), names, now);
  const auto two = self_signed_identity(other.path(), names, now);
  REQUIRE(one);
  REQUIRE(two);
  const auto crossed = load_identity(one->certificate_file, two->key_file);
  REQUIRE_FALSE(crossed);
  CHECK(crossed.error().code == Errc::bad_config);
  CHECK(crossed.error().message.find("does not belong to") != std::string::npos);
  CHECK(load_identity(folder.file("none.pem"), one->key_file).error().message.find("none.pem") !=
        std::string::npos);
  CHECK(load_identity(one->key_file, one->key_file).error().message.find("no certificate") !=
        std::string::npos);
}
