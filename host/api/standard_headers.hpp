#pragma once

#include "host/api/beast.hpp"

namespace davy {

// What every answer says: the page runs its own code only, nobody frames it, nothing is guessed or leaked.
template <typename Message>
void set_standard_headers(Message& message) {
  message.set(http::field::server, "davy-host");
  message.set("Content-Security-Policy",
              "default-src 'self'; img-src 'self' data:; media-src 'self' data: blob:; object-src 'none'; "
              "base-uri 'none'; form-action 'self'; frame-ancestors 'none'");
  message.set("X-Content-Type-Options", "nosniff");
  message.set("X-Frame-Options", "DENY");
  message.set("Referrer-Policy", "no-referrer");
  message.set("Cross-Origin-Opener-Policy", "same-origin");
  message.set("Cross-Origin-Resource-Policy", "same-origin");
  message.set("Strict-Transport-Security", "max-age=31536000");
}

}  // namespace davy
