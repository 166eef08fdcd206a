#include "proto/link/tls_check.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include "proto/base/freed.hpp"

namespace davy {
namespace {

using Context = std::unique_ptr<SSL_CTX, Freed<SSL_CTX_free>>;
using Connection = std::unique_ptr<SSL, Freed<SSL_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;

// The last thing OpenSSL complained of, without its numbers and file names.
std::string last_complaint() {
  unsigned long first = 0;
  for (unsigned long code = ERR_get_error(); code != 0; code = ERR_get_error()) {
    if (first == 0) first = code;
  }
  const char* text = first != 0 ? ERR_reason_error_string(first) : nullptr;
  return text != nullptr ? text : "no reason given";
}

std::unexpected<Error> bad_file(const std::string& what, const std::string& path, const std::string& why) {
  return fail(Errc::bad_config, "TLS " + what + " " + path + ": " + why);
}

Status readable(const std::string& what, const std::string& path) {
  if (path.empty()) return fail(Errc::bad_config, "TLS " + what + ": no file is named");
  if (::access(path.c_str(), R_OK) != 0) return bad_file(what, path, std::strerror(errno));
  return {};
}

// Without this OpenSSL would ask for a password on the terminal.
int no_password(char*, int, int, void*) { return -1; }

Result<Context> load(const TlsPaths& files) {
  Context context{SSL_CTX_new(TLS_client_method())};
  if (!context) return fail(Errc::unavailable, "TLS: " + last_complaint());
  SSL_CTX_set_default_passwd_cb(context.get(), no_password);
  if (SSL_CTX_load_verify_locations(context.get(), files.ca.c_str(), nullptr) != 1) {
    return bad_file("authority", files.ca, "is not a certificate in PEM format (" + last_complaint() + ")");
  }
  if (SSL_CTX_use_certificate_chain_file(context.get(), files.certificate.c_str()) != 1) {
    return bad_file("certificate", files.certificate,
                    "is not a certificate in PEM format (" + last_complaint() + ")");
  }
  if (SSL_CTX_use_PrivateKey_file(context.get(), files.key.c_str(), SSL_FILETYPE_PEM) != 1) {
    const std::string complaint = last_complaint();
    if (complaint.find("mismatch") != std::string::npos) {
      return bad_file("key", files.key, "does not belong to the certificate " + files.certificate);
    }
    return bad_file("key", files.key,
                    "is not a private key in PEM format without password (" + complaint + ")");
  }
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  return context;
}

bool is_address(const std::string& host) {
  std::array<unsigned char, 16> ignored{};
  return ::inet_pton(AF_INET, host.c_str(), ignored.data()) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), ignored.data()) == 1;
}

// The broker's own name, for a message about a wrong one.
std::string subject_of(SSL* connection) {
  const Certificate certificate{SSL_get1_peer_certificate(connection)};
  if (!certificate) return "nobody";
  std::array<char, 256> name{};
  X509_NAME_get_text_by_NID(X509_get_subject_name(certificate.get()), NID_commonName, name.data(),
                            static_cast<int>(name.size()));
  return name[0] != '\0' ? name.data() : "someone without a common name";
}

std::string verdict(long code, SSL* connection, const std::string& host, const TlsPaths& files) {
  switch (code) {
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return "the broker's certificate is for " + subject_of(connection) + ", not for " + host;
    case X509_V_ERR_CERT_HAS_EXPIRED: return "the broker's certificate has expired, or this clock is wrong";
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return "the broker's certificate is not valid yet: is this clock set?";
    default:
      return "the broker's certificate is not vouched for by " + files.ca + " (" +
             X509_verify_cert_error_string(code) + ")";
  }
}

}  // namespace

Status check_tls_files(const TlsPaths& files) {
  if (auto ok = readable("authority", files.ca); !ok) return ok;
  if (auto ok = readable("certificate", files.certificate); !ok) return ok;
  if (auto ok = readable("key", files.key); !ok) return ok;
  ERR_clear_error();
  const auto loaded = load(files);
  if (!loaded) return fail(loaded.error());
  return {};
}

std::string why_handshake_fails(int socket, const std::string& host, const TlsPaths& files) {
  ERR_clear_error();
  const auto context = load(files);
  if (!context) return context.error().message;
  const Connection connection{SSL_new(context->get())};
  if (!connection || SSL_set_fd(connection.get(), socket) != 1) return last_complaint();
  if (is_address(host)) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(connection.get()), host.c_str());
  } else {
    SSL_set1_host(connection.get(), host.c_str());
    std::string name = host;  // the macro for this casts const away
    SSL_ctrl(connection.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data());
  }
  // Here a bad certificate does not end the handshake: then the broker's is at hand to be named.
  SSL_set_verify(connection.get(), SSL_VERIFY_NONE, nullptr);
  const bool done = SSL_connect(connection.get()) == 1;
  const std::string complaint = done ? "" : last_complaint();
  const long code = SSL_get_verify_result(connection.get());
  if (code != X509_V_OK) return verdict(code, connection.get(), host, files);
  if (!done) {
    return "the broker broke off the TLS handshake (" + complaint +
           "): does it hang, does it expect TLS on this port, "
           "has it room for us? Ours is " +
           files.certificate;
  }
  // With TLS 1.3 the broker judges our certificate after its own handshake is done: its word comes with the
  // first read.
  std::array<char, 1> byte{};
  const int got = SSL_read(connection.get(), byte.data(), 1);
  if (got > 0 || SSL_get_error(connection.get(), got) != SSL_ERROR_SSL) return {};
  return "the broker refuses our certificate " + files.certificate + " (" + last_complaint() + ")";
}

}  // namespace davy
