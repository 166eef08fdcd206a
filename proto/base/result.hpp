#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <utility>

namespace davy {

// What a caller can do about a failure, not where it came from.
enum class Errc : std::uint8_t {
  bad_config,    // a person has to correct a file; starting again will not help
  bad_data,      // these bytes or this request are wrong; drop them and say so
  timeout,       // nobody answered; trying again may help
  disconnected,  // the link or device is gone; reconnect
  rejected,      // the other side answered and said no
  full,          // no room: disk, queue or table
  corrupt,       // stored data cannot be trusted; set it aside
  conflict,      // somebody else has it, or it has changed meanwhile
  not_found,
  denied,       // not allowed to do this
  unavailable,  // cannot be done now; the message says why
};

const char* to_string(Errc code);

struct Error {
  Errc code;
  std::string message;  // for a person: names the file, line, device or field

  // The same failure told from one level up: "what: message".
  Error in(const std::string& what) const { return {code, what + ": " + message}; }
};

template <typename T>
using Result = std::expected<T, Error>;
using Status = std::expected<void, Error>;

inline std::unexpected<Error> fail(Errc code, std::string message) {
  return std::unexpected(Error{code, std::move(message)});
}
inline std::unexpected<Error> fail(Error error) { return std::unexpected(std::move(error)); }

inline const char* to_string(Errc code) {
  switch (code) {
    case Errc::bad_config: return "bad_config";
    case Errc::bad_data: return "bad_data";
    case Errc::timeout: return "timeout";
    case Errc::disconnected: return "disconnected";
    case Errc::rejected: return "rejected";
    case Errc::full: return "full";
    case Errc::corrupt: return "corrupt";
    case Errc::conflict: return "conflict";
    case Errc::not_found: return "not_found";
    case Errc::denied: return "denied";
    case Errc::unavailable: return "unavailable";
  }
  return "unknown";
}

}  // namespace davy
