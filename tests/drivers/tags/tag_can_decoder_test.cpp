#include "drivers/tags/tag_can_decoder.hpp"

#include <doctest/doctest.h>

#include "proto/wire/profile.hpp"

using namespace davy;

namespace {

const WallTime noon = wall_from_ms(1'800'000'000'000);

DeviceProfile shipped() {
  auto profile = load_profile("drivers/profiles/generic-tag-can.textproto");
  REQUIRE_MESSAGE(profile, profile.error().message);
  return std::move(*profile);
}
TagCanProfile frames() { return std::get<TagCanProfile>(*shipped().tag_reader); }

Dbc dbc_of(const TagCanProfile& profile) {
  auto dbc = read_dbc(profile.dbc);
  REQUIRE_MESSAGE(dbc, dbc.error().message);
  return std::move(*dbc);
}

TagCanDecoder decoder(std::uint32_t offset = 0) {
  const auto profile = frames();
  auto made = TagCanDecoder::make(profile, dbc_of(profile), "r", offset);
  REQUIRE_MESSAGE(made, made.error().message);
  return std::move(*made);
}

CanArrival seen(std::uint32_t id, std::uint32_t tag, std::int16_t distance_cm, unsigned number,
                unsigned last_byte = 0, Duration later = Duration{0}) {
  const auto distance = static_cast<std::uint16_t>(distance_cm);
  return {.frame = classic_frame({.number = id}, tag & 0xFFU, tag >> 8U & 0xFFU, tag >> 16U & 0xFFU,
                                 tag >> 24U & 0xFFU, distance & 0xFFU, distance >> 8U, number, last_byte),
          .arrived = {steady_from_ms(0), noon + later}};
}

std::string problem_of(const TagCanProfile& profile, std::uint32_t offset = 0) {
  const auto made = TagCanDecoder::make(profile, dbc_of(frames()), "r", offset);
  return made ? "" : made.error().message;
}

}  // namespace

TEST_CASE("tag can: a frame becomes a sighting, as the shipped profile and its DBC file say") {
  auto reader = decoder();
  TagReport report;
  reader.take(seen(0x300, 0xFEDCBA98, -325, 1, 0xC0 | 12), report);
  REQUIRE(report.sightings.size() == 1);
  CHECK(report.sightings[0] == Sighting{.tag = 0xFEDCBA98,
                                        .reader = "r",
                                        .source_time = noon - Duration{1200},
                                        .distance_cm = -325,
                                        .sos = true,
                                        .low_battery = true});
  CHECK(reader.filters() == std::vector{CanFilter{.id = {.number = 0x300}}});
}

TEST_CASE("tag can: frames of others, questions and empty places are no sightings") {
  auto reader = decoder();
  TagReport report;
  reader.take(seen(0x301, 7, 0, 1), report);
  CanArrival question = seen(0x300, 7, 0, 1);
  question.frame.remote = true;
  reader.take(question, report);
  reader.take(seen(0x300, 0, 0, 1), report);
  CHECK(report.empty());
  CanArrival cut = seen(0x300, 7, 0, 1);
  cut.frame.size = 3;
  reader.take(cut, report);
  CHECK(report.unreadable == 1);
  CHECK(report.message == "reader r: frame 0x300 is too short for a tag");
  CHECK(report.sightings.empty());
}

TEST_CASE("tag can: a gap in the numbers is told as lost, over their end as well") {
  auto reader = decoder();
  TagReport report;
  reader.take(seen(0x300, 1, 0, 254), report);
  reader.take(seen(0x300, 2, 0, 255), report);
  reader.take(seen(0x300, 3, 0, 0), report);
  CHECK(report.lost == 0);
  reader.take(seen(0x300, 4, 0, 4), report);
  CHECK(report.lost == 3);
  CHECK(report.sightings.size() == 4);
  reader.take(seen(0x300, 4, 0, 4), report);  // sent twice
  CHECK(report.repeated == 1);
  CHECK(report.sightings.size() == 4);
}

TEST_CASE("tag can: several readers of a bus are told apart by the offset of their ids") {
  auto second = decoder(2);
  TagReport report;
  second.take(seen(0x300, 1, 0, 1), report);
  CHECK(report.sightings.empty());
  second.take(seen(0x302, 1, 0, 1), report);
  CHECK(report.sightings.size() == 1);
}

TEST_CASE("tag can: what does not fit the DBC file is told by its name") {
  struct Row {
    void (*change)(TagCanProfile&);
    std::string_view words;
  };
  const Row rows[] = {
      {[](TagCanProfile& p) { p.messages[0].name = "Sen"; }, "there is no message Sen in the DBC file"},
      {[](TagCanProfile& p) { p.messages[0].tag = "Tagg"; }, "there is no signal Tagg in message TagSeen"},
      {[](TagCanProfile& p) { p.messages[0].rssi = "Rssi"; }, "there is no signal Rssi in message TagSeen"},
      {[](TagCanProfile& p) { p.messages[0].number = "Distance"; },
       "signal Distance must be an unsigned number"},
      {[](TagCanProfile& p) {
         p.messages.push_back(p.messages[0]);
         p.messages[1].number = "Age";
       },
       "signal Age has another length"},
  };
  for (const Row& row : rows) {
    TagCanProfile profile = frames();
    row.change(profile);
    CAPTURE(row.words);
    const std::string message = problem_of(profile);
    CAPTURE(message);
    CHECK(message.starts_with("drivers/profiles/generic-tag-can.dbc: "));
    CHECK(message.find(row.words) != std::string::npos);
  }
  CHECK(problem_of(frames(), 0x600).find("the offset is too large") != std::string::npos);
}
