#include "proto/wire/lock_numbers.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>

#include "proto/wire/gateway_config.pb.h"

namespace davy {
namespace {

// What a row's methane limits are, in % CH4: the defaults, and as far as one may go without a written basis.
struct RowNumbers {
  double trip_at;
  double release_at;
};
std::optional<RowNumbers> numbers_of(LockRow row) {
  switch (row) {
    case LockRow::methane_alarm: return RowNumbers{1.0, 1.0};
    case LockRow::methane_face: return RowNumbers{1.5, 1.0};
    case LockRow::methane_return: return RowNumbers{1.0, 1.0};
    case LockRow::methane_intake: return RowNumbers{0.5, 0.5};
    case LockRow::fan_start: return RowNumbers{3.0, 1.5};
    case LockRow::cut: return RowNumbers{1.5, 1.5};  // the highest that AQ 1029 knows, for bunkers
    case LockRow::wind:
    case LockRow::device_fault: break;
  }
  return std::nullopt;
}

// One input while it is made and checked.
class InputCheck {
 public:
  InputCheck(const wire::LockInputConfig& in, InputRole role, const LockSettings& lock, const Point& point,
             const ConfigNode& node, ConfigText& config)
      : in_{in}, role_{role}, lock_{lock}, point_{point}, node_{node}, config_{config} {}

  LockInput make(std::uint32_t index) {
    LockInput out{.point = index, .role = role_, .side = side()};
    if (has_methane(lock_.row) && role_ == InputRole::value && point_.quantity != "CH4") {
      config_.problem(node_, "point",
                      in_quotes(point_.name) + " measures " + in_quotes(point_.quantity) +
                          "; this needs a point of quantity \"CH4\"");
      return out;
    }
    if (const auto trip = trip_at(); trip) {
      out.trip_at = *trip;
      out.release_at = release_at(*trip);
      if (!missing_) check_numbers(out);
    } else {
      out.side = Side::high;
      out.trip_at = out.release_at = std::numeric_limits<double>::infinity();  // only its loss counts
    }
    return out;
  }

 private:
  bool of_air() const { return role_ != InputRole::value; }

  Side side() {
    const bool methane = has_methane(lock_.row) && !of_air();
    if (!in_.has_side()) {
      if (lock_.row == LockRow::cut) config_.problem(node_, "side", "is missing: a CUT says HIGH or LOW");
      return of_air() ? Side::low : Side::high;
    }
    const Side given = in_.side() == wire::LimitConfig::HIGH ? Side::high : Side::low;
    if (methane && given == Side::low) config_.problem(node_, "side", "is LOW; methane trips on HIGH");
    return given;
  }

  // Nothing for a point of row g that has no limit.
  std::optional<double> trip_at() {
    if (in_.has_trip_at()) return in_.trip_at();
    if (of_air()) {
      const bool inverted = in_.has_side() && in_.side() == wire::LimitConfig::HIGH;
      if (point_.kind == PointKind::state && !inverted) return 0;
      config_.problem(node_, "trip_at",
                      "is missing: " + in_quotes(point_.name) +
                          (inverted ? " trips on HIGH" : " is no state") +
                          ", so say at which value there is no air");
      missing_ = true;
      return 0;
    }
    if (lock_.row == LockRow::device_fault) {
      if (in_.has_side() || in_.has_release_at())
        config_.problem(node_, "trip_at", "is missing: side and release_at mean nothing without it");
      return std::nullopt;
    }
    if (lock_.row == LockRow::cut) {
      config_.problem(node_, "trip_at", "is missing: a CUT has numbers of its own");
      missing_ = true;
      return 0;
    }
    return numbers_of(lock_.row)->trip_at;
  }

  double release_at(double trip) const {
    if (in_.has_release_at()) return in_.release_at();
    const auto usual = numbers_of(lock_.row);
    if (of_air() || !usual || lock_.row == LockRow::cut) return trip;
    return std::min(trip, usual->release_at);
  }

