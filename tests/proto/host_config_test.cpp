#include "proto/wire/host_config.hpp"

#include <doctest/doctest.h>

#include "tests/proto/config_rows.hpp"

using namespace davy;
using test::Row;

namespace {

constexpr const char* whole = R"(mine: "mine-1"
data: "data"
broker {
  host: "127.0.0.1"
  port: 1883
}
web { port: 9443 }
times { blind_after_ms: 12000 }
)";

Result<HostConfig> parse(const std::string& text) { return parse_host_config(text, "etc/host.textproto"); }

}  // namespace

TEST_CASE("host config: what is written and what is left out") {
  const auto config = parse(whole);
  REQUIRE_MESSAGE(config, test::message_of(config));
  CHECK(config->mine == "mine-1");
  CHECK(config->data == "etc/data");
  CHECK(config->broker.host == "127.0.0.1");
  CHECK(config->broker.port == 1883);
  CHECK_FALSE(config->broker.tls);
  CHECK(config->broker.client_id == "davy-host-mine-1");
  CHECK(config->broker.keep_alive_s == 15);
  CHECK(config->web.address == "127.0.0.1");
  CHECK(config->web.port == 9443);
  CHECK(config->web.certificate.empty());
  CHECK(config->web.session_length == std::chrono::hours{12});
  CHECK(config->times.late_after == Duration{60000});
  CHECK(config->times.silent_after == Duration{20000});
  CHECK(config->times.blind_after == Duration{12000});
  CHECK(config->times.clock_error == Duration{2000});

  const auto least = parse(
      "mine: 'm' broker { host: 'b' tls { ca: 'a' certificate: '/c' key: 'k' } client_id: 'x' } "
      "web { certificate: 'w.crt' key: 'w.key' pages: 'pages' }");
  REQUIRE_MESSAGE(least, test::message_of(least));
  CHECK(least->data == "/var/lib/davy-host");
  CHECK(least->broker.port == 8883);
  CHECK(least->broker.tls->ca == "etc/a");
  CHECK(least->broker.tls->certificate == "/c");
  CHECK(least->broker.client_id == "x");
  CHECK(least->web.certificate == "etc/w.crt");
  CHECK(least->web.pages == "etc/pages");
}

TEST_CASE("host config: each mistake is told with its line, column and field") {
  const Row rows[] = {
      {"mine-1", "mine 1", {"etc/host.textproto:1:1: mine: is \"mine 1\""}},
      {"\"data\"", "\"\"", {":2:1: data: is empty"}},
      {"broker {", "brooker {", {":3:1: brooker: there is no such field", "did you mean \"broker\"?"}, 2},
      {"\"127.0.0.1\"", "\"10.0.0.1\"", {":3:1: broker.tls: is missing"}},
      {"  port: 1883", "", {":3:1: broker.tls: is missing"}},
      {"  port: 1883", "  port: 0", {":5:3: broker.port: is 0"}},
      {"  port: 1883",
       "  port: 1 keep_alive_s: 4",
       {":5:11: broker.keep_alive_s: is 4; it must be 5 to 3600"}},
      {"  port: 1883", "  port: 1 client_id: \"a b\"", {":5:11: broker.client_id: is \"a b\""}},
      {"port: 9443", "port: 99999", {":7:7: web.port: is 99999"}},
      {"port: 9443", "address: \"here\"", {":7:7: web.address: is \"here\"; give an IP address"}},
      {"port: 9443", "session_hours: 0", {":7:7: web.session_hours: is 0; it must be 1 to 168"}},
      {"port: 9443", "certificate: \"c\"", {":7:1: web.key: is missing: give both"}},
      {"port: 9443", "key: \"c\"", {":7:1: web.certificate: is missing: give both"}},
      {"blind_after_ms: 12000", "late_after_ms: 1", {":8:9: times.late_after_ms: is 1"}},
      {"blind_after_ms: 12000", "silent_after_ms: 1", {":8:9: times.silent_after_ms: is 1"}},
      {"blind_after_ms: 12000", "blind_after_ms: 1", {":8:9: times.blind_after_ms: is 1"}},
      {"blind_after_ms: 12000", "clock_error_ms: 1", {":8:9: times.clock_error_ms: is 1"}},
      {"times {", "times {{", {":8:8: "}},
  };
  for (const Row& row : rows) test::check_row(row, whole, parse);
}

TEST_CASE("host config: a file that is not there says so") {
  CHECK(load_host_config("nowhere/host.textproto").error().message ==
        "nowhere/host.textproto: there is no such file; check the path");
}
