#include "firmware/tool/plausible.hpp"

#include <bit>

#include <doctest/doctest.h>

using namespace davy;

namespace {

using T = RegisterTable;

// Registers from address 99 on, in one table.
RegisterImage image(T table, const std::vector<std::uint16_t>& words) {
  RegisterImage out;
  out.put({.table = table, .address = 99, .count = static_cast<std::uint16_t>(words.size())}, words);
  return out;
}

MeaningSearch search(T table, double expect, double margin = 0) {
  return {.table = table,
          .address = 100,
          .low = expect - margin,
          .high = expect + margin,
          .exactly = expect,
          .scales = {},
          .float_scale = {}};
}

}  // namespace

TEST_CASE("plausible: where and how an expected value stands in the registers") {
  constexpr auto bits = std::bit_cast<std::uint32_t>(12.5F);
  constexpr auto high = static_cast<std::uint16_t>(bits >> 16U);
  constexpr auto low = static_cast<std::uint16_t>(bits & 0xFFFFU);
  struct Row {
    std::vector<std::uint16_t> words;  // from 99 on
    T table;
    double expect;
    std::string meaning, advice;
  };
  const Row rows[] = {
      {{7, 209, 7}, T::input, 20.9, "address 100 (input register), u16 x 0.1 = 20.9", ""},
      {{209, 7, 7},
       T::input,
       20.9,
       "address 99 (input register), u16 x 0.1 = 20.9",
       "the manual counts registers from 1: on the wire each address is one less"},
      {{7, 7, 209},
       T::input,
       20.9,
       "address 101 (input register), u16 x 0.1 = 20.9",
       "the register is one further than asked"},
      {{7, 209, 7},
       T::holding,
       20.9,
       "address 100 (input register), u16 x 0.1 = 20.9",
       "it is an input register, not one of the other table"},
      {{7, 0xFFC9, 7}, T::input, -5.5, "address 100 (input register), s16 x 0.1 = -5.5", ""},
      {{7, high, low, 7}, T::input, 12.5, "address 100 (input register), float32 ABCD = 12.5", ""},
      {{7, low, high, 7},
       T::input,
       12.5,
       "address 100 (input register), float32 CDAB = 12.5",
       "the low word comes first: word_order CDAB"},
      {{7, 0x0209, 7}, T::input, 20.9, "address 100 (input register), bcd16 x 0.1 = 20.9", ""},
      {{7, 0xD100, 7},
       T::input,
       20.9,
       "address 100 (input register), u16 with its bytes swapped x 0.1 = 20.9",
       "the bytes are swapped: word_order BADC"},
      {{7, 1, 0x86A0, 7}, T::input, 100000, "address 100 (input register), u32 ABCD = 100000", ""},
      {{7, 0x86A0, 1, 7},
       T::input,
       100000,
       "address 100 (input register), u32 CDAB = 100000",
       "the low word comes first: word_order CDAB"},
  };
  for (const Row& r : rows) {
    CAPTURE(r.meaning);
    const auto found = plausible_meanings(image(T::input, r.words), search(r.table, r.expect));
    REQUIRE(!found.empty());
    CHECK(meaning_text(found.front()) == r.meaning);
    CHECK(meaning_advice(found.front(), r.table, 100) == r.advice);
  }
}

TEST_CASE("plausible: exact comes before near, and nothing is nothing") {
  const auto near = plausible_meanings(image(T::input, {212, 7, 209}), search(T::input, 20.9, 0.5));
  REQUIRE(near.size() >= 2);
  CHECK(near[0].address == 101);
  CHECK(near[0].exact);
  CHECK(!near[1].exact);
  CHECK(plausible_meanings(image(T::input, {1, 2, 3}), search(T::input, 777)).empty());
  CHECK(plausible_meanings({}, search(T::input, 0, 1)).empty());
}

TEST_CASE("plausible: at the ends of the address space nothing beyond is asked") {
  MeaningSearch first = search(T::holding, 1);
  first.address = 0;
  for (const RegisterRead& read : search_reads(first, 3, Duration{100})) CHECK(read.address <= 2);
  MeaningSearch last = search(T::holding, 1);
  last.address = 65535;
  const auto reads = search_reads(last, 3, Duration{100});
  CHECK(reads.size() == 4);
  CHECK(reads.front().table == T::holding);  // the table that was asked for comes first
  CHECK(plausible_meanings({}, last).empty());
}
