#include "tests/support/mosquitto.hpp"

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

// Read by the leak checker where there is one. Paho forgets the message it is writing when the connection
// breaks.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() { return "leak:libpaho-mqtt3as"; }

namespace davy::test {
namespace {

namespace fs = std::filesystem;

std::string path_of(const std::string& program) {
  for (const char* folder : {"/usr/sbin/", "/usr/bin/", "/usr/local/sbin/", "/usr/local/bin/"}) {
    if (fs::exists(folder + program)) return folder + program;
  }
  return {};
}

std::uint16_t free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  REQUIRE(::bind(socket, reinterpret_cast<sockaddr*>(&address), size) == 0);
  REQUIRE(::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  ::close(socket);
  return ntohs(address.sin_port);
}

constexpr const char* key_of = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";

}  // namespace

std::string run_command(const std::string& command) {
  std::string out;
  FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::array<char, 4096> buffer{};
  for (std::size_t n = 0; (n = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;)
    out.append(buffer.data(), n);
  const int status = ::pclose(pipe);
  INFO(command << "\n" << out);
  REQUIRE(WIFEXITED(status));
  REQUIRE(WEXITSTATUS(status) == 0);
  return out;
}

std::unique_ptr<Mosquitto> Mosquitto::start(const Setup& setup) {
  if (path_of("mosquitto").empty() || path_of("openssl").empty()) {
    MESSAGE("skipped: mosquitto or openssl is not installed");
    return nullptr;
  }
  std::unique_ptr<Mosquitto> broker{new Mosquitto};
  broker->prepare(setup);
  broker->launch();
  return broker;
}

void Mosquitto::prepare(const Setup& setup) {
  std::string name = "/tmp/davy-broker-XXXXXX";
  folder_ = ::mkdtemp(name.data());
  port_ = free_port();
  tls_ = setup.tls;
  news_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  std::ofstream config{file("mosquitto.conf")};
  config << "listener " << port_ << " 127.0.0.1\n"
         << "user root\nlog_dest stderr\nlog_type error\nlog_type warning\nlog_type notice\nlog_type "
            "information\n"
         << setup.extra << "\n";
  if (!tls_) {
    config << "allow_anonymous true\n";
    return;
  }
  make_authority("ca");
  make_certificate("ca", "server", "localhost");
  config << "cafile " << file("ca.crt") << "\ncertfile " << file("server.crt") << "\nkeyfile "
         << file("server.key") << "\nacl_file " << file("acl") << "\n";
  if (setup.certificates_required) config << "require_certificate true\nuse_identity_as_username true\n";
  if (!setup.certificates_required) config << "allow_anonymous true\n";
  std::ofstream{file("acl")} << "pattern readwrite davy/m/%u/#\n\nuser davy-host\ntopic readwrite davy/#\n";
}

void Mosquitto::launch() {
  std::array<int, 2> ends{};
  REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
  process_ = ::fork();
  REQUIRE(process_ >= 0);
  if (process_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // a test that crashes leaves no broker behind
    ::dup2(ends[1], STDERR_FILENO);
    ::dup2(ends[1], STDOUT_FILENO);
    const std::string program = path_of("mosquitto");
    const std::string config = file("mosquitto.conf");
    ::execl(program.c_str(), program.c_str(), "-c", config.c_str(), nullptr);
    ::_exit(127);
  }
  ::close(ends[1]);
  output_ = ends[0];
  {
    const std::lock_guard lock{mutex_};
    log_.clear();
  }
  reader_ = std::thread{[this] {
    std::array<char, 4096> buffer{};
    for (ssize_t n = 0; (n = ::read(output_, buffer.data(), buffer.size())) > 0;) {
      {
        const std::lock_guard lock{mutex_};
        log_.append(buffer.data(), static_cast<std::size_t>(n));
      }
      ::eventfd_write(news_, 1);
    }
  }};
  INFO(log());
  REQUIRE(wait_for_log("running"));
}

void Mosquitto::kill() {
  if (process_ < 0) return;
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
  process_ = -1;
  reader_.join();
  ::close(output_);
}

void Mosquitto::restart() { launch(); }
void Mosquitto::freeze() { ::kill(process_, SIGSTOP); }
void Mosquitto::thaw() { ::kill(process_, SIGCONT); }

Mosquitto::~Mosquitto() {
  kill();
  if (news_ >= 0) ::close(news_);
  std::error_code ignored;
  if (!folder_.empty()) fs::remove_all(folder_, ignored);
}

std::string Mosquitto::log() const {
  const std::lock_guard lock{mutex_};
  return log_;
}

bool Mosquitto::wait_for_log(std::string_view text, int wait_ms) const {
  constexpr int look_ms = 50;
  for (int waited = 0; waited <= wait_ms; waited += look_ms) {
    if (log().find(text) != std::string::npos) return true;
    pollfd news{.fd = news_, .events = POLLIN, .revents = 0};
    ::poll(&news, 1, look_ms);
    eventfd_t count = 0;
    ::eventfd_read(news_, &count);
  }
  return log().find(text) != std::string::npos;
}

void Mosquitto::make_authority(const std::string& name) {
  run_command("openssl req -x509 " + std::string{key_of} + " -keyout " + file(name + ".key") + " -out " +
              file(name + ".crt") + " -days 30 -subj /CN=davy-test-" + name);
}

void Mosquitto::make_certificate(const std::string& authority, const std::string& name,
                                 const std::string& subject) {
  const std::string request = file(name + ".csr");
  run_command("openssl req " + std::string{key_of} + " -keyout " + file(name + ".key") + " -out " + request +
              " -subj /CN=" + subject);
  std::ofstream{file(name + ".ext")} << "subjectAltName=DNS:localhost\n";
  run_command("openssl x509 -req -in " + request + " -CA " + file(authority + ".crt") + " -CAkey " +
              file(authority + ".key") + " -CAcreateserial -days 30 -out " + file(name + ".crt") +
              " -extfile " + file(name + ".ext"));
}

TlsPaths Mosquitto::certificate(const std::string& name) {
  if (!fs::exists(file(name + ".crt"))) make_certificate("ca", name, name);
  return {file("ca.crt"), file(name + ".crt"), file(name + ".key")};
}

TlsPaths Mosquitto::strange_certificate(const std::string& name) {
  if (!fs::exists(file("other-ca.crt"))) make_authority("other-ca");
  if (!fs::exists(file("other-" + name + ".crt"))) make_certificate("other-ca", "other-" + name, name);
  return {file("ca.crt"), file("other-" + name + ".crt"), file("other-" + name + ".key")};
}

LinkSettings Mosquitto::settings(const std::string& client) {
  LinkSettings out{.host = "localhost", .port = port_, .client_id = client};
  if (tls_) out.tls = certificate(client);
  return out;
}

std::string Mosquitto::client_arguments(const std::string& client) {
  std::string out = " -h localhost -p " + std::to_string(port_) + " -i " + client;
  if (!tls_) return out;
  const TlsPaths files = certificate(client);
  return out + " --cafile " + files.ca + " --cert " + files.certificate + " --key " + files.key;
}

}  // namespace davy::test
