#include "proto/wire/config_checks.hpp"

#include <algorithm>
#include <array>

#include <arpa/inet.h>

#include "proto/wire/topics.hpp"

namespace davy {
namespace {

constexpr std::size_t host_size_max = 253;

}  // namespace

void check_topic_name(ConfigText& config, const ConfigNode& node, const char* field,
                      const std::string& name) {
  if (is_topic_name(name)) return;
  config.problem(
      node, field,
      "is " + in_quotes(name) + "; it is part of every topic: only 1 to 64 letters, digits, - and _");
}

void check_host(ConfigText& config, const ConfigNode& node, const char* field, const std::string& host) {
  const bool good = !host.empty() && host.size() <= host_size_max && std::ranges::all_of(host, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == ':' || c == '_' || c == '%';
  });
  if (!good) config.problem(node, field, "is " + in_quotes(host) + "; give only a host's name or IP address");
}

void check_address(ConfigText& config, const ConfigNode& node, const char* field, const std::string& host) {
  if (is_ip_address(host)) return;
  config.problem(node, field, "is " + in_quotes(host) + "; give an IP address, names are not looked up here");
}

bool is_ip_address(const std::string& text) {
  std::array<unsigned char, sizeof(in6_addr)> out{};
  return inet_pton(AF_INET, text.c_str(), out.data()) == 1 ||
         inet_pton(AF_INET6, text.c_str(), out.data()) == 1;
}

void check_port(ConfigText& config, const ConfigNode& node, std::uint32_t port) {
  config.check_range(node, "port", port, 1, 65535);
}

bool is_loopback(const std::string& host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

}  // namespace davy
