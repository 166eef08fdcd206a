#include <cstdio>
#include <deque>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "host/core/host_core.hpp"
#include "proto/base/log.hpp"
#include "proto/base/system_clock.hpp"
#include "proto/wire/topics.hpp"
#include "tests/bench/prepared_blocks.hpp"

// How many readings a second the host takes for good: decoded, judged against limits, committed with
// synchronous=FULL, acked. One core, no broker; the disk is the one that the build folder is on. Peers'
// figures are from their own documents or were measured on the same kind of machine; theirs are without
// alarms.
using namespace davy;

namespace {

constexpr std::size_t gateways = 20;
constexpr double samples_per_s_min = 100'000;

// Hands over what is prepared, as many messages a call as a busy broker would, and counts acked blocks.
class PreparedLink final : public MqttLink {
 public:
  Status connect(const LinkSettings&) override {
    events_.emplace_back(LinkUp{});
    return {};
  }
  void disconnect() override {}
  Status publish(std::uint64_t, std::string_view, std::string_view, bool) override {
    ++published;
    return {};
  }
  Status subscribe(std::string_view) override { return {}; }
  void poll(std::vector<LinkEvent>& out) override {
    for (LinkEvent& event : events_) out.push_back(std::move(event));
    events_.clear();
    for (std::size_t n = 0; n < per_poll && !prepared.empty(); ++n) {
      out.emplace_back(std::move(prepared.front()));
      prepared.pop_front();
    }
  }

  std::deque<LinkMessage> prepared;
  std::size_t per_poll = 64;
  std::size_t published = 0;

 private:
  std::vector<LinkEvent> events_;
};

class Nobody final : public HostListener {
 public:
  void on_standing(std::span<const Alarm>) override {}
  void on_health(const HostHealth&) override {}
  void on_points(std::span<const HostPoint>) override {}
  void on_values(std::span<const LatestValue> changed) override { values += changed.size(); }
  void on_gateway(const GatewayStatus&) override {}
  void on_alarm(const JournalEntry&) override { ++alarms; }
  std::size_t values = 0;
  std::size_t alarms = 0;
};

// The gateways' blocks in turn, as they would arrive.
void prepare(PreparedLink& link, std::size_t blocks, std::size_t samples, Now now) {
  std::vector<bench::PreparedGateway> all;
  for (std::size_t g = 0; g < gateways; ++g) {
    const std::string name = "g" + std::to_string(g);
    all.push_back(bench::prepare("bench", name, blocks / gateways, samples, now));
    link.prepared.push_back({topic("bench", name, TopicKind::birth), all.back().birth, true});
  }
  for (std::size_t b = 0; b < blocks / gateways; ++b) {
    for (bench::PreparedGateway& from : all) {
      link.prepared.push_back(
          {topic("bench", from.name, TopicKind::block), std::move(from.blocks[b]), false});
    }
  }
}

struct Run {
  std::size_t blocks;
  std::size_t samples;  // in each
  std::size_t per_poll;
};

double seconds(Duration d) { return static_cast<double>(d.count()) / 1000; }

// Readings a second.
double measure(const Run& run, const Clock& clock, const std::string& folder) {
  HostConfig config;
  config.mine = "bench";
  config.broker.client_id = "bench";
  PreparedLink link;
  link.per_poll = run.per_poll;
  Nobody listener;
  prepare(link, run.blocks, run.samples, read(clock));
  auto core = HostCore::open(config, {.path = folder + "/history.db"}, link, listener, read(clock));
  if (!core) {
    std::fprintf(stderr, "%s\n", core.error().message.c_str());
    return 0;
  }
  const SteadyTime begin = clock.steady();
  while (!link.prepared.empty() || (*core)->next_due() <= clock.steady()) (*core)->step(read(clock));
  const double took = seconds(clock.steady() - begin);
  (*core)->stop(read(clock));
  return static_cast<double>(run.blocks * run.samples) / took;
}

}  // namespace

int main() {
  log::set_level(log::Level::error);
  const SystemClock clock;
  const Run runs[] = {{20'000, 1, 64}, {20'000, 64, 64}, {4'000, 512, 64}, {2'000, 64, 1}};
  std::printf("%-58s %12s %12s %12s %8s\n", "durable readings/s into one SQLite file", "peer", "limit",
              "ours", "ratio");
  bool held = true;
  for (const Run& run : runs) {
    const std::string folder = (std::filesystem::current_path() / "ingest-bench-data").string();
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    const double ours = measure(run, clock, folder);
    const auto bytes = std::filesystem::file_size(folder + "/history.db");
    std::filesystem::remove_all(folder);
    // ThingsBoard's own page: PostgreSQL, 10,000 data points a second at most.
    constexpr double peer = 10'000;
    char what[80];
    std::snprintf(what, sizeof what, "blocks of %zu, %zu a commit (%.1f B a reading on disk)", run.samples,
                  run.per_poll, static_cast<double>(bytes) / static_cast<double>(run.blocks * run.samples));
    const bool limited = run.samples >= 64 && run.per_poll > 1;
    std::printf("%-58s %12.0f %12s %12.0f %7.1fx\n", what, peer, limited ? ">= 100000" : "-", ours,
                ours / peer);
    held &= !limited || ours >= samples_per_s_min;
  }
  return held ? 0 : 1;
}
