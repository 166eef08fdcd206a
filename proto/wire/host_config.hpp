#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "proto/base/clock.hpp"
#include "proto/base/result.hpp"
#include "proto/link/mqtt_link.hpp"

// The host's configuration, checked; proto/wire/host_config.proto explains the fields.
namespace davy {

struct BrokerSettings {
  std::string host;
  std::uint16_t port = 8883;
  std::optional<TlsPaths> tls;
  std::string client_id;
  std::uint32_t keep_alive_s = 15;
};

struct WebSettings {
  std::string address = "127.0.0.1";
  std::uint16_t port = 8443;
  std::string certificate;  // empty: one is made in the data folder
  std::string key;
  std::string pages;  // empty: where davy-host was installed
  Duration session_length{std::chrono::hours{12}};
};

struct HostTimes {
  Duration late_after{60000};
  Duration silent_after{20000};
  Duration blind_after{10000};
  Duration clock_error{2000};
};

struct HostConfig {
  std::string mine;
  std::string data;
  BrokerSettings broker;
  WebSettings web;
  HostTimes times;
};

// Errors as in gateway_config.hpp.
Result<HostConfig> parse_host_config(std::string_view text, const std::string& file);
Result<HostConfig> load_host_config(const std::string& file);

}  // namespace davy
