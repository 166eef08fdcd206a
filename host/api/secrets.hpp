#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "proto/base/result.hpp"

// Passwords and tokens; the only file of this folder that knows libsodium.
namespace davy {

// What one Argon2id hash costs. The defaults are libsodium's for interactive sign-in: 64 MiB and some 0.1 s.
struct PasswordCost {
  unsigned long long passes = 2;
  std::size_t memory = std::size_t{64} * 1024 * 1024;
};

Result<std::string> hash_password(std::string_view password, const PasswordCost& cost);
// In constant time but for what the hash itself says of its cost.
bool check_password(std::string_view password, const std::string& hash);
// Takes as long as a check: an unknown user must not be told from a wrong password by the clock.
void waste_check(std::string_view password, const PasswordCost& cost);

std::string random_password();  // 16 letters and digits, none that look alike: 80 bits
std::string random_token();     // 256 bits, for a cookie
// What is kept of a token: whoever reads the database cannot sign in with it.
std::string token_hash(std::string_view token);

}  // namespace davy
