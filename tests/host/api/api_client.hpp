#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "host/api/json.hpp"

namespace davy {

// A browser's place in tests: one TLS connection to a server on loopback. Every call gives up after some
// seconds.
class ApiClient {
 public:
  explicit ApiClient(std::uint16_t port);
  ~ApiClient();
  ApiClient(ApiClient&&) noexcept;
  ApiClient& operator=(ApiClient&&) noexcept;

  struct Answer {
    unsigned status = 0;  // 0: the connection was closed without an answer
    std::map<std::string, std::string> headers;
    std::string body;
    json::object json() const { return boost::json::parse(body).as_object(); }
  };
  using Headers = std::map<std::string, std::string>;

  std::string cookie;  // sent along when not empty
  Answer get(const std::string& target, const Headers& headers = {});
  Answer post(const std::string& target, const std::string& body, Headers headers = {});
  Answer send(const std::string& method, const std::string& target, const std::string& body,
              const Headers& headers);
  // Signs in and keeps the cookie.
  Answer login(const std::string& user, const std::string& password);

  // Bytes as they are; what comes back until the end, or nothing within the time.
  std::string raw(const std::string& bytes);
  // Like raw(), but piece by piece; true as long as the other end is there.
  bool write_piece(const std::string& bytes);

 private:
  struct Link;
  Link& link();
  std::uint16_t port_;
  std::unique_ptr<Link> link_;
};

// The live connection of a page.
class LiveSocket {
 public:
  LiveSocket(std::uint16_t port, const std::string& cookie, const std::string& origin = {});
  ~LiveSocket();

  unsigned status() const { return status_; }  // 101: it stands
  // The next frame; none when the connection ended or nothing came in time.
  std::optional<json::object> frame();
  // Skips others.
  std::optional<json::object> frame(const std::string& type);
  bool send(const std::string& text);
  std::string close_reason() const;

 private:
  struct Link;
  std::unique_ptr<Link> link_;
  unsigned status_ = 0;
};

}  // namespace davy
