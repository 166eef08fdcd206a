#include "tests/host/api/api_scene.hpp"

#include <filesystem>

#include <doctest/doctest.h>

namespace davy {
namespace {

constexpr PasswordCost cheap{.passes = 1, .memory = 8192};

HostPoint methane(std::uint32_t id) {
  return {.id = HostPointId{id},
          .gateway = "gw1",
          .point = {.name = "P" + std::to_string(id),
                    .title = "甲烷",
                    .title_en = "methane",
                    .quantity = "CH4",
                    .unit = "%CH4",
                    .range_high = 4,
                    .limits = {{.at = 1.0, .clear_at = 0.9}}}};
}

// Hands the one fake history to whoever asks.
class Shared final : public HistoryReader {
 public:
  explicit Shared(std::shared_ptr<FakeHistory> fake) : fake_{std::move(fake)} {}
  Status samples(HostPointId p, WallTime from, WallTime to,
                 const std::function<bool(const HistorySample&)>& take) override {
    return fake_->samples(p, from, to, take);
  }
  Result<std::vector<TrendBucket>> trend(HostPointId p, WallTime from, WallTime to, std::size_t n) override {
    return fake_->trend(p, from, to, n);
  }
  Result<std::vector<JournalEntry>> journal(std::uint64_t after, std::size_t limit,
                                            HostPointId only) override {
    return fake_->journal(after, limit, only);
  }
  Result<std::vector<JournalEntry>> newest_journal(std::size_t limit, HostPointId only) override {
    return fake_->newest_journal(limit, only);
  }
  Result<std::vector<StreamGaps>> gaps(WallTime from, WallTime to) override { return fake_->gaps(from, to); }
  Result<std::vector<GatewayEvent>> events(const EventQuestion& question) override {
    return fake_->events(question);
  }

 private:
  std::shared_ptr<FakeHistory> fake_;
};

}  // namespace

ApiScene::ApiScene() {
  std::filesystem::create_directories(folder.file("www/assets"));
  std::ofstream{folder.file("www/index.html")} << "<!doctype html><title>Davy</title>";
  std::ofstream{folder.file("www/assets/a.js")} << "run()";
  auto users = UserStore::open(folder.file("users.db"), cheap);
  REQUIRE(users);
  const std::pair<const char*, Role> people[] = {
      {"vera", Role::viewer}, {"otto", Role::operator_}, {"ada", Role::admin}};
  for (const auto& [name, role] : people) {
    REQUIRE(users->add(name, role, std::string{name} + " password", false, clock.wall()));
  }
  for (std::uint32_t id = 1; id <= 2; ++id)
    book_.define(HostPointId{id}, "gw1", methane(id).point, read(clock));
  open();
}

ApiScene::~ApiScene() = default;

void ApiScene::open() {
  auto users = UserStore::open(folder.file("users.db"), cheap);
  REQUIRE(users);
  auto identity = self_signed_identity(folder.path(), {"localhost", "127.0.0.1"}, clock.wall());
  REQUIRE(identity);
  auto page = PageFiles::load(folder.file("www"));
  REQUIRE(page);
  auto opened = ApiServer::make(
      {.web = {.port = 0}, .mine = "test", .version = "1.2.3", .identity = *identity, .page = *page},
      std::move(*users),
      [fake = history]() -> Result<std::unique_ptr<HistoryReader>> { return std::make_unique<Shared>(fake); },
      clock);
  REQUIRE(opened);
  server = std::move(*opened);
  tell_all();
  REQUIRE(server->start({[this](AcknowledgeRequest request) { return acknowledge(std::move(request)); },
                         [this](FanKeyRequest request) { return use_fan_key(std::move(request)); }}));
}

void ApiScene::tell_all() {
  const HostPoint points[] = {methane(1), methane(2)};
  server->on_points(points);
  server->on_gateway({.name = "gw1", .presence = Presence::online});
  const auto standing = book_.standing();
  server->on_standing(standing);
  server->on_health({.broker_up = true, .storing = true, .reasons = {}});
}

void ApiScene::restart() {
  server.reset();
  open();
}

ApiClient ApiScene::signed_in(const std::string& user) const {
  ApiClient c = client();
  REQUIRE(c.login(user, user + " password").status == 200);
  return c;
}

void ApiScene::read_value(std::uint32_t point, double value) {
  const Now now = davy::read(clock);
  const std::lock_guard lock{mutex_};
  book_.on_live({HostPointId{point}, value, {}, now.wall}, now);
  const LatestValue values[] = {
      {.point = HostPointId{point}, .value = value, .quality = {}, .at = now.wall, .received = now.steady}};
  server->on_values(values);
  for (const JournalEntry& entry : book_.take_changes()) server->on_alarm(entry);
}

Alarm ApiScene::only_alarm() {
  const std::lock_guard lock{mutex_};
  const auto all = book_.standing();
  REQUIRE(all.size() == 1);
  return all.front();
}

bool ApiScene::acknowledge(AcknowledgeRequest request) {
  if (!take_acknowledgements) return false;
  const std::lock_guard lock{mutex_};
  const auto result =
      book_.acknowledge(request.occurrence, request.seq, request.user, request.comment, davy::read(clock));
  request.done(result);  // before the listener is told, as the core may do
  for (const JournalEntry& entry : book_.take_changes()) server->on_alarm(entry);
  return true;
}

bool ApiScene::use_fan_key(FanKeyRequest request) {
  if (!key_answer) return false;
  keys.push_back(request.user + " " + request.gateway + " " + request.lock + " " + request.reason +
                 (request.give_back ? " back" : ""));
  request.done(*key_answer);
  return true;
}

std::vector<std::string> ApiScene::audit_actions() {
  auto users = UserStore::open(folder.file("users.db"), cheap);
  REQUIRE(users);
  std::vector<std::string> actions;
  const auto lines = users->newest_audit(1000);
  REQUIRE(lines);
  for (const AuditLine& line : *lines) actions.push_back(line.user + " " + line.action);
  return actions;
}

}  // namespace davy
