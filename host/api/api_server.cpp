#include "host/api/api_server.hpp"

#include <atomic>
#include <set>
#include <thread>
#include <utility>

#include "host/api/beast.hpp"
#include "host/api/http_connection.hpp"
#include "host/api/live_hub.hpp"
#include "host/api/news.hpp"
#include "proto/base/log.hpp"

namespace davy {
namespace {

constexpr Duration refresh_every{2000};
constexpr auto accept_again = std::chrono::milliseconds{100};

class BeastServer final : public ApiServer {
 public:
  BeastServer(Settings settings, UserStore users, OpenHistory history, const Clock& clock)
      : clock_{clock},
        page_{std::move(settings.page)},
        accounts_{std::move(users), settings.web.session_length, clock, to_io()},
        history_{std::move(history), mirror_, to_io()},
        hub_{{settings.mine, settings.version},
             mirror_,
             [this](const std::string& hash) { return accounts_.in_force(hash); }},
        router_{{accounts_, history_, mirror_, page_, clock, settings.version, clock.steady(), to_io(),
                 [this](Duration wait, std::function<void()> then) { later(wait, std::move(then)); }}},
        settings_{std::move(settings)} {}

  ~BeastServer() override { stop(); }

  Status load_identity();
  Status start(CoreDoors core) override;
  std::uint16_t port() const override { return acceptor_->local_endpoint().port(); }
  void stop() override;
  SteadyTime alive_at() const override { return alive_at_.load(); }

  void on_standing(std::span<const Alarm> alarms) override {
    tell([&](News& news) { news.standing.insert(news.standing.end(), alarms.begin(), alarms.end()); });
  }
  void on_health(const HostHealth& health) override {
    tell([&](News& news) { news.health = health; });
  }
  void on_points(std::span<const HostPoint> changed) override {
    tell([&](News& news) {
      for (const HostPoint& point : changed) news.points.insert_or_assign(point.id, point);
    });
  }
  void on_values(std::span<const LatestValue> changed) override {
    tell([&](News& news) {
      for (const LatestValue& value : changed) news.values.insert_or_assign(value.point, value);
    });
  }
  void on_gateway(const GatewayStatus& status) override {
    tell([&](News& news) { news.gateways.insert_or_assign(status.name, status); });
  }
  void on_alarm(const JournalEntry& entry) override {
    tell([&](News& news) { news.entries.push_back(entry); });
  }

 private:
  ToIo to_io() {
    return [this](std::function<void()> then) { asio::post(*io_, std::move(then)); };
  }
  template <typename Change>
  void tell(const Change& change) {
    if (news_.put(change)) asio::post(*io_, [this] { take_news(); });
  }
  Status listen();
  void take_news();
  void accept();
  void connected(asio::ip::tcp::socket socket);
  void later(Duration wait, std::function<void()> then);
  void every(Duration period, std::function<void()> what);

