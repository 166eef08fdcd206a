#pragma once

#include <map>
#include <string>

// libgpiod as the program under test sees it, with chips in memory: the functions of <gpiod.h> that are used,
// so that the adapter itself is tested. What a test sets stands here.
namespace davy::test {

struct FakeLine {
  int level = 0;  // of the pin, whatever active_low says
  bool taken = false;
  bool output = false;
  bool active_low = false;
  int follows = -1;     // an input wired to this output's pin
  bool broken = false;  // set and get fail
  int request_error = 0;
};

struct FakeChip {
  std::map<unsigned, FakeLine> lines;
  int open = 0;  // how often
};

std::map<std::string, FakeChip>& fake_chips();

}  // namespace davy::test
