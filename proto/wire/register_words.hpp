#pragma once

#include <cstdint>

// How numbers stand in the registers of a Modbus device.
namespace davy {

// The numbers are Modbus function codes.
enum class RegisterTable : std::uint8_t { coil = 1, discrete_input = 2, holding = 3, input = 4 };
constexpr bool is_bits(RegisterTable t) {
  return t == RegisterTable::coil || t == RegisterTable::discrete_input;
}

enum class Encoding : std::uint8_t { bit, bits, u16, s16, u32, s32, float32, bcd16 };
enum class WordOrder : std::uint8_t { abcd, cdab, badc, dcba };
constexpr std::uint16_t register_count(Encoding e) {
  return e == Encoding::u32 || e == Encoding::s32 || e == Encoding::float32 ? 2 : 1;
}

}  // namespace davy
