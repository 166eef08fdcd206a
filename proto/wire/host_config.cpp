#include "proto/wire/host_config.hpp"

#include "proto/wire/config_checks.hpp"
#include "proto/wire/host_config.pb.h"
#include "proto/wire/text_rules.hpp"

namespace davy {
namespace {

constexpr std::uint64_t day_ms = 24 * 3600 * 1000;

BrokerSettings broker_from(const wire::HostConfig& in, ConfigText& config, const ConfigNode& root) {
  const auto& broker = in.broker();
  const auto node = root.child("broker");
  check_host(config, node, "host", broker.host());
  check_port(config, node, broker.port());
  config.check_range(node, "keep_alive_s", broker.keep_alive_s(), 5, 3600);
  const std::string client_id = broker.has_client_id() ? broker.client_id() : "davy-host-" + in.mine();
  if (broker.has_client_id() && !is_name(client_id)) {
    config.problem(node, "client_id",
                   "is " + in_quotes(client_id) + "; 1 to 64 letters, digits, - _ . and :");
  }
  return {.host = broker.host(),
          .port = static_cast<std::uint16_t>(broker.port()),
          .tls = check_tls(config, node, broker),
          .client_id = client_id,
          .keep_alive_s = broker.keep_alive_s()};
}

WebSettings web_from(const wire::HostWeb& in, ConfigText& config, const ConfigNode& node) {
  if (!is_ip_address(in.address())) {
    config.problem(node, "address",
                   "is " + in_quotes(in.address()) +
                       "; give an IP address of this machine, such as "
                       "127.0.0.1, or 0.0.0.0 for all");
  }
  check_port(config, node, in.port());
  config.check_range(node, "session_hours", in.session_hours(), 1, 168);
  if (in.certificate().empty() != in.key().empty()) {
    const char* missing = in.key().empty() ? "key" : "certificate";
    config.problem(node, missing, "is missing: give both certificate and key, or neither");
  }
  return {.address = in.address(),
          .port = static_cast<std::uint16_t>(in.port()),
          .certificate = path_beside(config.file(), in.certificate()),
          .key = path_beside(config.file(), in.key()),
          .pages = path_beside(config.file(), in.pages()),
          .session_length = std::chrono::hours{in.session_hours()}};
}

HostTimes times_from(const wire::HostTimes& in, ConfigText& config, const ConfigNode& node) {
  config.check_range(node, "late_after_ms", in.late_after_ms(), 1000, day_ms);
  config.check_range(node, "silent_after_ms", in.silent_after_ms(), 1000, day_ms);
  config.check_range(node, "blind_after_ms", in.blind_after_ms(), 1000, day_ms);
  config.check_range(node, "clock_error_ms", in.clock_error_ms(), 100, day_ms);
  return {.late_after = Duration{in.late_after_ms()},
          .silent_after = Duration{in.silent_after_ms()},
          .blind_after = Duration{in.blind_after_ms()},
          .clock_error = Duration{in.clock_error_ms()}};
}

}  // namespace

Result<HostConfig> parse_host_config(std::string_view text, const std::string& file) {
  ConfigText config{file};
  wire::HostConfig in;
  HostConfig out;
  if (config.parse(text, in)) {
    const auto root = config.root(in);
    check_topic_name(config, root, "mine", in.mine());
    if (in.data().empty()) config.problem(root, "data", "is empty; give the folder of the database");
    out = {.mine = in.mine(), .data = path_beside(file, in.data())};
    if (in.has_broker()) out.broker = broker_from(in, config, root);
    out.web = web_from(in.web(), config, root.child("web"));
    out.times = times_from(in.times(), config, root.child("times"));
  }
  if (!config.ok()) return fail(config.status().error());
  return out;
}

Result<HostConfig> load_host_config(const std::string& file) {
  const auto text = read_config_file(file);
  if (!text) return fail(text.error());
  return parse_host_config(*text, file);
}

}  // namespace davy
