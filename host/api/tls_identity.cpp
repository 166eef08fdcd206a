#include "host/api/tls_identity.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <memory>

#include <fcntl.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include "proto/base/freed.hpp"

namespace davy {
namespace {

constexpr long valid_days = 825;  // the longest that every browser accepts
constexpr Duration renew_before{std::chrono::hours{24 * 30}};

using Bio = std::unique_ptr<BIO, Freed<BIO_free_all>>;
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;

// OpenSSL keeps its errors in a queue of the thread; the first says most.
std::unexpected<Error> failed(Errc code, const std::string& what) {
  std::array<char, 256> text{};
  const unsigned long error = ERR_get_error();
  ERR_clear_error();
  if (error == 0) return fail(code, what);
  ERR_error_string_n(error, text.data(), text.size());
  return fail(code, what + ": " + text.data());
}

std::string fingerprint_of(X509* certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  X509_digest(certificate, EVP_sha256(), digest.data(), &size);
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (unsigned i = 0; i < size; ++i) {
    if (i != 0) out += ':';
    out += digits[digest[i] >> 4U];
    out += digits[digest[i] & 0xFU];
  }
  return out;
}

WallTime expiry_of(X509* certificate) {
  std::tm when{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &when) != 1) return WallTime{};
  return wall_from_ms(std::int64_t{timegm(&when)} * 1000);
}

bool names_it(X509* certificate, const std::string& name) {
  if (X509_check_ip_asc(certificate, name.c_str(), 0) == 1) return true;
  return X509_check_host(certificate, name.c_str(), name.size(), 0, nullptr) == 1;
}

struct Loaded {
  Certificate certificate;
  Key key;
};

Result<Loaded> load(const std::string& certificate_file, const std::string& key_file) {
  const Bio certificate_in{BIO_new_file(certificate_file.c_str(), "r")};
  if (!certificate_in) return failed(Errc::bad_config, certificate_file + ": cannot be opened");
  Loaded loaded;
  loaded.certificate.reset(PEM_read_bio_X509(certificate_in.get(), nullptr, nullptr, nullptr));
  if (!loaded.certificate) return failed(Errc::bad_config, certificate_file + ": no certificate in PEM form");
  const Bio key_in{BIO_new_file(key_file.c_str(), "r")};
  if (!key_in) return failed(Errc::bad_config, key_file + ": cannot be opened");
  // An empty password instead of a question at a terminal that nobody watches.
  char no_password[] = "";
  loaded.key.reset(PEM_read_bio_PrivateKey(key_in.get(), nullptr, nullptr, no_password));
  if (!loaded.key) return failed(Errc::bad_config, key_file + ": no unencrypted private key in PEM form");
  if (X509_check_private_key(loaded.certificate.get(), loaded.key.get()) != 1) {
    return failed(Errc::bad_config, key_file + ": does not belong to " + certificate_file);
  }
  return loaded;
}

bool add_extension(X509* certificate, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  if (extension == nullptr) return false;
  const int added = X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
  return added == 1;
}

std::string alternative_names(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) {
    std::unique_ptr<ASN1_OCTET_STRING, Freed<ASN1_OCTET_STRING_free>> address{a2i_IPADDRESS(name.c_str())};
    ERR_clear_error();
    list += (list.empty() ? "" : ",") + std::string{address ? "IP:" : "DNS:"} + name;
  }
  return list;
}

Certificate make_certificate(EVP_PKEY* key, const std::vector<std::string>& names, WallTime now) {
  Certificate made{X509_new()};
  if (!made) return nullptr;
  X509* x = made.get();
  const std::unique_ptr<BIGNUM, Freed<BN_free>> number{BN_new()};
  if (!number || BN_rand(number.get(), 127, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) != 1) return nullptr;
  if (BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(x)) == nullptr) return nullptr;
  X509_set_version(x, X509_VERSION_3);
  std::time_t seconds = to_ms(now) / 1000 - 24 * 3600;  // clocks of desks are not all alike
  X509_time_adj_ex(X509_getm_notBefore(x), 0, 0, &seconds);
  X509_time_adj_ex(X509_getm_notAfter(x), static_cast<int>(valid_days), 0, &seconds);
  X509_NAME* subject = X509_get_subject_name(x);
  const auto* name = reinterpret_cast<const unsigned char*>("davy-host");
  const bool ok = X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, name, -1, -1, 0) == 1 &&
                  X509_set_issuer_name(x, subject) == 1 && X509_set_pubkey(x, key) == 1 &&
                  add_extension(x, NID_subject_alt_name, alternative_names(names)) &&
                  add_extension(x, NID_basic_constraints, "critical,CA:FALSE") &&
                  add_extension(x, NID_key_usage, "critical,digitalSignature") &&
                  add_extension(x, NID_ext_key_usage, "serverAuth") && X509_sign(x, key, EVP_sha256()) > 0;
  if (!ok) return nullptr;
  return made;
}

// Written beside and moved into place: a crash leaves the old file or the new one.
Status write_file(const std::string& path, BIO* content) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(content, &data);
  const std::string beside = path + ".new";
  std::filesystem::remove(beside);
  const int file = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return fail(Errc::denied, beside + ": cannot be written");
  const bool written = ::write(file, data, static_cast<std::size_t>(size)) == size && ::fsync(file) == 0;
  ::close(file);
  if (!written) return fail(Errc::full, beside + ": cannot be written");
  std::error_code error;
  std::filesystem::rename(beside, path, error);
  if (error) return fail(Errc::denied, path + ": " + error.message());
  return {};
}

TlsIdentity identity_of(const Loaded& loaded, const std::string& certificate_file,
                        const std::string& key_file) {
  return {certificate_file, key_file, fingerprint_of(loaded.certificate.get()),
          expiry_of(loaded.certificate.get())};
}

}  // namespace

Result<TlsIdentity> load_identity(const std::string& certificate_file, const std::string& key_file) {
  const auto loaded = load(certificate_file, key_file);
  if (!loaded) return fail(loaded.error());
  return identity_of(*loaded, certificate_file, key_file);
}

Result<TlsIdentity> self_signed_identity(const std::string& folder, const std::vector<std::string>& names,
                                         WallTime now) {
  const std::string certificate_file = folder + "/web-certificate.pem";
  const std::string key_file = folder + "/web-key.pem";
  if (const auto there = load(certificate_file, key_file)) {
    X509* x = there->certificate.get();
    const bool all = std::ranges::all_of(names, [&](const std::string& name) { return names_it(x, name); });
    if (all && expiry_of(x) > now + renew_before) return identity_of(*there, certificate_file, key_file);
  }
  Loaded made;
  made.key.reset(EVP_EC_gen("P-256"));
  if (!made.key) return failed(Errc::unavailable, "cannot make a key");
  made.certificate = make_certificate(made.key.get(), names, now);
  if (!made.certificate) return failed(Errc::unavailable, "cannot make a certificate");
  const Bio key{BIO_new(BIO_s_mem())};
  const Bio certificate{BIO_new(BIO_s_mem())};
  if (PEM_write_bio_PKCS8PrivateKey(key.get(), made.key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1 ||
      PEM_write_bio_X509(certificate.get(), made.certificate.get()) != 1) {
    return failed(Errc::unavailable, "cannot write a certificate");
  }
  if (auto done = write_file(key_file, key.get()); !done) return fail(done.error());
  if (auto done = write_file(certificate_file, certificate.get()); !done) return fail(done.error());
  TlsIdentity identity = identity_of(made, certificate_file, key_file);
  identity.made = true;
  return identity;
}

}  // namespace davy
