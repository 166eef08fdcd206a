#include "proto/model/quality.hpp"

namespace davy {

bool unpack(std::uint16_t code, Quality& out) {
  const unsigned bits = code;
  const unsigned validity = bits & 0xFU;
  const unsigned maintenance = (bits >> 4U) & 0xFU;
  if (validity > static_cast<unsigned>(Validity::not_read)) return false;
  if (maintenance > static_cast<unsigned>(Maintenance::forced)) return false;
  if ((bits >> 12U) != 0) return false;
  out = {static_cast<Validity>(validity), static_cast<Maintenance>(maintenance),
         static_cast<LimitState>((bits >> 8U) & 3U), static_cast<Feed>((bits >> 10U) & 3U)};
  return true;
}

std::string_view to_string(Validity v) {
  switch (v) {
    case Validity::good: return "good";
    case Validity::over_range: return "over_range";
    case Validity::under_range: return "under_range";
    case Validity::sensor_fault: return "sensor_fault";
    case Validity::disconnected: return "disconnected";
    case Validity::bad_comm: return "bad_comm";
    case Validity::not_read: return "not_read";
  }
  return "unknown";
}

std::string_view to_string(Maintenance m) {
  switch (m) {
    case Maintenance::none: return "none";
    case Maintenance::calibrating: return "calibrating";
    case Maintenance::warming_up: return "warming_up";
    case Maintenance::low_supply: return "low_supply";
    case Maintenance::inhibited: return "inhibited";
    case Maintenance::forced: return "forced";
  }
  return "unknown";
}

std::string_view to_string(LimitState l) {
  switch (l) {
    case LimitState::none: return "none";
    case LimitState::warning: return "warning";
    case LimitState::alarm: return "alarm";
    case LimitState::cut: return "cut";
  }
  return "unknown";
}

std::string_view to_string(Feed f) {
  switch (f) {
    case Feed::none: return "none";
    case Feed::fed: return "fed";
    case Feed::not_fed: return "not_fed";
    case Feed::abnormal: return "abnormal";
  }
  return "unknown";
}

}  // namespace davy
