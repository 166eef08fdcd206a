#include "host/api/web_socket.hpp"

#include <array>
#include <utility>

#include "host/api/standard_headers.hpp"
#include "proto/base/log.hpp"

namespace davy {
namespace {

constexpr std::size_t message_size_max = 4096;  // a page sends {"type":"alive"}
constexpr auto idle_max = std::chrono::seconds{30};

}  // namespace

WebSocket::WebSocket(TlsStream stream, ConnectionPlace place, const Clock& clock)
    : stream_{std::move(stream)}, place_{std::move(place)}, clock_{clock} {}

void WebSocket::accept(HttpMessage request, Opened opened) {
  beast::get_lowest_layer(stream_).expires_never();  // the WebSocket layer has its own
  websocket::stream_base::timeout times{};
  times.handshake_timeout = std::chrono::seconds{10};
  times.idle_timeout = idle_max;
  times.keep_alive_pings = true;
  stream_.set_option(times);
  stream_.set_option(websocket::stream_base::decorator(
      [](websocket::response_type& response) { set_standard_headers(response); }));
  stream_.read_message_max(message_size_max);
  stream_.text(true);
  stream_.auto_fragment(false);  // a greeting may have megabytes
  request_ = std::move(request);
  stream_.async_accept(request_,
                       [self = shared_from_this(), opened = std::move(opened)](beast::error_code error) {
                         if (error) return log::debug("live_refused", {{"error", error.message()}});
                         self->read();
                         opened(self);
                       });
}

void WebSocket::read() {
  stream_.async_read(incoming_, [self = shared_from_this()](beast::error_code error, std::size_t) {
    if (error) {
      self->over_ = true;
      return;
    }
    self->incoming_.clear();  // any sign of life will do
    self->read();
  });
}

void WebSocket::send(Frame frame) {
  if (over_) return;
  waiting_bytes_ += frame.size();
  frames_.push_back(std::move(frame));
  if (!writing_since_) write();
}

void WebSocket::write() {
  writing_since_ = clock_.steady();
  const Frame& frame = frames_.front();
  const std::array<asio::const_buffer, 2> buffers{asio::buffer(frame.head), asio::buffer(*frame.tail)};
  stream_.async_write(buffers, [self = shared_from_this()](beast::error_code error, std::size_t) {
    self->on_written(error);
  });
}

void WebSocket::on_written(beast::error_code error) {
  waiting_bytes_ -= frames_.front().size();
  frames_.pop_front();
  writing_since_.reset();
  if (error || over_) {
    over_ = true;
    frames_.clear();
    waiting_bytes_ = 0;
    return;
  }
  if (!frames_.empty()) write();
}

void WebSocket::cut(const std::string& why) {
  if (over_) return;
  over_ = true;
  // One that does not read would not read a farewell either.
  if (writing_since_) return beast::get_lowest_layer(stream_).close();
  stream_.async_close({websocket::close_code::policy_error, why},
                      [self = shared_from_this()](beast::error_code) {});
}

}  // namespace davy
