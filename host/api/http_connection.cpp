#include "host/api/http_connection.hpp"

#include <utility>

#include "host/api/standard_headers.hpp"
#include "host/api/web_socket.hpp"
#include "proto/base/log.hpp"

namespace davy {
namespace {

constexpr std::uint32_t header_size_max = 16 * 1024;
constexpr std::uint64_t body_size_max = 64 * 1024;
constexpr auto handshake_max = std::chrono::seconds{10};
constexpr auto request_max =
    std::chrono::seconds{30};  // from the answer before to the last byte of this request
constexpr auto answer_max = std::chrono::seconds{60};  // what the routes may take
constexpr auto write_max = std::chrono::seconds{60};
constexpr auto farewell_max = std::chrono::seconds{5};
constexpr unsigned requests_max = 10'000;

std::string text(beast::string_view view) { return {view.data(), view.size()}; }

Method method_of(http::verb verb) {
  if (verb == http::verb::get) return Method::get;
  if (verb == http::verb::head) return Method::head;
  return verb == http::verb::post ? Method::post : Method::other;
}

HttpRequest plain(const HttpMessage& message, const std::string& address, bool& ok) {
  HttpRequest request;
  request.method = method_of(message.method());
  ok = split_target(text(message.target()), request);
  request.body = message.body();
  request.host = text(message[http::field::host]);
  request.origin = text(message[http::field::origin]);
  request.content_type = text(message[http::field::content_type]);
  request.token = cookie_value(text(message[http::field::cookie]), "davy_session");
  request.if_none_match = text(message[http::field::if_none_match]);
  request.address = address;
  return request;
}

http::response<http::string_body> message_of(HttpResponse response, const HttpMessage& request) {
  http::response<http::string_body> message{static_cast<http::status>(response.status), request.version()};
  set_standard_headers(message);
  const bool has_body = response.status != 204 && response.status != 304;
  if (has_body) message.set(http::field::content_type, response.type);
  message.set(http::field::cache_control, "no-store");
  for (const auto& [name, value] : response.headers) message.set(name, value);
  message.keep_alive(request.keep_alive());
  if (has_body) {
    message.content_length(response.body.size());
    if (request.method() != http::verb::head) message.body() = std::move(response.body);
  }
  return message;
}

}  // namespace

HttpConnection::HttpConnection(asio::ip::tcp::socket socket, asio::ssl::context& tls, ConnectionPlace place,
                               Parts parts)
    : stream_{beast::tcp_stream{std::move(socket)}, tls},
      place_{std::move(place)},
      parts_{parts},
      patience_{stream_.get_executor()} {}

void HttpConnection::start() {
  beast::get_lowest_layer(stream_).expires_after(handshake_max);
  stream_.async_handshake(
      asio::ssl::stream_base::server, [self = shared_from_this()](beast::error_code error) {
        if (error)
          return log::debug("tls_refused", {{"address", self->place_.address()}, {"error", error.message()}});
        self->read();
      });
}

void HttpConnection::read() {
  parser_.emplace();
  parser_->header_limit(header_size_max);
  parser_->body_limit(body_size_max);
  beast::get_lowest_layer(stream_).expires_after(request_max);
  http::async_read(
      stream_, incoming_, *parser_,
      [self = shared_from_this()](beast::error_code error, std::size_t) { self->on_read(error); });
}

void HttpConnection::on_read(beast::error_code error) {
  if (error == http::error::end_of_stream) return end();
  if (error == http::error::body_limit) {
    return refuse(http::status::payload_too_large, ApiError::too_large, "the body is larger than 64 KiB");
  }
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    return refuse(http::status::request_header_fields_too_large, ApiError::too_large,
                  "the header is too large");
  }
  // Errors of the parser are the client's; all others are the network's.
  if (error && error.category() == http::make_error_code(http::error::bad_method).category() &&
      error != http::error::partial_message) {
    return refuse(http::status::bad_request, ApiError::bad_request, "no HTTP request: " + error.message());
  }
  if (error) return;
  request_ = parser_->release();
  handle();
}

void HttpConnection::refuse(http::status status, ApiError error, std::string_view message) {
  request_ = {};
  request_.version(11);
  request_.keep_alive(false);  // where the next request would start is not known
  HttpResponse response = error_response(error, message);
  response.status = static_cast<unsigned>(status);
  write(message_of(std::move(response), request_));
}

void HttpConnection::handle() {
  bool target_ok = false;
  const HttpRequest request = plain(request_, place_.address(), target_ok);
  answered_ = false;
  const unsigned turn = ++turn_;
  log::debug("http_request", {{"address", request.address}, {"path", request.path}});
  if (!target_ok) return answer(turn, error_response(ApiError::bad_request, "the path cannot be read"));
  if (websocket::is_upgrade(request_) && request.path == Router::live) return open_live(request);
  patience_.expires_after(answer_max);
  patience_.async_wait([self = shared_from_this(), turn](beast::error_code stopped) {
    if (!stopped) self->answer(turn, error_response(ApiError::unavailable, "no answer in time; try again"));
  });
  parts_.router.answer(request, [self = shared_from_this(), turn](HttpResponse response) {
    self->answer(turn, std::move(response));
  });
}

void HttpConnection::open_live(const HttpRequest& request) {
  std::string session;
  if (auto refusal = parts_.router.refuse_live(request, session)) return answer(turn_, std::move(*refusal));
  const auto socket = std::make_shared<WebSocket>(std::move(stream_), std::move(place_), parts_.clock);
  socket->accept(std::move(request_), [parts = parts_, session](const std::shared_ptr<LiveClient>& client) {
    parts.hub.add(client, session, davy::read(parts.clock));
  });
}

void HttpConnection::answer(unsigned turn, HttpResponse response) {
  if (answered_ || turn != turn_) return;
  answered_ = true;
  patience_.cancel();
  write(message_of(std::move(response), request_));
}

void HttpConnection::write(http::response<http::string_body> message) {
  if (turn_ >= requests_max) message.keep_alive(false);
  const auto kept = std::make_shared<http::response<http::string_body>>(std::move(message));
  // To a HEAD request only the header is sent, though it tells of a body.
  const auto serializer = std::make_shared<http::response_serializer<http::string_body>>(*kept);
  const auto written = [self = shared_from_this(), kept, serializer](beast::error_code error, std::size_t) {
    if (error) return;
    kept->keep_alive() ? self->read() : self->end();
  };
  beast::get_lowest_layer(stream_).expires_after(write_max);
  if (request_.method() == http::verb::head) return http::async_write_header(stream_, *serializer, written);
  http::async_write(stream_, *serializer, written);
}

void HttpConnection::end() {
  beast::get_lowest_layer(stream_).expires_after(farewell_max);
  stream_.async_shutdown([self = shared_from_this()](beast::error_code) {});
}

}  // namespace davy
