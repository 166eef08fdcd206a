#include "host/api/secrets.hpp"

#include <array>

#include <sodium.h>

#include "proto/base/assert.hpp"
#include "proto/wire/hash.hpp"

namespace davy {
namespace {

constexpr std::string_view alphabet = "abcdefghjkmnpqrstuvwxyz23456789X";  // 32: no l, i, o, 0, 1
constexpr std::size_t password_size = 16;
constexpr std::size_t token_size = 32;

void need_sodium() { DAVY_ASSERT(sodium_init() >= 0); }

}  // namespace

Result<std::string> hash_password(std::string_view password, const PasswordCost& cost) {
  need_sodium();
  std::array<char, crypto_pwhash_STRBYTES> out{};
  const int done = crypto_pwhash_str_alg(out.data(), password.data(), password.size(), cost.passes,
                                         cost.memory, crypto_pwhash_ALG_ARGON2ID13);
  if (done != 0) return fail(Errc::unavailable, "password hash: not enough memory");
  return std::string{out.data()};
}

bool check_password(std::string_view password, const std::string& hash) {
  need_sodium();
  return crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0;
}

void waste_check(std::string_view password, const PasswordCost& cost) {
  static_cast<void>(hash_password(password, cost));
}

std::string random_password() {
  need_sodium();
  std::string out;
  for (std::size_t i = 0; i < password_size; ++i) {
    out += alphabet[randombytes_uniform(static_cast<std::uint32_t>(alphabet.size()))];
  }
  return out;
}

std::string random_token() {
  need_sodium();
  std::array<unsigned char, token_size> bytes{};
  randombytes_buf(bytes.data(), bytes.size());
  constexpr int variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
  std::array<char, sodium_base64_ENCODED_LEN(token_size, variant)> text{};
  sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(), variant);
  return std::string{text.data()};
}

std::string token_hash(std::string_view token) { return std::string{as_bytes(hash_of(token))}; }

}  // namespace davy
