#pragma once

#include <optional>
#include <string>

#include "proto/link/mqtt_link.hpp"
#include "proto/wire/config_text.hpp"

// What the configurations of gateway and host have in common. Not for other folders.
namespace davy {

// A name that becomes part of a topic.
void check_topic_name(ConfigText& config, const ConfigNode& node, const char* field, const std::string& name);
// A host's name or address: no blanks, no port, no scheme.
void check_host(ConfigText& config, const ConfigNode& node, const char* field, const std::string& host);
// The same, and no name: for what must never wait for a name to be looked up.
void check_address(ConfigText& config, const ConfigNode& node, const char* field, const std::string& host);
void check_port(ConfigText& config, const ConfigNode& node, std::uint32_t port);
bool is_ip_address(const std::string& text);
bool is_loopback(const std::string& host);

// The TLS files of `message`, a broker's or uplink's section. They may be left out only on a bench: then the
// broker is on this machine and the port is written down, so that nobody talks in the clear by forgetting
// something.
template <typename Message>
std::optional<TlsPaths> check_tls(ConfigText& config, const ConfigNode& node, const Message& message) {
  if (!message.has_tls()) {
    if (!message.has_port() || !is_loopback(message.host())) {
      config.problem(
          node, "tls",
          "is missing: give ca, certificate and key (only on a bench, with host a loopback address and "
          "port given, it may be left out)");
    }
    return std::nullopt;
  }
  const auto tls = node.child("tls");
  const auto file = [&](const char* field, const std::string& path) {
    if (path.empty()) config.problem(tls, field, "is empty; give the file's path");
    return path_beside(config.file(), path);
  };
  return TlsPaths{file("ca", message.tls().ca()), file("certificate", message.tls().certificate()),
                  file("key", message.tls().key())};
}

}  // namespace davy
