#pragma once

#include <cstdint>
#include <span>

// How the values of one point in one block become whole numbers without losing a bit. Not for other folders.
//   decimal  0..15  n / 10^form, the division of IEEE 754: what a sensor with so many decimals delivers
//   near    16..31  as decimal form - 16 of n >> 3, then (n & 7) - 4 steps up in the order of bit patterns:
//   what scaling
//                   in floating point makes of such a number (57 * 0.01 is not 0.57)
//   single     32   n is the bit pattern of a 32-bit float
//   exact      33   n is the bit pattern of the double itself
namespace davy {

using ValueForm = std::uint8_t;
inline constexpr ValueForm near_form_first = 16;
inline constexpr ValueForm single_form = 32;
inline constexpr ValueForm exact_form = 33;

// Fills numbers[i] for values[i] and tells the form: the first of the list above that carries every value bit
// for bit, with as few decimals as will do. Depends on nothing but the values.
ValueForm to_numbers(std::span<const double> values, std::span<std::uint64_t> numbers);

// Back again; form at most exact_form. Any number is taken: a hostile one makes a strange value, nothing
// worse.
void to_values(ValueForm form, std::span<const std::uint64_t> numbers, std::span<double> values);

}  // namespace davy
