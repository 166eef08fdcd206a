#pragma once

#include <string>
#include <vector>

#include "proto/base/clock.hpp"
#include "proto/base/result.hpp"

namespace davy {

// Who davy-host is towards browsers: PEM files of a certificate chain and its key, with the certificate's
// fingerprint.
struct TlsIdentity {
  std::string certificate_file;
  std::string key_file;
  std::string fingerprint;  // SHA-256, AA:BB:...: what a browser shows
  WallTime expires;
  bool made = false;  // just now
};

// The configured files, checked: readable, and the key fits. Errors name the file.
Result<TlsIdentity> load_identity(const std::string& certificate_file, const std::string& key_file);

// A self-signed certificate (EC P-256) in `folder`, made when there is none, when it is about to expire or
// when it does not name all of `names` (host names and addresses). The key is readable by us alone.
Result<TlsIdentity> self_signed_identity(const std::string& folder, const std::vector<std::string>& names,
                                         WallTime now);

}  // namespace davy
