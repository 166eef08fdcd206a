#pragma once

#include <string>

#include "proto/link/mqtt_link.hpp"

namespace davy {

// Why no connection to the broker can be had, in words for a technician in a roadway: the MQTT library only
// says that it failed. Tries name, TCP and TLS once more, at most some seconds each. Empty: nothing stood in
// the way this time. Blocking; needs no link and touches none.
std::string why_unreachable(const LinkSettings& settings);

}  // namespace davy
