#include "gateway/interlock/output_drive.hpp"

#include <doctest/doctest.h>

#include "drivers/api/fake_output.hpp"

using namespace davy;
using namespace std::chrono_literals;

TEST_CASE("output drive: writes a new command at once, reads it back, and then only looks") {
  FakeOutput relay;
  OutputDrive drive{relay, 500ms};
  SteadyTime now{10s};
  CHECK(drive.step(true, now));
  CHECK(relay.on);
  CHECK(drive.report().on == true);
  CHECK(drive.report().at == now);
  CHECK(drive.next_due() == now + 500ms);
  CHECK_FALSE(drive.step(true, now + 499ms));
  CHECK(drive.step(true, now + 500ms));
  CHECK(relay.sets == 1);
  CHECK(drive.step(false, now + 600ms));
  CHECK_FALSE(relay.on);
  CHECK(relay.sets == 2);
}

TEST_CASE("output drive: a relay that was switched by another hand is switched back") {
  FakeOutput relay;
  OutputDrive drive{relay, 500ms};
  SteadyTime now{10s};
  drive.step(true, now);
  relay.on = false;
  drive.step(true, now += 500ms);
  CHECK(drive.report().on == false);  // seen
  drive.step(true, now += 500ms);
  CHECK(drive.report().on == true);  // mended
  CHECK(relay.sets == 2);
}

TEST_CASE("output drive: one that sticks or is silent is told again for ever, and says why") {
  FakeOutput relay;
  relay.stuck = true;
  OutputDrive drive{relay, 500ms};
  SteadyTime now{10s};
  for (std::uint32_t i = 1; i <= 100; ++i, now += 500ms) {
    CHECK(drive.step(true, now));
    CHECK(relay.sets == i);
    CHECK(drive.report().on == false);
  }
  relay.silent = true;
  drive.step(true, now);
  CHECK(drive.report().on == std::nullopt);
  CHECK(drive.report().message.find("silent") != std::string::npos);
  relay.silent = relay.stuck = false;
  drive.step(true, now += 500ms);
  CHECK(drive.report().on == true);
  CHECK(drive.report().message.empty());
}
