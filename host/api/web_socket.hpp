#pragma once

#include <deque>
#include <functional>
#include <memory>

#include "host/api/beast.hpp"
#include "host/api/connection_places.hpp"
#include "host/api/live_hub.hpp"
#include "proto/base/clock.hpp"

namespace davy {

// One live connection: writes frames one after the other, reads only to notice that the other end is there.
class WebSocket final : public LiveClient, public std::enable_shared_from_this<WebSocket> {
 public:
  using Opened = std::function<void(const std::shared_ptr<LiveClient>&)>;
  WebSocket(TlsStream stream, ConnectionPlace place, const Clock& clock);

  // Answers the upgrade; `opened` is called when the connection stands.
  void accept(HttpMessage request, Opened opened);

  void send(Frame frame) override;
  std::size_t waiting_bytes() const override { return waiting_bytes_; }
  std::optional<SteadyTime> stuck_since() const override { return writing_since_; }
  void cut(const std::string& why) override;

 private:
  void read();
  void write();
  void on_written(beast::error_code error);

  websocket::stream<TlsStream> stream_;
  ConnectionPlace place_;
  const Clock& clock_;
  HttpMessage request_;
  beast::flat_buffer incoming_;
  std::deque<Frame> frames_;
  std::size_t waiting_bytes_ = 0;
  std::optional<SteadyTime> writing_since_;
  bool over_ = false;
};

}  // namespace davy
