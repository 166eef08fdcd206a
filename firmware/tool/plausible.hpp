#pragma once

#include <optional>
#include <string>
#include <vector>

#include "firmware/tool/register_image.hpp"

// What a device's registers may mean: the two classic faults of a new sensor are an address that is off by
// one and the words of a number in the wrong order.
namespace davy {

// One way to read some registers.
struct Meaning {
  RegisterTable table{};
  std::uint16_t address = 0;
  Encoding encoding{};
  WordOrder order = WordOrder::abcd;
  double scale = 1;
  double value = 0;
  bool exact = true;  // not only near
};

struct MeaningSearch {
  RegisterTable table{};
  std::uint16_t address = 0;      // and the one before and behind it, in both tables of registers
  double low = 0, high = 0;       // what is plausible
  std::optional<double> exactly;  // what is best of all
  std::vector<double> scales;     // of whole numbers; empty: the usual powers of ten
  std::optional<double> float_scale;
};

// The registers that such a search wants to know.
std::vector<RegisterRead> search_reads(const MeaningSearch& search, std::uint8_t unit, Duration wait);

// All plausible meanings, the simplest first: the fewer steps from what was asked, the better.
std::vector<Meaning> plausible_meanings(const RegisterImage& image, const MeaningSearch& search);

// "address 101 (input register), u16 x 0.1 = 20.9"
std::string meaning_text(const Meaning& meaning);
// What to conclude when this meaning is right and `table` and `address` were asked; empty when they are.
std::string meaning_advice(const Meaning& meaning, RegisterTable table, std::uint16_t address);

// A number read from registers in one way; nothing for a bcd16 that is none.
std::optional<double> value_as(Encoding encoding, WordOrder order, double scale,
                               const std::vector<std::uint16_t>& registers);
// Zero, or of a size that something measured may have.
bool is_plausible_float(double number);

}  // namespace davy
