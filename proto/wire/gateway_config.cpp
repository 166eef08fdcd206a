#include "proto/wire/gateway_config.hpp"

#include "proto/wire/bus_config.hpp"
#include "proto/wire/config_checks.hpp"
#include "proto/wire/gateway_config.pb.h"
#include "proto/wire/lock_config.hpp"
#include "proto/wire/messages.hpp"

namespace davy {
namespace {

SpoolSettings spool_from(const wire::SpoolConfig& in, ConfigText& config, const ConfigNode& node) {
  if (in.path().empty()) config.problem(node, "path", "is empty; give the file of the spool");
  config.check_range(node, "max_mib", in.max_mib(), 1, 1024 * 1024);
  config.check_range(node, "max_days", in.max_days(), 1, 3650);
  return {.path = path_beside(config.file(), in.path()),
          .bytes_max = in.max_mib() * 1024 * 1024,
          .days_max = in.max_days()};
}

UplinkSettings uplink_from(const wire::UplinkConfig& in, ConfigText& config, const ConfigNode& node) {
  check_host(config, node, "host", in.host());
  check_port(config, node, in.port());
  config.check_range(node, "window_blocks", in.window_blocks(), 1, 1000);
  config.check_range(node, "backlog_blocks_per_s", in.backlog_blocks_per_s(), 1, 100'000);
  config.check_range(node, "keep_alive_s", in.keep_alive_s(), 5, 3600);
  config.check_range(node, "ack_wait_ms", in.ack_wait_ms(), 1000, 600'000);
  return {.host = in.host(),
          .port = static_cast<std::uint16_t>(in.port()),
          .tls = check_tls(config, node, in),
          .window_blocks = in.window_blocks(),
          .backlog_blocks_per_s = in.backlog_blocks_per_s(),
          .keep_alive_s = in.keep_alive_s(),
          .ack_wait = Duration{in.ack_wait_ms()}};
}

// The birth has to fit into a message, however long the titles are.
void check_birth_size(const GatewayConfig& out, ConfigText& config, const ConfigNode& root) {
  const auto size = encode_birth({out.mine, out.gateway, out.points}).message.size();
  if (size <= birth_size_max) return;
  config.problem(root, "bus",
                 "all points and their texts make a birth of " + std::to_string(size) + " bytes; more than " +
                     std::to_string(birth_size_max) + " cannot be sent");
}

void check_gateway(const wire::GatewayConfig& in, const std::string& profile_folder, ConfigText& config,
                   GatewayConfig& out) {
  const auto root = config.root(in);
  check_topic_name(config, root, "mine", in.mine());
  check_topic_name(config, root, "gateway", in.gateway());
  out.mine = in.mine();
  out.gateway = in.gateway();
  out.spool = spool_from(in.spool(), config, root.child("spool"));
  if (in.has_uplink()) out.uplink = uplink_from(in.uplink(), config, root.child("uplink"));
  config.check_range(root.child("block"), "close_after_ms", in.block().close_after_ms(), 50, 60'000);
  out.block_close_after = Duration{in.block().close_after_ms()};
  const auto folder = in.has_profiles() ? path_beside(config.file(), in.profiles()) : profile_folder;
  check_buses(in, folder, config, out);
  if (in.has_interlock() && config.ok()) {
    // Of points and buses that are in order; a lock on a point that is not yet would only be told twice.
    out.interlock = check_interlock(in.interlock(), config, root.child("interlock"), out);
  }
  if (config.ok()) check_birth_size(out, config, root);
}

}  // namespace

Result<GatewayConfig> parse_gateway_config(std::string_view text, const std::string& file,
                                           const std::string& profile_folder) {
  ConfigText config{file};
  wire::GatewayConfig in;
  GatewayConfig out;
  if (config.parse(text, in)) check_gateway(in, profile_folder, config, out);
  if (!config.ok()) return fail(config.status().error());
  return out;
}

Result<GatewayConfig> load_gateway_config(const std::string& file, const std::string& profile_folder) {
  const auto text = read_config_file(file);
  if (!text) return fail(text.error());
  return parse_gateway_config(*text, file, profile_folder);
}

}  // namespace davy
