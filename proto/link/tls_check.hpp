#pragma once

#include <string>

#include "proto/base/result.hpp"
#include "proto/link/mqtt_link.hpp"

namespace davy {

// Can these files be used? bad_config names the file and what is wrong with it: missing, not to be read, no
// certificate, a key with a password, a key that belongs to another certificate.
Status check_tls_files(const TlsPaths& files);

// Shakes hands with the broker on a connected socket, as the MQTT library does, and says in words for a
// technician what stands in the way; empty when nothing does. Blocking, for as long as the socket's own
// timeouts allow.
std::string why_handshake_fails(int socket, const std::string& host, const TlsPaths& files);

}  // namespace davy
