#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "host/api/beast.hpp"
#include "host/api/connection_places.hpp"
#include "host/api/live_hub.hpp"
#include "host/api/router.hpp"

namespace davy {

// One TLS connection: requests one after the other, each within its time, until it becomes a WebSocket or
// ends.
class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
 public:
  struct Parts {
    Router& router;
    LiveHub& hub;
    const Clock& clock;
  };
  HttpConnection(asio::ip::tcp::socket socket, asio::ssl::context& tls, ConnectionPlace place, Parts parts);

  void start();

 private:
  void read();
  void on_read(beast::error_code error);
  void refuse(http::status status, ApiError error, std::string_view message);
  void handle();
  void open_live(const HttpRequest& request);
  void answer(unsigned turn, HttpResponse response);
  void write(http::response<http::string_body> message);
  void end();

  TlsStream stream_;
  ConnectionPlace place_;
  Parts parts_;
  asio::steady_timer patience_;  // with the routes
  beast::flat_buffer incoming_;
  std::optional<http::request_parser<http::string_body>> parser_;
  HttpMessage request_;
  unsigned turn_ = 0;  // number of the request at hand: an answer to an older one comes too late
  bool answered_ = true;
};

}  // namespace davy
