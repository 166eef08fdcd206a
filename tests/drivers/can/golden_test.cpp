#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "drivers/can/candump_log.hpp"
#include "drivers/can/message_decoder.hpp"

using namespace davy;

TEST_CASE("golden: a gas head's recorded frames give the values that were put into them") {
  const auto dbc = read_dbc("tests/golden/can/gas_head.dbc");
  INFO((dbc ? "" : dbc.error().message));
  REQUIRE(dbc.has_value());
  std::ifstream log{"tests/golden/can/gas_head.log"};
  std::ifstream expected{"tests/golden/can/gas_head.txt"};
  std::size_t compared = 0;
  for (std::string line; std::getline(log, line);) {
    CAPTURE(line);
    const auto read = read_candump_line(line);
    REQUIRE(read.has_value());
    if (!*read) continue;
    const DbcMessage* message = dbc->find((*read)->frame.id);
    REQUIRE(message != nullptr);
    MessageDecoder decoder{*message};
    std::vector<SignalValue> values(decoder.count());
    decoder.decode((*read)->frame.bytes(), values);

    // One line each frame: its message, and the signals that are there.
    std::string row;
    REQUIRE(std::getline(expected, row));
    CAPTURE(row);
    std::istringstream words{row};
    std::string name;
    words >> name;
    CHECK(name == message->name);
    std::size_t present = 0;
    for (std::string pair; words >> pair; ++present) {
      const std::size_t equals = pair.find('=');
      CAPTURE(pair);
      const auto place = message->find(pair.substr(0, equals));
      REQUIRE(place.has_value());
      CHECK(values[*place].present);
      CHECK(values[*place].value == doctest::Approx(std::stod(pair.substr(equals + 1))).epsilon(1e-9));
      ++compared;
    }
    std::size_t ours = 0;
    for (const SignalValue& value : values) ours += value.present ? 1U : 0U;
    CHECK(ours == present);
  }
  CHECK(compared > 150);
}
