#include "drivers/tags/tag_line_parser.hpp"

#include <random>

#include <doctest/doctest.h>

#include "proto/wire/profile.hpp"

using namespace davy;

namespace {

const WallTime noon = wall_from_ms(1'800'000'000'000);

TagLinesProfile shipped() {
  auto profile = load_profile("drivers/profiles/generic-tag-lines.textproto");
  REQUIRE_MESSAGE(profile, profile.error().message);
  return std::get<TagLinesProfile>(*profile->tag_reader);
}

TagLinesProfile profile_of(const std::string& lines) {
  auto profile = parse_profile(
      "name: 'p' maker: 'M' model: 'P' source: 's' tag_reader { lines { " + lines + " } }", "p.textproto");
  REQUIRE_MESSAGE(profile, profile.error().message);
  return std::get<TagLinesProfile>(*profile->tag_reader);
}

TagReport read(TagLineParser& parser, std::string_view text) {
  TagReport out;
  parser.take(text, noon, out);
  return out;
}
TagReport read(const TagLinesProfile& profile, std::string_view text) {
  TagLineParser parser{profile, "r"};
  return read(parser, text);
}

}  // namespace

TEST_CASE("tag lines: a line becomes a sighting, as the shipped profile says") {
  const auto report = read(shipped(), "$TAG,17,0001117A,-3.25,-71,0.4,1,1\r\n");
  REQUIRE(report.sightings.size() == 1);
  CHECK(report.sightings[0] == Sighting{.tag = 0x1117A,
                                        .reader = "r",
                                        .source_time = noon - Duration{400},
                                        .distance_cm = -325,
                                        .rssi_dbm = -71,
                                        .sos = true,
                                        .low_battery = true});
  CHECK(report.message.empty());
}

TEST_CASE("tag lines: columns, keys, blanks and words are read as the profile says") {
  struct Row {
    const char* profile;
    const char* line;
    Sighting sighting;
  };
  const Row rows[] = {
      {"tag { column: 1 }", "70001", {.tag = 70001}},
      {"tag { column: 1 } tag_base: 16", "0xFFFFFFFFFFFFFFFF", {.tag = UINT64_MAX}},
      {"tag { column: 2 }", " a , 7 , b", {.tag = 7}},
      {"separator: ' ' tag { column: 2 } distance { column: 3 }",
       "x   7 \t +2.5",
       {.tag = 7, .distance_cm = 250}},
      {"separator: ';' tag { key: 'id' } distance { key: 'd' scale: 0.01 } rssi { key: 's' }",
       "s=-80; d = -150 ;id=9",
       {.tag = 9, .distance_cm = -150, .rssi_dbm = -80}},
      {"key_sign: ':' tag { key: 'id' } distance { key: 'd' } before { key: 'side' word: 'in' }",
       "id:9,d:4,side:in",
       {.tag = 9, .distance_cm = -400}},
      {"tag { column: 1 } sos { column: 2 word: 'S' } low_battery { column: 2 word: 'B' }",
       "5,B",
       {.tag = 5, .low_battery = true}},
      {"begins_with: 'T' tag { column: 1 }", "T5", {.tag = 5}},
      {"tag { column: 1 } distance { column: 2 } rssi { column: 3 }", "5,,", {.tag = 5}},
      {"tag { column: 1 } distance { column: 2 }", "5,1e30", {.tag = 5, .distance_cm = INT32_MAX}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.profile);
    CAPTURE(row.line);
    const auto report = read(profile_of(row.profile), std::string{row.line} + "\n");
    REQUIRE(report.sightings.size() == 1);
    Sighting expected = row.sighting;
    expected.reader = "r";
    expected.source_time = noon;
    CHECK(report.sightings[0] == expected);
    CHECK(report.message.empty());
  }
}

