#include "drivers/modbus/decode.hpp"

#include <optional>

#include "drivers/modbus/register_codec.hpp"

namespace davy {
namespace {

// The number that means something, if there is one, and the flags that special raw numbers add.
struct Measured {
  std::optional<double> number;
  FlagSet flags;
};

// A float's raw number is its bits; a profile may write those as a negative number.
bool is_meant(const SignalProfile& signal, const RawMeaning& meaning, std::int64_t raw) {
  if (signal.encoding != Encoding::float32) return meaning.raw == raw;
  return static_cast<std::uint32_t>(meaning.raw) == static_cast<std::uint32_t>(raw);
}

Measured measure(const SignalProfile& signal, std::span<const std::uint16_t> registers) {
  Measured m;
  const auto raw = raw_number(signal, registers);
  if (!raw) return m;
  for (const RawMeaning& meaning : signal.raw_meanings) {
    if (is_meant(signal, meaning, *raw)) m.flags.add(meaning.means);
  }
  if (m.flags.empty()) m.number = scaled(signal, *raw);
  return m;
}

}  // namespace

FlagSet status_flags(const StatusProfile& status, std::uint16_t word) {
  FlagSet flags;
  for (const StatusBit& bit : status.bits) {
    const bool set = ((std::uint32_t{word} >> bit.number) & 1U) != 0;
    if (set == bit.when) flags.add(bit.means);
  }
  for (const StatusCode& code : status.codes) {
    if ((word & status.code_mask) == code.value) flags.add(code.means);
  }
  return flags;
}

Reading decode_signal(const SignalProfile& signal, std::span<const std::uint16_t> registers, FlagSet flags) {
  const Measured measured = measure(signal, registers);
  flags.add(measured.flags);
  return judge_number(signal, measured.number, flags);
}

}  // namespace davy
