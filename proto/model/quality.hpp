#pragma once

#include <cstdint>
#include <string_view>

namespace davy {

// Can the number be used? The words of Chinese mine systems in brackets (KJ state codes, domain of AQ 6201).
enum class Validity : std::uint8_t {
  good = 0,          // 正常
  over_range = 1,    // 溢出: beyond the top of the measuring range; dangerous for gas, never "unknown"
  under_range = 2,   // 负漂: below the bottom, a drifting zero
  sensor_fault = 3,  // 故障: the device itself says so
  disconnected = 4,  // 断线: the device answers, its measuring head does not
  bad_comm = 5,      // 通讯中断: the device does not answer, or answers with rubbish
  not_read = 6,      // 未读: configured, but no reading was ever tried with success
};

// What is being done to the sensor; it may still deliver good numbers that say nothing about the air.
enum class Maintenance : std::uint8_t {
  none = 0,
  calibrating = 1,  // 标校
  warming_up = 2,   // 预热
  low_supply = 3,   // 欠压
  inhibited = 4,    // 暂停: polling or alarm paused by people
  forced = 5,       // a test value is being forced by tool or command
};

// Which of its limits the value is beyond, judged where it was read.
enum class LimitState : std::uint8_t { none = 0, warning = 1, alarm = 2, cut = 3 };

// Electricity behind a cutter (馈电状态).
enum class Feed : std::uint8_t { none = 0, fed = 1, not_fed = 2, abnormal = 3 };

// Four independent facts beside every value. None of them is ever derived from another.
struct Quality {
  Validity validity = Validity::good;
  Maintenance maintenance = Maintenance::none;
  LimitState limit = LimitState::none;
  Feed feed = Feed::none;

  bool operator==(const Quality&) const = default;
};

// Is there a number that means something? Over-range counts: it means "at least the top of the range".
constexpr bool has_value(Validity v) {
  return v == Validity::good || v == Validity::over_range || v == Validity::under_range;
}

// May this reading clear an alarm or release a lock? Only a good one from a sensor nobody is working on.
constexpr bool may_clear(const Quality& q) {
  return q.validity == Validity::good && q.maintenance == Maintenance::none;
}

// On the wire and in stores: validity in bits 0-3, maintenance 4-7, limit 8-9, feed 10-11.
constexpr std::uint16_t pack(const Quality& q) {
  return static_cast<std::uint16_t>(
      static_cast<unsigned>(q.validity) | (static_cast<unsigned>(q.maintenance) << 4U) |
      (static_cast<unsigned>(q.limit) << 8U) | (static_cast<unsigned>(q.feed) << 10U));
}
// False for a code that names no known state; `out` is then untouched.
bool unpack(std::uint16_t code, Quality& out);

std::string_view to_string(Validity v);
std::string_view to_string(Maintenance m);
std::string_view to_string(LimitState l);
std::string_view to_string(Feed f);

}  // namespace davy
