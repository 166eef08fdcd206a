#include "tests/host/api/api_client.hpp"

#include <chrono>

#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include "host/api/beast.hpp"

namespace davy {
namespace {

// One operation after the other, each waited for.
struct Operations {
  // What an operation calls at its end.
  struct Finish {
    Operations& all;
    void operator()(beast::error_code e, std::size_t = 0) {
      all.error = e;
      all.done = true;
    }
  };
  Finish finish() { return {*this}; }
  // Until the operation just started is over; the WebSocket layer's own timer goes on running.
  void run() {
    io.restart();
    done = false;
    while (!done) io.run_one();
  }
  asio::io_context io;
  asio::ssl::context tls{asio::ssl::context::tls_client};
  beast::error_code error;
  bool done = false;
};

constexpr auto patience = std::chrono::seconds{20};

}  // namespace

struct ApiClient::Link : Operations {
  explicit Link(std::uint16_t port) : stream{io, tls} {
    beast::get_lowest_layer(stream).expires_after(patience);
    beast::get_lowest_layer(stream).async_connect({asio::ip::address_v4::loopback(), port}, finish());
    run();
    if (error) return;
    stream.async_handshake(asio::ssl::stream_base::client, finish());
    run();
  }
  TlsStream stream;
  beast::flat_buffer buffer;
};

ApiClient::ApiClient(std::uint16_t port) : port_{port} {}
ApiClient::~ApiClient() = default;
ApiClient::ApiClient(ApiClient&&) noexcept = default;
ApiClient& ApiClient::operator=(ApiClient&&) noexcept = default;

ApiClient::Link& ApiClient::link() {
  if (!link_) link_ = std::make_unique<Link>(port_);
  return *link_;
}

ApiClient::Answer ApiClient::send(const std::string& method, const std::string& target,
                                  const std::string& body, const Headers& headers) {
  Link& l = link();
  if (l.error) {
    link_.reset();
    return {};
  }
  http::request<http::string_body> request;
  request.method_string(method);
  request.target(target);
  request.version(11);
  request.set(http::field::host, "127.0.0.1:" + std::to_string(port_));
  if (!cookie.empty()) request.set(http::field::cookie, cookie);
  for (const auto& [name, value] : headers) request.set(name, value);
  request.body() = body;
  request.prepare_payload();
  beast::get_lowest_layer(l.stream).expires_after(patience);
  http::async_write(l.stream, request, l.finish());
  l.run();
  http::response_parser<http::string_body> parser;
  parser.body_limit(std::uint64_t{256} << 20U);
  if (method == "HEAD") parser.skip(true);
  http::async_read(l.stream, l.buffer, parser, l.finish());
  l.run();
  if (l.error) {
    link_.reset();
    return {};
  }
  Answer answer{parser.get().result_int(), {}, parser.get().body()};
  for (const auto& field : parser.get())
    answer.headers[std::string{field.name_string()}] = std::string{field.value()};
  if (!parser.get().keep_alive()) link_.reset();
  return answer;
}

ApiClient::Answer ApiClient::get(const std::string& target, const Headers& headers) {
  return send("GET", target, "", headers);
}

ApiClient::Answer ApiClient::post(const std::string& target, const std::string& body, Headers headers) {
  headers.emplace("Content-Type", "application/json");
  return send("POST", target, body, headers);
}

ApiClient::Answer ApiClient::login(const std::string& user, const std::string& password) {
  const Answer answer =
      post("/api/v1/login", json::serialize(json::object{{"user", user}, {"password", password}}));
  if (answer.status == 200) {
    const std::string set = answer.headers.at("Set-Cookie");
    cookie = set.substr(0, set.find(';'));
  }
  return answer;
}

bool ApiClient::write_piece(const std::string& bytes) {
  Link& l = link();
  if (l.error) return false;
  beast::get_lowest_layer(l.stream).expires_after(patience);
  asio::async_write(l.stream, asio::buffer(bytes), l.finish());
  l.run();
  return !l.error;
}

std::string ApiClient::raw(const std::string& bytes) {
  write_piece(bytes);
  Link& l = link();
  std::string out;
  beast::get_lowest_layer(l.stream).expires_after(patience);
  asio::async_read(l.stream, asio::dynamic_buffer(out), l.finish());
  l.run();
  link_.reset();
  return out;
}

struct LiveSocket::Link : Operations {
  Link() : stream{io, tls} {}
  websocket::stream<TlsStream> stream;
  beast::flat_buffer buffer;
};

LiveSocket::LiveSocket(std::uint16_t port, const std::string& cookie, const std::string& origin)
    : link_{std::make_unique<Link>()} {
  Link& l = *link_;
  auto& tcp = beast::get_lowest_layer(l.stream);
  tcp.expires_after(patience);
  tcp.async_connect({asio::ip::address_v4::loopback(), port}, l.finish());
  l.run();
  l.stream.next_layer().async_handshake(asio::ssl::stream_base::client, l.finish());
  l.run();
  tcp.expires_never();
  websocket::stream_base::timeout times{patience, patience, false};
  l.stream.set_option(times);
  l.stream.read_message_max(std::size_t{256} << 20U);
  l.stream.set_option(websocket::stream_base::decorator([&](websocket::request_type& request) {
    if (!cookie.empty()) request.set(http::field::cookie, cookie);
    if (!origin.empty()) request.set(http::field::origin, origin);
  }));
  websocket::response_type response;
  l.stream.async_handshake(response, "127.0.0.1:" + std::to_string(port), "/api/v1/live", l.finish());
  l.run();
  status_ = response.result_int();
}

LiveSocket::~LiveSocket() = default;

std::optional<json::object> LiveSocket::frame() {
  Link& l = *link_;
  if (l.error) return std::nullopt;
  l.stream.async_read(l.buffer, l.finish());
  l.run();
  if (l.error) return std::nullopt;
  const std::string text = beast::buffers_to_string(l.buffer.data());
  l.buffer.clear();
  return json::parse(text).as_object();
}

std::optional<json::object> LiveSocket::frame(const std::string& type) {
  for (auto next = frame(); next; next = frame()) {
    if (next->at("type").as_string() == type) return next;
  }
  return std::nullopt;
}

bool LiveSocket::send(const std::string& text) {
  Link& l = *link_;
  l.stream.text(true);
  l.stream.async_write(asio::buffer(text), l.finish());
  l.run();
  return !l.error;
}

std::string LiveSocket::close_reason() const { return std::string{link_->stream.reason().reason.c_str()}; }

}  // namespace davy
