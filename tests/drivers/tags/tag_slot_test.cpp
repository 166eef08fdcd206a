#include "drivers/tags/tag_slot.hpp"

#include <limits>
#include <vector>

#include <doctest/doctest.h>

using namespace davy;

namespace {

const WallTime noon = wall_from_ms(1'800'000'000'000);

TagSlotProfile slot_with(TagWords tag) {
  TagSlotProfile out;
  out.tag = tag;
  return out;
}

}  // namespace

TEST_CASE("tag slot: a tag of one, two or four registers in any order") {
  struct Row {
    std::uint8_t registers;
    WordOrder order;
    std::vector<std::uint16_t> words;
    std::uint64_t tag;
  };
  using enum WordOrder;
  const Row rows[] = {
      {1, abcd, {0x1234}, 0x1234},
      {1, badc, {0x1234}, 0x3412},
      {2, abcd, {0x1234, 0x5678}, 0x12345678},
      {2, cdab, {0x1234, 0x5678}, 0x56781234},
      {2, badc, {0x1234, 0x5678}, 0x34127856},
      {2, dcba, {0x1234, 0x5678}, 0x78563412},
      {4, abcd, {0xFEDC, 0xBA98, 0x7654, 0x3210}, 0xFEDCBA9876543210},
      {4, cdab, {0xFEDC, 0xBA98, 0x7654, 0x3210}, 0x32107654BA98FEDC},
      {4, dcba, {0xFEDC, 0xBA98, 0x7654, 0x3210}, 0x1032547698BADCFE},
  };
  for (const Row& row : rows) {
    CAPTURE(row.tag);
    std::vector<std::uint16_t> registers = row.words;
    registers.insert(registers.begin(), 0xFFFF);
    const TagSlot slot{slot_with({.slot_register = 1, .registers = row.registers, .word_order = row.order})};
    CHECK(slot.decode(registers).tag == row.tag);
  }
}

TEST_CASE("tag slot: numbers, fields of bits and flags, and nothing where the profile has nothing") {
  TagSlotProfile profile = slot_with({.slot_register = 0});
  const RawSighting bare = TagSlot{profile}.decode(std::vector<std::uint16_t>{7, 0, 0, 0});
  CHECK_FALSE(bare.number);
  CHECK_FALSE(bare.distance_m);
  CHECK_FALSE(bare.age_s);
  CHECK_FALSE(bare.sos);

  profile.number_register = 1;
  profile.distance = SlotField{.slot_register = 2, .encoding = Encoding::float32};
  profile.rssi =
      SlotField{.slot_register = 1, .encoding = Encoding::bits, .bit_first = 4, .bit_count = 4, .scale = -10};
  profile.sos = SlotFlag{.slot_register = 1, .bit = 0, .when = false};
  profile.low_battery = SlotFlag{.slot_register = 1, .bit = 15};
  const RawSighting raw = TagSlot{profile}.decode(std::vector<std::uint16_t>{7, 0x8070, 0x40A0, 0x0000});
  CHECK(raw.number == 0x8070);
  CHECK(raw.distance_m == 5.0);
  CHECK(raw.rssi_dbm == -70);
  CHECK(raw.sos);
  CHECK(raw.low_battery);
  // Not a number: no distance.
  CHECK_FALSE(TagSlot{profile}.decode(std::vector<std::uint16_t>{7, 0, 0x7FC0, 0}).distance_m);
}

TEST_CASE("sighting: what it cannot hold becomes the nearest that it can") {
  const double huge = 1e300;
  const RawSighting beyond{.tag = 1, .distance_m = -huge, .rssi_dbm = huge, .age_s = huge};
  const Sighting far = sighting_from(beyond, "r", noon);
  CHECK(far.distance_cm == INT32_MIN);
  CHECK(far.rssi_dbm == INT16_MAX);
  CHECK(far.source_time == noon - std::chrono::hours{7 * 24});

  const double none = std::numeric_limits<double>::quiet_NaN();
  const Sighting odd =
      sighting_from({.tag = 1, .distance_m = none, .rssi_dbm = none, .age_s = none}, "r", noon);
  CHECK(odd.distance_cm == 0);
  CHECK(odd.source_time == noon);
  CHECK(sighting_from({.tag = 1, .age_s = -5.0}, "r", noon).source_time == noon);

  CHECK(sighting_from({.tag = 1, .distance_m = 1.235, .before = true}, "r", noon).distance_cm == -124);
  CHECK(sighting_from({.tag = 1, .distance_m = -1.5, .before = true}, "r", noon).distance_cm == -150);
}
