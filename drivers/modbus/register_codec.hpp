#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "proto/wire/profile.hpp"

// Registers to raw numbers and back. Both directions are here so that the simulator can never drift from the
// decoder.
namespace davy {

// The number in a signal's registers, as they arrived: sign-extended for s16 and s32, the 32-bit pattern for
// float32, 0 to 9999 for bcd16. Nothing when a bcd16 digit is none. `registers` holds
// register_count(signal.encoding) of them.
std::optional<std::int64_t> raw_number(const SignalProfile& signal, std::span<const std::uint16_t> registers);

// The inverse: writes `raw` into the registers. A field of bits leaves the register's other bits as they are.
// Numbers the encoding cannot hold become the nearest it can.
void put_raw_number(const SignalProfile& signal, std::int64_t raw, std::span<std::uint16_t> registers);

// A raw number as a quantity: raw * scale + offset, as the nearest number with the decimals that scale and
// offset are written with. So 1001 at 0.001 is 1.001 itself and not a hair below it, where a limit of 1.001
// would miss it; likewise a float32 of 0.7 is 0.7. Nothing when a float32 is not a finite number.
std::optional<double> scaled(const SignalProfile& signal, std::int64_t raw);

// The raw number that comes nearest to `value`.
std::int64_t unscaled(const SignalProfile& signal, double value);

}  // namespace davy
