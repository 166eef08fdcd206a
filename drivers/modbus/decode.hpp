#pragma once

#include <cstdint>
#include <span>

#include "drivers/api/signal_judge.hpp"
#include "proto/wire/profile.hpp"

namespace davy {

// What a status register's content means. A status in a bit table has one bit, number 0.
FlagSet status_flags(const StatusProfile& status, std::uint16_t word);

// A signal's reading from its registers and what the status words that apply to it say.
// judge_number() says how they are weighed. A special raw number (raw_meaning) is no measurement: unless it
// means over or under range there is no value.
Reading decode_signal(const SignalProfile& signal, std::span<const std::uint16_t> registers, FlagSet flags);

}  // namespace davy
