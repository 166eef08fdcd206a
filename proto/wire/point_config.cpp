#include "proto/wire/point_config.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "proto/wire/gateway_config.pb.h"
#include "proto/wire/limits.hpp"
#include "proto/wire/text_rules.hpp"

namespace davy {
namespace {

constexpr std::uint64_t hour_ms = 3600 * 1000;
constexpr std::uint64_t day_ms = 24 * hour_ms;
constexpr int periods_until_stale = 3;

// Gases whose limits may not wait: AQ 1029 asks for the cut within seconds of the reading.
constexpr std::array<std::string_view, 10> gases{"CH4", "CO", "CO2", "O2",  "H2",
                                                 "H2S", "NO", "NO2", "SO2", "NH3"};

struct Interval {
  double low = 0;
  double high = 0;
};

// What the encoding can carry, scaled: the measuring range when nobody states one. None for floats and CAN.
std::optional<Interval> natural_range(const SignalProfile& signal) {
  if (signal.can) return signal.can->is_state ? std::optional{Interval{0, 1}} : std::nullopt;
  Interval raw;
  switch (signal.encoding) {
    case Encoding::bit: raw = {0, 1}; break;
    case Encoding::bits: raw = {0, static_cast<double>((1U << signal.bit_count) - 1)}; break;
    case Encoding::u16: raw = {0, UINT16_MAX}; break;
    case Encoding::s16: raw = {INT16_MIN, INT16_MAX}; break;
    case Encoding::u32: raw = {0, UINT32_MAX}; break;
    case Encoding::s32: raw = {INT32_MIN, INT32_MAX}; break;
    case Encoding::bcd16: raw = {0, 9999}; break;
    case Encoding::float32: return std::nullopt;
  }
  const double a = raw.low * signal.scale + signal.offset;
  const double b = raw.high * signal.scale + signal.offset;
  return Interval{std::min(a, b), std::max(a, b)};
}

// One configured point while it is made and checked.
class PointCheck {
 public:
  PointCheck(const wire::PointConfig& in, const SignalProfile& signal, const ConfigNode& node,
             ConfigText& config)
      : in_{in}, signal_{signal}, node_{node}, config_{config} {}

  Point make(const std::string& device, Duration period) {
    check_texts();
    Point out{.name = in_.name(),
              .title = in_.has_title() ? in_.title() : in_.name(),
              .title_en = in_.title_en(),
              .place = in_.place(),
              .place_en = in_.place_en(),
              .quantity = in_.has_quantity() ? in_.quantity() : signal_.quantity,
              .unit = in_.has_unit() ? in_.unit() : signal_.unit,
              .kind = kind(),
              .period = period,
              .stale_after = stale_after(period),
              .text_on = in_.text_on(),
              .text_off = in_.text_off(),
              .device = device};
    const Interval range = measuring_range();
    out.range_low = range.low;
    out.range_high = range.high;
    for (int i = 0; i < in_.limit_size(); ++i) out.limits.push_back(limit_from(in_.limit(i), out, i));
    if (out.limits.size() > limits_per_point_max) {
      config_.problem(node_, "limit",
                      "stands here more than " + std::to_string(limits_per_point_max) + " times");
    }
    return out;
  }

 private:
  PointKind kind() const {
    const bool of_bits = signal_.can
                             ? signal_.can->is_state
                             : signal_.encoding == Encoding::bit || signal_.encoding == Encoding::bits;
    return of_bits || in_.has_text_on() || in_.has_text_off() ? PointKind::state : PointKind::analogue;
  }

  void check_texts() {
    const auto check = [&](const char* field, const std::string& text, std::size_t size_max) {
      if (text.size() > size_max) {
        config_.problem(node_, field, "is longer than " + std::to_string(size_max) + " bytes");
      }
    };
    check("title", in_.title(), text_size_max);
    check("title_en", in_.title_en(), text_size_max);
    check("place", in_.place(), text_size_max);
    check("place_en", in_.place_en(), text_size_max);
    check("text_on", in_.text_on(), text_size_max);
    check("text_off", in_.text_off(), text_size_max);
    check("quantity", in_.quantity(), name_size_max);
    check("unit", in_.unit(), name_size_max);
  }

