#include "firmware/tool/words.hpp"

#include <doctest/doctest.h>

using namespace davy;

TEST_CASE("words: unit ids") {
  using Units = std::vector<std::uint8_t>;
  CHECK(units_from("1-3") == Units{1, 2, 3});
  CHECK(units_from("9,1-2,2") == Units{1, 2, 9});
  CHECK(units_from("1-247")->size() == 247);
  for (const char* wrong : {"", "256", "3-1", "1-", "-3", "a", "1-2-3", "1;2"}) {
    CAPTURE(wrong);
    CHECK(!units_from(wrong));
  }
}

TEST_CASE("words: where a Modbus TCP server is") {
  struct Row {
    const char* text;
    const char* host;
    std::uint16_t port;
  };
  const Row rows[] = {{"10.0.0.1", "10.0.0.1", 502}, {"10.0.0.1:1502", "10.0.0.1", 1502},
                      {"box:7", "box", 7},           {"[fe80::1]:7", "fe80::1", 7},
                      {"[fe80::1]", "fe80::1", 502}, {"fe80::1", "fe80::1", 502}};
  for (const Row& r : rows) {
    CAPTURE(r.text);
    const auto tcp = tcp_from(r.text);
    REQUIRE(tcp.has_value());
    CHECK(tcp->host == r.host);
    CHECK(tcp->port == r.port);
  }
  for (const char* wrong : {"", ":502", "box:", "box:0", "box:65536", "box:x"}) {
    CAPTURE(wrong);
    CHECK(!tcp_from(wrong));
  }
}

TEST_CASE("words: every word is read back as what it names") {
  for (const auto table :
       {RegisterTable::coil, RegisterTable::discrete_input, RegisterTable::holding, RegisterTable::input})
    CHECK(table_from(table_word(table)) == table);
  for (int i = 0; i <= static_cast<int>(Encoding::bcd16); ++i)
    CHECK(encoding_from(encoding_word(static_cast<Encoding>(i))) == static_cast<Encoding>(i));
  for (const auto order : {WordOrder::abcd, WordOrder::cdab, WordOrder::badc, WordOrder::dcba})
    CHECK(word_order_from(word_order_word(order)) == order);
  for (int i = 0; i <= static_cast<int>(QualityFlag::forced); ++i)
    CHECK(flag_from(flag_word(static_cast<QualityFlag>(i))) == static_cast<QualityFlag>(i));
  CHECK(parities_from("none,E,odd,none") == std::vector{Parity::none, Parity::even, Parity::odd});
  CHECK(bauds_from("9600,19200") == std::vector<std::uint32_t>{9600, 19200});
  CHECK(!bauds_from("9600,fast"));
  CHECK(!bauds_from(""));
}

TEST_CASE("words: numbers are taken whole or not at all") {
  CHECK(integer_from("0x7FFF", 0, 65535) == 32767);
  CHECK(integer_from("-5", -10, 10) == -5);
  CHECK(number_from("-40.5") == -40.5);
  for (const char* wrong : {"", "-", "0x", "1.5", "7a", "--1", "99999999999999999999"}) {
    CAPTURE(wrong);
    CHECK(!integer_from(wrong, -100, 100'000));
  }
  for (const char* wrong : {"", "x", "1,5", "nan", "inf", "1 "}) {
    CAPTURE(wrong);
    CHECK(!number_from(wrong));
  }
}
