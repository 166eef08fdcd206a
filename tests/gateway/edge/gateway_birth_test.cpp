#include "gateway/edge/gateway_birth.hpp"

#include <doctest/doctest.h>

#include "proto/wire/limits.hpp"

using namespace davy;

namespace {

GatewayConfig config(std::size_t points, const std::string& bus) {
  GatewayConfig out{.mine = "M1", .gateway = "G-12"};
  for (std::size_t i = 0; i < points; ++i) out.points.push_back({.name = "P" + std::to_string(i)});
  out.buses.push_back({.name = bus});
  return out;
}

}  // namespace

TEST_CASE("birth: the configured points keep their places, the gateway's own follow") {
  const GatewayConfig c = config(2, "rs485-1");
  const SelfPoints own{c};
  const auto birth = gateway_birth(c, own);
  REQUIRE(birth.has_value());
  const char* names[] = {"P0",
                         "P1",
                         "G-12/link",
                         "G-12/spool_blocks",
                         "G-12/spool_bytes",
                         "G-12/clock",
                         "G-12/bus-rs485-1-errors",
                         "G-12/bus-rs485-1-missed"};
  REQUIRE(birth->points.size() == std::size(names));
  for (std::size_t i = 0; i < std::size(names); ++i) CHECK(birth->points[i].name == names[i]);

  Hash hash{};
  const auto decoded = decode_birth(encode_birth(*birth).message, hash);
  REQUIRE(decoded.has_value());
  CHECK(decoded->points == birth->points);
}

TEST_CASE("birth: every own point gets a sample of its own") {
  const GatewayConfig c = config(3, "rs485-1");
  const SelfPoints own{c};
  std::vector<Sample> samples;
  own.sample({.link_up = true,
              .spool_blocks = 7,
              .spool_bytes = 900,
              .clock = ClockQuality::synced,
              .buses = {{5, 2}}},
             wall_from_ms(1000), samples);
  const double values[] = {1, 7, 900, 3, 5, 2};
  REQUIRE(samples.size() == std::size(values));
  for (std::size_t i = 0; i < samples.size(); ++i) {
    CHECK(samples[i].point == PointIndex{static_cast<std::uint32_t>(3 + i)});
    CHECK(samples[i].value == values[i]);
    CHECK(samples[i].source_time == wall_from_ms(1000));
    CHECK(may_clear(samples[i].quality));
  }
}

TEST_CASE("birth: what cannot be told to the surface is refused") {
  const GatewayConfig full = config(points_max - 6, "b");
  CHECK(gateway_birth(full, SelfPoints{full}).has_value());
  const GatewayConfig over = config(points_max - 5, "b");
  CHECK(gateway_birth(over, SelfPoints{over}).error().message.find("another gateway") != std::string::npos);
  const GatewayConfig named = config(1, std::string(60, 'b'));
  CHECK(gateway_birth(named, SelfPoints{named}).error().message.find("shorten") != std::string::npos);
}
