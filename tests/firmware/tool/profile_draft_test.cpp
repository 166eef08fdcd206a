#include "firmware/tool/profile_draft.hpp"

#include <fstream>
#include <sstream>

#include <doctest/doctest.h>

#include "firmware/tool/quantities.hpp"

using namespace davy;

TEST_CASE("draft: a manual's number as it goes over the wire") {
  using C = Counting;
  using T = RegisterTable;
  struct Row {
    std::string text;
    C counting;
    std::optional<Place> place;  // none: refused
  };
  const Row rows[] = {
      {"101", C::wire, Place{{}, 101}},
      {"0x65", C::wire, Place{{}, 101}},
      {"65535", C::wire, Place{{}, 65535}},
      {"65536", C::wire, {}},
      {"1", C::from_one, Place{{}, 0}},
      {"0", C::from_one, {}},
      {"65536", C::from_one, Place{{}, 65535}},
      {"40001", C::modicon, Place{T::holding, 0}},
      {"40102", C::modicon, Place{T::holding, 101}},
      {"30001", C::modicon, Place{T::input, 0}},
      {"10007", C::modicon, Place{T::discrete_input, 6}},
      {"00001", C::modicon, Place{T::coil, 0}},
      {"465536", C::modicon, Place{T::holding, 65535}},
      {"400001", C::modicon, Place{T::holding, 0}},
      {"40000", C::modicon, {}},
      {"20001", C::modicon, {}},
      {"102", C::modicon, {}},
      {"x", C::wire, {}},
      {"-1", C::wire, {}},
  };
  for (const Row& r : rows) {
    CAPTURE(r.text);
    const auto place = place_from(r.text, r.counting);
    REQUIRE(place.has_value() == r.place.has_value());
    if (!place) continue;
    CHECK(place->address == r.place->address);
    CHECK(place->table == r.place->table);
  }
}

TEST_CASE("draft: what is written as a file is read back as it was meant") {
  const char* words[] = {
      "o2 table=input address=100 encoding=u16 scale=0.1 quantity=O2 range=0..25 raw=0x7FFF:sensor_fault "
      "raw=0:disconnected",
      "t table=input address=101 encoding=s16 scale=0.1 offset=-40 unit=°C text=air \"behind\" the fan \\ "
      "north",
      "co table=holding address=7 encoding=float32 order=cdab quantity=CO",
      "n table=holding address=9 encoding=s32 order=DCBA",
      "run table=discrete address=2 quantity=fan",
      "bit table=holding address=11 encoding=bit bit=4",
      "mode table=holding address=11 encoding=bits bit=5 bits=3",
      "old table=input address=12 encoding=bcd16",
  };
  DeviceProfile profile{.name = "probe",
                        .maker = "A \"B\"",
                        .model = "瓦斯",
                        .sources = {"p. 1", "p. 2"},
                        .serial = {19200, Parity::even, 2}};
  for (const char* text : words) {
    const auto signal = signal_from_words(text, Counting::wire);
    CAPTURE(text);
    REQUIRE_MESSAGE(signal.has_value(), (signal ? "" : signal.error().message));
    profile.signals.push_back(*signal);
  }
  const auto read = parse_profile(profile_text(profile), "probe.textproto");
  REQUIRE_MESSAGE(read.has_value(), (read ? "" : read.error().message));
  CHECK(read->maker == profile.maker);
  CHECK(read->model == profile.model);
  CHECK(read->sources == profile.sources);
  CHECK(read->serial == profile.serial);
  REQUIRE(read->signals.size() == profile.signals.size());
  for (std::size_t i = 0; i < profile.signals.size(); ++i) {
    const SignalProfile& a = profile.signals[i];
    const SignalProfile& b = read->signals[i];
    CAPTURE(a.name);
    CHECK(a.name == b.name);
    CHECK(a.table == b.table);
    CHECK(a.address == b.address);
    CHECK(a.encoding == b.encoding);
    CHECK(a.word_order == b.word_order);
    CHECK(a.bit_first == b.bit_first);
    CHECK(a.bit_count == b.bit_count);
    CHECK(a.scale == b.scale);
    CHECK(a.offset == b.offset);
    CHECK(a.quantity == b.quantity);
    CHECK(a.unit == b.unit);
    CHECK(a.range_low == b.range_low);
    CHECK(a.range_high == b.range_high);
    CHECK(a.raw_meanings.size() == b.raw_meanings.size());
    CHECK(a.text == b.text);
  }
  CHECK(read->signals[0].unit == "%");  // that of O2
}

TEST_CASE("draft: words that do not fit are refused by name") {
  struct Row {
    std::string text, told;
  };
  const Row rows[] = {
      {"", "a signal begins with its name"},
      {"address=1", "a signal begins with its name"},
      {"o2 table=input", "signal o2: address=N is missing"},
      {"o2 address=1", "signal o2: table="},
      {"o2 address=1 table=in", "table: 'in' is no table; take coil, discrete, holding, input"},
      {"o2 address=1 table=input scale=x", "scale: 'x' is no number"},
      {"o2 address=1 table=input raw=7", "raw: '7': write it as NUMBER:QUALITY"},
      {"o2 address=1 table=input raw=7:broken", "'broken' is no quality"},
      {"o2 address=1 table=input bit=16", "bit: '16' is no whole number from 0 to 15"},
      {"o2 address=1 table=input colour=red", "'colour=red' is not understood"},
      {"o2 address=1 table=input scale", "'scale' is not understood"},
  };
  for (const Row& r : rows) {
    CAPTURE(r.text);
    const auto signal = signal_from_words(r.text, Counting::wire);
    REQUIRE(!signal);
    CHECK(signal.error().message.find(r.told) != std::string::npos);
  }
}

TEST_CASE("quantities: each is one of the glossary's") {
  std::ifstream in{"docs/glossary.md"};
  std::stringstream glossary;
  glossary << in.rdbuf();
  for (const Quantity& q : quantities) {
    CAPTURE(q.name);
    CHECK(glossary.str().find("`" + std::string{q.name} + "`") != std::string::npos);
  }
}