TEST_CASE("tag lines: what is no sighting is counted by what is wrong with it, and told") {
  struct Row {
    std::string line;
    LineProblem problem;
    std::size_t sightings;
    std::string_view message;
  };
  const Row rows[] = {
      {"hello", LineProblem::not_a_sighting, 0, "reader r sent a line neither a sighting nor ignored: hello"},
      {"$TAG,1", LineProblem::no_tag, 0, "reader r sent a line without a tag: 1"},
      {"$TAG,1,,3,,,,", LineProblem::no_tag, 0, "without a tag"},
      {"$TAG,1,XYZ,3,,,,", LineProblem::bad_tag, 0, "with a tag that is no number: 1,XYZ,3,,,,"},
      {"$TAG,1,0,3,,,,", LineProblem::bad_tag, 0, "with a tag that is no number"},
      {"$TAG,1,-7,3,,,,", LineProblem::bad_tag, 0, "with a tag that is no number"},
      {"$TAG,1,1FFFFFFFFFFFFFFFF,3,,,,", LineProblem::bad_tag, 0, "with a tag that is no number"},
      {"$TAG,x,7,3,,,,", LineProblem::bad_number, 1, "with a running number that is none"},
      {"$TAG,65536,7,3,,,,", LineProblem::bad_number, 1, "with a running number that is none"},
      {"$TAG,1,7,near,,,,", LineProblem::bad_field, 1, "with a field that is missing or no number"},
      {"$TAG,1,7,nan,,,,", LineProblem::bad_field, 1, "with a field that is missing or no number"},
      {"$TAG,1,7", LineProblem::bad_field, 1, "with a field that is missing or no number: 1,7"},
      {std::string{"$TAG,1,7,\0,,,,", 13}, LineProblem::not_text, 0,
       "reader r sent a line no text: $TAG,1,7, ,"},
      {"\xFF\xFE", LineProblem::not_text, 0, "no text"},
      {std::string(257, 'x'), LineProblem::too_long, 0, "too long: xxxxx"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.line);
    TagLineParser parser{shipped(), "r"};
    auto report = read(parser, row.line + "\n");
    CAPTURE(report.message);
    CHECK(report.sightings.size() == row.sightings);
    CHECK(report.unreadable == 1 - row.sightings);
    CHECK(report.message.find(row.message) != std::string::npos);
    CHECK(report.message.size() < 200);
    for (std::size_t i = 0; i < line_problems; ++i) {
      const auto problem = static_cast<LineProblem>(i);
      CHECK(parser.count(problem) == (problem == row.problem ? 1U : 0U));
    }
    report = read(parser, "$TAG,2,5,1,,,,\n");
    CHECK(report.sightings.size() == 1);  // the next one is read
  }
}

TEST_CASE("tag lines: comments, heartbeats and empty lines are ignored") {
  TagLineParser parser{shipped(), "r"};
  CHECK(read(parser, "# alive\n\r\n\n   \n#\n").empty());
}

TEST_CASE("tag lines: a line as long as allowed is read, with or without a carriage return") {
  const std::string line = "$TAG,1,7,3,,,," + std::string(256 - 14, '0');
  for (const char* end : {"\n", "\r\n"}) {
    const auto report = read(shipped(), line + end);
    CHECK(report.sightings.size() == 1);
    CHECK(report.unreadable == 0);
  }
  CHECK(read(shipped(), line + "0\n").unreadable == 1);
}

TEST_CASE("tag lines: running numbers tell gaps, repeats and restarts") {
  TagLineParser parser{shipped(), "r"};
  const auto line = [](int number, int tag) {
    return "$TAG," + std::to_string(number) + "," + std::to_string(tag) + ",1,,0,,\n";
  };
  CHECK(read(parser, line(65533, 1) + line(65534, 2)).lost == 0);
  auto report = read(parser, line(2, 3));
  CHECK(report.lost == 3);  // 65535, 0 and 1
  CHECK(report.message == "reader r: 3 lines are missing before 2");
  report = read(parser, line(65534, 2) + line(2, 3) + line(3, 4));  // it begins a little earlier again
  CHECK(report.repeated == 2);
  CHECK(report.sightings.size() == 1);
  CHECK(report.lost == 0);
  for (int number = 4; number <= 2000; ++number) CHECK(read(parser, line(number, 5)).lost == 0);
  report = read(parser, line(1, 6) + line(2, 7));
  CHECK(report.restarted);
  CHECK(report.lost == 0);
  CHECK(report.sightings.size() == 2);
}

TEST_CASE("tag lines: half a line of a connection that was cut is no line") {
  TagLineParser parser{shipped(), "r"};
  CHECK(read(parser, "$TAG,1,7,3,,,,\n$TAG,2,12").sightings.size() == 1);
  parser.restart();
  const auto report = read(parser, "$TAG,2,1234,3,,,,\n");
  REQUIRE(report.sightings.size() == 1);
  CHECK(report.sightings[0].tag == 0x1234);
  CHECK(report.lost == 0);
}

TEST_CASE("tag lines: however the bytes are cut, the same comes out") {
  std::string text;
  for (int i = 0; i < 300; ++i) {
    text +=
        "$TAG," + std::to_string(i) + ",A" + std::to_string(i) + ",2.5,-60,0.1,0,0" + (i % 2 ? "\r\n" : "\n");
    if (i % 7 == 0) text += "# alive\n";
    if (i % 50 == 0) text += std::string(500, 'y') + "\n";
  }
  const auto whole = read(shipped(), text);
  CHECK(whole.sightings.size() == 300);
  CHECK(whole.unreadable == 6);
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    std::mt19937_64 random{seed};
    TagLineParser parser{shipped(), "r"};
    TagReport report;
    for (std::string_view rest = text; !rest.empty();) {
      const std::size_t size =
          static_cast<std::size_t>(std::min<std::uint64_t>(rest.size(), random() % (seed * 10)));
      parser.take(rest.substr(0, size), noon, report);
      rest.remove_prefix(size);
    }
    CHECK(report.sightings == whole.sightings);
    CHECK(report.unreadable == whole.unreadable);
    CHECK(report.lost == 0);
  }
}
