#pragma once

#include "proto/model/point.hpp"
#include "proto/wire/config_text.hpp"
#include "proto/wire/profile.hpp"

namespace davy::wire {
class PointConfig;
}

// Not for other folders.
namespace davy {

// A point of the configuration with what it takes from its signal. `device` is bus/device, `period` the
// device's.
Point point_from(const wire::PointConfig& in, const SignalProfile& signal, const std::string& device,
                 Duration period, const ConfigNode& node, ConfigText& config);

}  // namespace davy
