#pragma once

#include <cstdint>

// What a device can say of its own reading, and how profiles spell it.
namespace davy {

enum class QualityFlag : std::uint8_t {
  over_range,
  under_range,
  sensor_fault,
  disconnected,
  calibrating,
  warming_up,
  low_supply,
  inhibited,
  forced,
};

// A raw number that is no measurement but a message.
struct RawMeaning {
  std::int64_t raw = 0;
  QualityFlag means{};
};

struct StatusBit {
  std::uint8_t number = 0;
  bool when = true;
  QualityFlag means{};
};

}  // namespace davy
