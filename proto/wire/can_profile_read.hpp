#pragma once

#include <string>
#include <vector>

#include "proto/wire/config_text.hpp"
#include "proto/wire/profile.hpp"
#include "proto/wire/profile.pb.h"

// Not for other folders.
namespace davy {

QualityFlag flag_from(wire::QualityFlag in);

// Tells `config` what is wrong with the CAN part of a profile. What the DBC file has to say is not looked at
// here: drivers/can reads it.
void check_can_profile(const wire::CanProfile& in, const ConfigNode& node, ConfigText& config);

// Only of a profile that passed every check. `node` is that of `in`.
CanProfile can_profile_from(const wire::CanProfile& in, const ConfigNode& node, const std::string& file);
std::vector<SignalProfile> can_signals_from(const wire::CanProfile& in, const ConfigNode& node,
                                            const std::string& file);

}  // namespace davy