  void check_numbers(const LockInput& out) {
    const bool high = out.side == Side::high;
    const std::string release = number_text(out.release_at);
    if (high ? out.release_at > out.trip_at : out.release_at < out.trip_at) {
      config_.problem(node_, "release_at",
                      "is " + release + "; the lock releases " + (high ? "below" : "above") +
                          " it and trips at " + number_text(out.trip_at) + ": give that or a " +
                          (high ? "lower" : "higher") + " number");
    }
    const auto inside = [&](double v) { return v >= point_.range_low && v <= point_.range_high; };
    const std::string range = ", outside the measuring range " + number_text(point_.range_low) + " to " +
                              number_text(point_.range_high) + ": it would never ";
    if (!inside(out.trip_at))
      config_.problem(node_, "trip_at", "is " + number_text(out.trip_at) + range + "act");
    if (high ? out.release_at <= point_.range_low : out.release_at >= point_.range_high)
      config_.problem(node_, "release_at",
                      "is " + release + ": nothing the point can measure releases the lock");
    if (point_.quantity == "CH4" && high) check_law(out);
  }

  void check_law(const LockInput& out) {
    const auto usual = numbers_of(lock_.row);
    if (!usual || !lock_.legal_basis.empty()) return;
    const auto beyond_law = [&](const char* field, double value, double law) {
      if (value <= law) return;
      config_.problem(node_, field,
                      "is " + number_text(value) + "; the rules allow " + number_text(law) + " for row " +
                          row_words(lock_.row) + ": lower it, or say in legal_basis what allows it");
    };
    beyond_law("trip_at", out.trip_at, usual->trip_at);
    beyond_law("release_at", out.release_at, usual->release_at);
  }

  const wire::LockInputConfig& in_;
  const InputRole role_;
  const LockSettings& lock_;
  const Point& point_;
  const ConfigNode& node_;
  ConfigText& config_;
  bool missing_ = false;  // the trip value: nothing is said of the release value then
};

}  // namespace

std::string_view row_name(LockRow row) {
  constexpr std::array<std::string_view, lock_row_count> names{"a", "b", "c", "d", "e", "f", "g", "cut"};
  return names[static_cast<std::size_t>(row)];
}

bool has_methane(LockRow row) {
  return row != LockRow::wind && row != LockRow::device_fault && row != LockRow::cut;
}

OutputKind own_kind(LockRow row) {
  if (row == LockRow::methane_alarm) return OutputKind::sounder;
  return row == LockRow::fan_start ? OutputKind::fan_lock : OutputKind::cutter;
}

// A cut may sound too; a fan lock is nobody's but row f's, and row f locks nothing else.
bool suits(LockRow row, OutputKind kind) {
  if (kind == OutputKind::sounder) return row != LockRow::fan_start;
  return kind == own_kind(row);
}

const char* field_of(LockRow row, InputRole role) {
  if (role == InputRole::fan) return "fan";
  if (role == InputRole::duct) return "duct";
  return has_methane(row) ? "methane" : "input";
}

std::string row_words(LockRow row) {
  const int number = static_cast<int>(row) + wire::LockConfig::METHANE_ALARM;
  std::string out = wire::LockConfig::Row_Name(static_cast<wire::LockConfig::Row>(number));
  if (row != LockRow::cut) out += " (" + std::string{row_name(row)} + ")";
  return out;
}

std::string kind_words(OutputKind kind) {
  const int number = static_cast<int>(kind) + wire::OutputConfig::CUTTER;
  return wire::OutputConfig::Kind_Name(static_cast<wire::OutputConfig::Kind>(number));
}

LockInput input_from(const wire::LockInputConfig& in, std::uint32_t index, InputRole role,
                     const LockSettings& lock, const Point& point, const ConfigNode& node,
                     ConfigText& config) {
  return InputCheck{in, role, lock, point, node, config}.make(index);
}

}  // namespace davy
