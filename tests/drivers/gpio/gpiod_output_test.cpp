#include "drivers/gpio/gpiod_output.hpp"

#include <cerrno>

#include <doctest/doctest.h>

#include "tests/drivers/gpio/fake_gpiod.hpp"

using namespace davy;
using namespace davy::test;

namespace {

constexpr const char* path = "/dev/gpiochip0";

FakeChip& chip_with(std::map<unsigned, FakeLine> lines) {
  fake_chips().clear();
  return fake_chips()[path] = {.lines = std::move(lines)};
}

}  // namespace

TEST_CASE("gpio output: set and read back, in every polarity") {
  for (const bool low : {false, true}) {
    CAPTURE(low);
    FakeChip& chip = chip_with({{5, {}}});
    GpiodOutput output{{.chip = path, .line = 5, .active_low = low}};
    for (const bool on : {true, false, true}) {
      REQUIRE(output.set(on));
      CHECK(chip.lines[5].level == (on != low ? 1 : 0));
      CHECK(output.read_back() == on);
    }
  }
}

TEST_CASE(
    "gpio output: nothing is touched before the first command, and the line begins in the state of it") {
  FakeChip& chip = chip_with({{5, {.level = 1}}});
  GpiodOutput output{{.chip = path, .line = 5}};
  CHECK_FALSE(output.read_back());
  CHECK_FALSE(chip.lines[5].taken);
  REQUIRE(output.set(true));
  CHECK(chip.lines[5].level == 1);
}

TEST_CASE("gpio output: a contact of the relay tells the truth about a relay that sticks") {
  FakeChip& chip = chip_with({{5, {}}, {6, {.follows = 5}}});
  GpiodOutput output{{.chip = path, .line = 5, .read_back_line = 6, .read_back_active_low = true}};
  REQUIRE(output.set(true));
  CHECK(output.read_back() == false);  // wired the other way round
  chip.lines[6].follows = -1;          // welded
  chip.lines[6].level = 0;
  REQUIRE(output.set(false));
  CHECK(output.read_back() == true);
}

TEST_CASE("gpio output: what cannot be used says why, and is opened anew once it can") {
  struct Row {
    const char* chip;
    unsigned line;
    int request_error;
    const char* says;
  };
  constexpr Row rows[] = {{"/dev/gpiochip9", 5, 0, "driver loaded?"},
                          {path, 99, 0, "no such line"},
                          {path, 5, EBUSY, "gpioinfo"},
                          {path, 5, EACCES, "no right"}};
  for (const Row& r : rows) {
    FakeChip& chip = chip_with({{5, {.request_error = r.request_error}}});
    GpiodOutput output{{.chip = r.chip, .line = r.line}};
    const Status refused = output.set(true);
    REQUIRE_FALSE(refused);
    CAPTURE(refused.error().message);
    CHECK(refused.error().message.find(r.says) != std::string::npos);
    CHECK(refused.error().message.starts_with(r.chip));
    CHECK(chip.open == 0);
  }
  FakeChip& chip = chip_with({{5, {}}});
  GpiodOutput output{{.chip = path, .line = 5}};
  REQUIRE(output.set(true));
  chip.lines[5].broken = true;
  CHECK_FALSE(output.read_back());
  CHECK_FALSE(output.set(true));
  chip.lines[5].broken = false;
  CHECK_FALSE(output.read_back());  // the line was given back; a command takes it again
  REQUIRE(output.set(false));
  CHECK(output.read_back() == false);
}
