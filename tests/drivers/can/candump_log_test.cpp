#include "drivers/can/candump_log.hpp"

#include <doctest/doctest.h>

using namespace davy;

TEST_CASE("candump: every shape of line is read") {
  struct Row {
    const char* line;
    CanFrame frame;
    std::optional<std::int64_t> time_us;
    const char* interface;
  };
  const CanFrame wind = classic_frame({.number = 0x0DFD0216, .extended = true}, 0xFF, 0xA4, 0x01);
  CanFrame asked = classic_frame({.number = 0x123});
  asked.remote = true;
  const Row rows[] = {
      {"(1583281798.617000) can0 0DFD0216#FFA401", wind, 1583281798617000, "can0"},
      {"(1583281798.617000) can0 0DFD0216#FF.A4.01", wind, 1583281798617000, "can0"},
      {"  can0  0DFD0216   [3]  FF A4 01   '...'", wind, {}, "can0"},
      {" (000.000012)  vcan1  0DFD0216   [3]  FF A4 01", wind, 12, "vcan1"},
      {"<0x0dfd0216> [3] ff a4 01 ", wind, {}, ""},
      {"(0.000000) can0 123#R", asked, 0, "can0"},
      {"can0  123   [0]  remote request", asked, {}, "can0"},
      {"(0.000000) can0 123##1FFA401", classic_frame({.number = 0x123}, 0xFF, 0xA4, 0x01), 0, "can0"},
      {"(0.000000) can0 123#", classic_frame({.number = 0x123}), 0, "can0"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.line);
    const auto read = read_candump_line(row.line);
    REQUIRE(read.has_value());
    REQUIRE(read->has_value());
    CHECK((*read)->frame == row.frame);
    CHECK((*read)->time_us == row.time_us);
    CHECK((*read)->interface == row.interface);
  }
}

TEST_CASE("candump: a line without a frame is none, and a damaged one an error") {
  for (const char* line : {"", "   ", "# heading", "interface = can0, family = 29, type = 3, proto = 1"}) {
    const auto read = read_candump_line(line);
    REQUIRE(read.has_value());
    CHECK_FALSE(read->has_value());
  }
  for (const char* line :
       {"(1583281798.617) can0 123#00", "(x.617000) can0 123#00", "(0.000000) can0 12#00",
        "(0.000000) can0 123#0", "(0.000000) can0 123#000102030405060708", "(0.000000) can0 FFFFFFFF#00",
        "(0.000000) can0", "<0x123> [2] 00", "<0x123> [65] 00", "<123> [1] 00", "can0 123 [x] 00",
        "can0 800 [1] 00", "a sentence about nothing", "("}) {
    CAPTURE(line);
    const auto read = read_candump_line(line);
    REQUIRE_FALSE(read.has_value());
    CHECK(read.error().code == Errc::bad_data);
    CHECK(read.error().message.find(" in \"") != std::string::npos);
  }
}
