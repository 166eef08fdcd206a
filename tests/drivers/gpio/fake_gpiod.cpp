#include "tests/drivers/gpio/fake_gpiod.hpp"

#include <cerrno>
#include <deque>

#include <gpiod.h>

namespace davy::test {

std::map<std::string, FakeChip>& fake_chips() {
  static std::map<std::string, FakeChip> chips;
  return chips;
}

}  // namespace davy::test

using davy::test::fake_chips;
using davy::test::FakeChip;
using davy::test::FakeLine;

// The library's opaque types.
struct gpiod_line {
  gpiod_chip* chip;
  unsigned number;
};
struct gpiod_chip {
  FakeChip* fake;
  std::deque<gpiod_line> lines;
};

namespace {

FakeLine& fake_of(gpiod_line* line) { return line->chip->fake->lines.at(line->number); }

int refuse(int error) {
  errno = error;
  return -1;
}

int take(gpiod_line* line, bool output, int flags) {
  FakeLine& fake = fake_of(line);
  if (fake.request_error != 0) return refuse(fake.request_error);
  if (fake.taken) return refuse(EBUSY);
  fake.taken = true;
  fake.output = output;
  fake.active_low = (flags & GPIOD_LINE_REQUEST_FLAG_ACTIVE_LOW) != 0;
  return 0;
}

}  // namespace

gpiod_chip* gpiod_chip_open(const char* path) {
  const auto found = fake_chips().find(path);
  if (found == fake_chips().end()) {
    errno = ENOENT;
    return nullptr;
  }
  ++found->second.open;
  return new gpiod_chip{&found->second, {}};
}

void gpiod_chip_close(gpiod_chip* chip) {
  for (const gpiod_line& line : chip->lines) chip->fake->lines.at(line.number).taken = false;
  --chip->fake->open;
  delete chip;
}

gpiod_line* gpiod_chip_get_line(gpiod_chip* chip, unsigned int offset) {
  if (!chip->fake->lines.contains(offset)) {
    errno = EINVAL;
    return nullptr;
  }
  return &chip->lines.emplace_back(chip, offset);
}

int gpiod_line_request_input_flags(gpiod_line* line, const char*, int flags) {
  return take(line, false, flags);
}

int gpiod_line_request_output_flags(gpiod_line* line, const char*, int flags, int default_val) {
  if (const int refused = take(line, true, flags); refused != 0) return refused;
  return gpiod_line_set_value(line, default_val);
}

int gpiod_line_set_value(gpiod_line* line, int value) {
  FakeLine& fake = fake_of(line);
  if (!fake.taken || !fake.output) return refuse(EPERM);
  if (fake.broken) return refuse(EIO);
  fake.level = fake.active_low ? 1 - value : value;
  return 0;
}

int gpiod_line_get_value(gpiod_line* line) {
  FakeLine& fake = fake_of(line);
  if (!fake.taken) return refuse(EPERM);
  if (fake.broken) return refuse(EIO);
  const int level =
      fake.follows < 0 ? fake.level : line->chip->fake->lines.at(static_cast<unsigned>(fake.follows)).level;
  return fake.active_low ? 1 - level : level;
}