  Duration stale_after(Duration period) {
    if (!in_.has_stale_after_ms()) return periods_until_stale * period;
    const auto least = static_cast<std::uint64_t>(period.count());
    if (in_.stale_after_ms() < least) {
      config_.problem(node_, "stale_after_ms",
                      "is " + std::to_string(in_.stale_after_ms()) + "; below the period of " +
                          std::to_string(least) + " ms the point would be stale always");
    }
    config_.check_range(node_, "stale_after_ms", in_.stale_after_ms(), 20, day_ms);
    return Duration{in_.stale_after_ms()};
  }

  Interval measuring_range() {
    const auto natural = natural_range(signal_);
    auto low = signal_.range_low;
    auto high = signal_.range_high;
    if (in_.has_range_low()) low = in_.range_low();
    if (in_.has_range_high()) high = in_.range_high();
    if (!low && natural) low = natural->low;
    if (!high && natural) high = natural->high;
    if (!low || !high) {
      config_.problem(node_, low ? "range_high" : "range_low",
                      "is missing: neither the profile nor the encoding tells the measuring range");
      return {};
    }
    if (!(*low < *high)) {
      config_.problem(
          node_, in_.has_range_low() ? "range_low" : "range_high",
          "leaves no measuring range: " + number_text(*low) + " is not below " + number_text(*high));
    }
    return {*low, *high};
  }

  Limit limit_from(const wire::LimitConfig& in, const Point& point, int index) {
    const auto node = node_.child("limit", index);
    const double clear_at = in.has_clear_at() ? in.clear_at() : in.at();
    check_level(in, point, node, clear_at);
    config_.check_range(node, "priority", in.priority(), 1, 4);
    config_.check_range(node, "on_delay_ms", in.on_delay_ms(), 0, hour_ms);
    config_.check_range(node, "off_delay_ms", in.off_delay_ms(), 0, day_ms);
    if (in.on_delay_ms() > 0 && std::ranges::find(gases, point.quantity) != gases.end()) {
      config_.problem(node, "on_delay_ms", "must be 0: a limit on gas does not wait");
    }
    if (in.basis().size() > text_size_max) config_.problem(node, "basis", "is longer than 512 bytes");
    if (!seen_.insert({in.side(), in.level()}).second) {
      config_.problem(node, "level", "this point has another limit of the same side and level");
    }
    return {.side = in.side() == wire::LimitConfig::HIGH ? Side::high : Side::low,
            .level = static_cast<LimitState>(in.level()),
            .at = in.at(),
            .clear_at = clear_at,
            .on_delay = Duration{in.on_delay_ms()},
            .off_delay = Duration{in.off_delay_ms()},
            .priority = static_cast<std::uint8_t>(in.priority()),
            .basis = in.basis()};
  }

  void check_level(const wire::LimitConfig& in, const Point& point, const ConfigNode& node, double clear_at) {
    const auto inside = [&](double value) { return value >= point.range_low && value <= point.range_high; };
    const auto beyond_range = [&](double value) {
      return "is " + number_text(value) + ", outside the measuring range " + number_text(point.range_low) +
             " to " + number_text(point.range_high) + (point.unit.empty() ? "" : " " + point.unit) +
             ": it would never act";
    };
    if (!inside(in.at())) config_.problem(node, "at", beyond_range(in.at()));
    if (in.has_clear_at() && !inside(clear_at)) config_.problem(node, "clear_at", beyond_range(clear_at));
    const bool high = in.side() == wire::LimitConfig::HIGH;
    if (high ? clear_at > in.at() : clear_at < in.at()) {
      config_.problem(node, "clear_at",
                      "is " + number_text(clear_at) + "; a " + (high ? "HIGH" : "LOW") + " limit clears " +
                          (high ? "at or below " : "at or above ") + number_text(in.at()));
    }
  }

  const wire::PointConfig& in_;
  const SignalProfile& signal_;
  const ConfigNode& node_;
  ConfigText& config_;
  std::set<std::pair<int, int>> seen_;
};

}  // namespace

Point point_from(const wire::PointConfig& in, const SignalProfile& signal, const std::string& device,
                 Duration period, const ConfigNode& node, ConfigText& config) {
  return PointCheck{in, signal, node, config}.make(device, period);
}

}  // namespace davy
