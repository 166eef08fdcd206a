#include <doctest/doctest.h>

#include "proto/wire/gateway_config.hpp"
#include "tests/proto/config_rows.hpp"

using namespace davy;

namespace {

constexpr const char* file = "etc/gateway.textproto";

}  // namespace

TEST_CASE("gateway config: a reader of tags needs no points, and one that sends lines a bus of its own") {
  const std::string head = "mine: 'm' gateway: 'g' bus { name: 'b' ";
  const auto config = parse_gateway_config(head +
                                               "tcp { host: 'h' } device { name: 'r-1' unit: 9 profile: "
                                               "'generic-tag-ring' debounce { move_min_cm: 50 } "
                                               "} } bus { name: 'c' lines { host: '10.0.0.8' } device { "
                                               "name: 'r-2' profile: 'generic-tag-lines' } }",
                                           file, "drivers/profiles");
  REQUIRE_MESSAGE(config, test::message_of(config));
  const DeviceSettings& ring = config->buses[0].devices.at(0);
  CHECK(ring.is_tag_reader);
  CHECK(ring.points.empty());
  REQUIRE(ring.debounce);
  CHECK(ring.debounce->move_min_cm == 50);
  CHECK(ring.debounce->repeat_within == Duration{1000});
  CHECK_FALSE(config->buses[1].devices.at(0).debounce);
  const auto& lines = std::get<LineSettings>(config->buses[1].endpoint);
  CHECK(lines.host == "10.0.0.8");
  CHECK(lines.port == 4001);  // the profile's

  struct Case {
    const char* bus;
    const char* told;
  };
  const Case cases[] = {
      {"tcp { host: 'h' } device { name: 'r' unit: 1 profile: 'generic-ch4-u16' }",
       "bus[0].device[0].point: is missing"},
      {"tcp { host: 'h' } device { name: 'r' unit: 1 profile: 'generic-tag-lines' }",
       "bus[0].device[0].profile: \"generic-tag-lines\" is a reader that sends lines over TCP; it needs a "
       "bus"},
      {"tcp { host: 'h' } device { name: 'r' unit: 1 profile: 'generic-ch4-u16' debounce {} "
       "point { name: 'p' signal: 'ch4' } }",
       "bus[0].device[0].debounce: is for readers of tags"},
      {"tcp { host: 'h' } device { name: 'r' unit: 1 profile: 'generic-tag-ring' debounce { keep_alive_ms: 1 "
       "} }",
       "bus[0].device[0].debounce.keep_alive_ms: is 1; it must be 200 to 30000"},
      {"lines { host: '10.0.0.8' } device { name: 'r' profile: 'generic-tag-ring' }",
       "bus[0].device[0].profile: \"generic-tag-ring\" sends no lines"},
      {"lines { host: 'reader' } device { name: 'r' profile: 'generic-tag-lines' }",
       "bus[0].lines.host: is \"reader\"; give an IP address"},
      {"lines { host: '10.0.0.8' port: 0 } device { name: 'r' profile: 'generic-tag-lines' }",
       "bus[0].lines.port: is 0; it must be 1 to 65535"},
      {"lines { host: '10.0.0.8' } device { name: 'r' unit: 1 profile: 'generic-tag-lines' }",
       "bus[0].device[0].unit: means nothing to a reader that sends lines"},
      {"lines { host: '10.0.0.8' } device { name: 'r' profile: 'generic-tag-lines' } "
       "device { name: 's' profile: 'generic-tag-lines' }",
       "bus[0].device[1]: a bus with lines is the connection of one reader"},
      {"lines { host: '10.0.0.8' } tcp { host: 'h' } device { name: 'r' profile: 'generic-tag-lines' }",
       "bus[0].lines: a bus has exactly one of rtu, tcp, can and lines"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.bus);
    const auto bad = parse_gateway_config(head + c.bus + " }", file, "drivers/profiles");
    REQUIRE_FALSE(bad);
    CAPTURE(bad.error().message);
    CHECK(bad.error().message.find(c.told) != std::string::npos);
  }
}
