#include "host/app/check_report.hpp"

#include <filesystem>
#include <fstream>

#include "host/api/page_files.hpp"
#include "host/api/tls_identity.hpp"
#include "host/api/trend_text.hpp"
#include "host/app/host_app.hpp"

namespace davy {
namespace {

Status check_readable(const std::string& field, const std::string& file) {
  if (std::ifstream{file}) return {};
  return fail(Errc::bad_config, field + ": " + file + " cannot be read");
}

std::string seconds(Duration d) { return std::to_string(d.count() / 1000) + " s"; }

Result<std::string> broker_lines(const BrokerSettings& broker) {
  std::string out = "broker   " + broker.host + ":" + std::to_string(broker.port) + " as " + broker.client_id;
  if (!broker.tls) return out + "\n         warning: without TLS; for a test on one machine only\n";
  for (const auto& [field, file] : {std::pair{"broker.tls.ca", broker.tls->ca},
                                    {"broker.tls.certificate", broker.tls->certificate},
                                    {"broker.tls.key", broker.tls->key}}) {
    if (auto ok = check_readable(field, file); !ok) return fail(ok.error());
  }
  return out + " over TLS\n";
}

Result<std::string> web_lines(const WebSettings& web, WallTime now) {
  std::string out = "web      https://" + web.address + ":" + std::to_string(web.port) + "/\n";
  if (web.certificate.empty()) {
    out += "         certificate: self-signed, kept in the data folder; browsers will ask about it once\n";
  } else {
    const auto identity = load_identity(web.certificate, web.key);
    if (!identity) return fail(identity.error());
    out += "         certificate: " + web.certificate + " until " + iso_time(identity->expires) + "\n";
    if (identity->expires < now) out += "         warning: it has expired\n";
  }
  const std::string folder = pages_folder(web);
  const auto page = PageFiles::load(folder);
  out += page ? "         page: " + folder + ", " + std::to_string(page->size()) + " files\n"
              : "         warning: no page: " + page.error().message + "\n";
  return out;
}

}  // namespace

Result<std::string> check_report(const HostConfig& config, WallTime now) {
  std::string out = "mine     " + config.mine + "\ndata     " + config.data;
  out += std::filesystem::is_directory(config.data) ? "\n" : ", made at the first start\n";
  const auto broker = broker_lines(config.broker);
  if (!broker) return broker;
  const auto web = web_lines(config.web, now);
  if (!web) return web;
  out += *broker + *web;
  out += "times    late after " + seconds(config.times.late_after) + ", silent after " +
         seconds(config.times.silent_after) + ", blind after " + seconds(config.times.blind_after) +
         ", clock error " + std::to_string(config.times.clock_error.count()) + " ms\n";
  return out;
}

}  // namespace davy