  const Clock& clock_;
  // Declared first, so that it ends last: the parts below have threads that post to it until they have ended.
  // What is still in it then are handlers that hold connections; those do not touch the parts when they are
  // destroyed.
  std::unique_ptr<asio::io_context> io_ = std::make_unique<asio::io_context>(1);
  NewsBox news_;
  Mirror mirror_;
  PageFiles page_;
  Accounts accounts_;
  HistoryRoutes history_;
  LiveHub hub_;
  Router router_;
  Settings settings_;
  asio::ssl::context tls_{asio::ssl::context::tls_server};
  std::optional<asio::ip::tcp::acceptor> acceptor_;
  std::shared_ptr<ConnectionPlaces> places_ = std::make_shared<ConnectionPlaces>();
  std::optional<asio::executor_work_guard<asio::io_context::executor_type>> work_;
  std::atomic<SteadyTime> alive_at_;
  std::thread thread_;
};

std::unexpected<Error> cannot_listen(const WebSettings& web, const boost::system::error_code& error) {
  const std::string where = web.address + " port " + std::to_string(web.port);
  if (error == asio::error::address_in_use) {
    return fail(Errc::conflict, "web: " + where + " is in use by another program; stop that or set web.port");
  }
  if (error == asio::error::access_denied) {
    return fail(Errc::denied, "web: not allowed to use " + where + "; ports below 1024 need a privilege");
  }
  return fail(Errc::bad_config, "web: cannot listen on " + where + ": " + error.message());
}

Status BeastServer::load_identity() {
  boost::system::error_code error;
  tls_.set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 |
                   asio::ssl::context::no_tlsv1_1 | asio::ssl::context::no_compression);
  tls_.use_certificate_chain_file(settings_.identity.certificate_file, error);
  if (error) return fail(Errc::bad_config, settings_.identity.certificate_file + ": " + error.message());
  tls_.use_private_key_file(settings_.identity.key_file, asio::ssl::context::pem, error);
  if (error) return fail(Errc::bad_config, settings_.identity.key_file + ": " + error.message());
  return {};
}

Status BeastServer::listen() {
  boost::system::error_code error;
  const auto address = asio::ip::make_address(settings_.web.address, error);
  if (error) return fail(Errc::bad_config, "web: address '" + settings_.web.address + "' is no IP address");
  const asio::ip::tcp::endpoint endpoint{address, settings_.web.port};
  acceptor_.emplace(*io_);
  acceptor_->open(endpoint.protocol(), error);
  if (!error) acceptor_->set_option(asio::socket_base::reuse_address{true}, error);
  if (!error) acceptor_->bind(endpoint, error);
  if (!error) acceptor_->listen(asio::socket_base::max_listen_connections, error);
  if (error) return cannot_listen(settings_.web, error);
  return {};
}

Status BeastServer::start(CoreDoors core) {
  if (auto listening = listen(); !listening) return listening;
  router_.set_core(std::move(core));
  work_.emplace(io_->get_executor());
  accounts_.refresh();
  every(refresh_every, [this] { accounts_.refresh(); });
  alive_at_ = clock_.steady();
  every(LiveHub::values_every, [this] {
    const Now now = read(clock_);
    alive_at_ = now.steady;
    hub_.send_values(now);
  });
  every(LiveHub::beat_every, [this] { hub_.beat(read(clock_)); });
  accept();
  thread_ = std::thread{[this] { io_->run(); }};
  return {};
}

void BeastServer::stop() {
  if (!thread_.joinable()) return;
  asio::post(*io_, [this] {
    hub_.cut_all("davy-host is stopping");
    io_->stop();
  });
  thread_.join();
}

void BeastServer::take_news() {
  News news = news_.take();
  const Now now = read(clock_);
  if (news.health) mirror_.on_health(*news.health);
  mirror_.on_standing(news.standing);
  std::set<HostPointId> ids;
  for (const auto& [id, point] : news.points) {
    mirror_.on_point(point);
    ids.insert(id);
  }
  if (!ids.empty()) hub_.on_points(ids, now);
  for (const auto& [name, gateway] : news.gateways) {
    mirror_.on_gateway(gateway);
    hub_.on_gateway(gateway, now);
  }
  for (const JournalEntry& entry : news.entries) {
    mirror_.on_alarm(entry);
    hub_.on_alarm(entry, now);
  }
  for (const auto& [id, value] : news.values) {
    mirror_.on_value(value);
    hub_.on_value(id);
  }
}

void BeastServer::accept() {
  acceptor_->async_accept([this](beast::error_code error, asio::ip::tcp::socket socket) {
    if (error == asio::error::operation_aborted) return;
    if (error) {
      // No descriptors left, most likely: others have to end first.
      log::warn("accept_failed", {{"error", error.message()}});
      return later(accept_again, [this] { accept(); });
    }
    connected(std::move(socket));
    accept();
  });
}

void BeastServer::connected(asio::ip::tcp::socket socket) {
  beast::error_code error;
  const auto remote = socket.remote_endpoint(error);
  if (error) return;
  const std::string address = remote.address().to_string();
  if (!places_->take(address)) return log::warn("too_many_connections", {{"address", address}});
  ConnectionPlace place{places_, address};
  socket.set_option(asio::ip::tcp::no_delay{true}, error);
  std::make_shared<HttpConnection>(std::move(socket), tls_, std::move(place),
                                   HttpConnection::Parts{router_, hub_, clock_})
      ->start();
}

void BeastServer::later(Duration wait, std::function<void()> then) {
  const auto timer = std::make_shared<asio::steady_timer>(*io_, wait);
  timer->async_wait([timer, then = std::move(then)](beast::error_code stopped) {
    if (!stopped) then();
  });
}

void BeastServer::every(Duration period, std::function<void()> what) {
  later(period, [this, period, what = std::move(what)] {
    what();
    every(period, what);
  });
}

}  // namespace

Result<std::unique_ptr<ApiServer>> ApiServer::make(Settings settings, UserStore users, OpenHistory history,
                                                   const Clock& clock) {
  auto server =
      std::make_unique<BeastServer>(std::move(settings), std::move(users), std::move(history), clock);
  if (auto loaded = server->load_identity(); !loaded) return fail(loaded.error());
  return server;
}

}  // namespace davy
