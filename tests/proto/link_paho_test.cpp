#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>

#include "tests/support/link_watch.hpp"
#include "tests/support/mosquitto.hpp"

using namespace davy;
using namespace davy::test;

namespace {

bool has(const std::string& text, const std::string& part) {
  const bool there = text.find(part) != std::string::npos;
  if (!there) MESSAGE(text);
  return there;
}

// Connects and expects it to fail; the reason given.
std::string refusal(const LinkSettings& settings) {
  LinkWatch watch;
  if (const auto begun = watch.link.connect(settings); !begun) return begun.error().message;
  REQUIRE(watch.wait_down(std::chrono::seconds{25}));
  CHECK(watch.ups == 0);
  return watch.downs.at(0);
}

}  // namespace

TEST_CASE("paho link: messages over TLS with certificates, retained ones marked, PUBACKs by token") {
  const auto broker = Mosquitto::start({});
  if (!broker) return;
  LinkWatch gateway;
  REQUIRE(gateway.link.connect(broker->settings("g1")));
  CHECK_FALSE(gateway.link.publish(1, "davy/m/g1/block", "too early", false));
  REQUIRE(gateway.wait_up());
  REQUIRE(gateway.link.publish(1, "davy/m/g1/birth", "a birth", true));
  REQUIRE(gateway.wait([&] { return !gateway.sent.empty(); }));

  LinkWatch host;
  REQUIRE(host.link.connect(broker->settings("davy-host")));
  REQUIRE(host.wait_up());
  REQUIRE(host.link.subscribe("davy/m/+/birth"));
  REQUIRE(host.link.subscribe("davy/m/+/block"));
  REQUIRE(host.wait([&] { return host.messages.size() == 1; }));
  CHECK(host.messages[0].topic == "davy/m/g1/birth");
  CHECK(host.messages[0].payload == "a birth");
  CHECK(host.messages[0].retained);

  const std::string binary{"\0\xFF block", 8};
  const std::string large(300'000, 'b');
  REQUIRE(gateway.link.publish(2, "davy/m/g1/block", binary, false));
  REQUIRE(gateway.link.publish(3, "davy/m/g1/block", large, false));
  REQUIRE(gateway.link.publish(4, "davy/m/g1/block", "", false));
  REQUIRE(host.wait([&] { return host.messages.size() == 4; }));
  CHECK(host.messages[1].payload == binary);
  CHECK(host.messages[2].payload == large);
  CHECK(host.messages[3].payload.empty());
  CHECK_FALSE(host.messages[1].retained);
  REQUIRE(gateway.wait([&] { return gateway.sent.size() == 4; }));
  CHECK(gateway.sent == std::vector<std::uint64_t>{1, 2, 3, 4});
  CHECK_FALSE(gateway.link.publish(5, "davy/m/g1/block", std::string(link_payload_max + 1, 'x'), false));

  // MQTT 5, clean start, half the keep-alive, and who it is by its certificate.
  CHECK(broker->wait_for_log("as g1 (p5, c1, k7, u'g1')"));
  gateway.link.disconnect();
  gateway.poll();
  CHECK(gateway.downs.empty());
}

TEST_CASE("paho link: a window of a thousand messages at once, also past the broker's own limit") {
  for (const char* extra : {"max_inflight_messages 0\n", ""}) {
    const auto broker = Mosquitto::start({.tls = false, .extra = extra});
    if (!broker) return;
    LinkWatch host;
    REQUIRE(host.link.connect(broker->settings("davy-host")));
    REQUIRE(host.wait_up());
    REQUIRE(host.link.subscribe("t"));
    LinkWatch gateway;
    REQUIRE(gateway.link.connect(broker->settings("g1")));
    REQUIRE(gateway.wait_up());
    for (std::uint64_t i = 0; i < 1000; ++i) {
      REQUIRE(gateway.link.publish(i, "t", std::to_string(i) + std::string(500, ' '), false));
    }
    REQUIRE(gateway.wait([&] { return gateway.sent.size() == 1000; }));
    REQUIRE(host.wait([&] { return host.messages.size() == 1000; }));
    CHECK(gateway.downs.empty());
  }
}

TEST_CASE("paho link: the will is sent when a client vanishes, and not when it says good-bye") {
  const auto broker = Mosquitto::start({.tls = false});
  if (!broker) return;
  LinkWatch host;
  REQUIRE(host.link.connect(broker->settings("davy-host")));
  REQUIRE(host.wait_up());
  REQUIRE(host.link.subscribe("davy/#"));
  auto settings = broker->settings("g1");
  settings.will_topic = "davy/m/g1/state";
  settings.will_payload = "connection lost";
  LinkWatch first;
  REQUIRE(first.link.connect(settings));
  REQUIRE(first.wait_up());

  SUBCASE("thrown out by a client of the same name") {
    LinkWatch second;
    REQUIRE(second.link.connect(settings));
    REQUIRE(first.wait_down());
    CHECK(has(first.downs[0], "same name"));
    CHECK_FALSE(first.link.publish(1, "t", "", false));
    REQUIRE(host.wait([&] { return host.messages.size() == 1; }));
    CHECK(host.messages[0].payload == "connection lost");
    second.link.disconnect();
  }
  SUBCASE("good-bye") {
    first.link.disconnect();
    LinkWatch other;
    REQUIRE(other.link.connect(broker->settings("g2")));
    REQUIRE(other.wait_up());
    REQUIRE(other.link.publish(1, "davy/marker", "", false));
    REQUIRE(host.wait([&] { return !host.messages.empty(); }));
    CHECK(host.messages[0].topic == "davy/marker");
  }
  host.link.disconnect();
  LinkWatch late;
  REQUIRE(late.link.connect(broker->settings("davy-host")));
}

TEST_CASE("paho link: wrong certificates and names are refused, with the reason and the file") {
  const auto broker = Mosquitto::start({});
  if (!broker) return;
  auto settings = broker->settings("g1");
  const TlsPaths good = *settings.tls;
  const auto fresh = [&](const std::string& name, const std::string& text) {
    std::ofstream{broker->file(name)} << text;
    return broker->file(name);
  };
  SUBCASE("ours by a strange authority") {
    settings.tls = broker->strange_certificate("g1");
    const auto why = refusal(settings);
    CHECK(has(why, "refuses our certificate"));
    CHECK(has(why, "other-g1.crt"));
  }
  SUBCASE("the broker's by a strange authority") {
    broker->strange_certificate("g1");
    settings.tls->ca = broker->file("other-ca.crt");
    const auto why = refusal(settings);
    CHECK(has(why, "not vouched for by " + broker->file("other-ca.crt")));
  }
  SUBCASE("the broker's for another name") {
    settings.host = "127.0.0.1";
    CHECK(has(refusal(settings), "is for localhost, not for 127.0.0.1"));
  }
  SUBCASE("a file is missing") {
    settings.tls->key = broker->file("nowhere.key");
    LinkWatch watch;
    const auto begun = watch.link.connect(settings);
    REQUIRE_FALSE(begun);
    CHECK(begun.error().code == Errc::bad_config);
    CHECK(has(begun.error().message, "nowhere.key: No such file"));
  }
  SUBCASE("a file is no certificate") {
    settings.tls->ca = fresh("junk.crt", "not a certificate");
    CHECK(has(refusal(settings), "junk.crt: is not a certificate"));
  }
  SUBCASE("a key of another certificate") {
    settings.tls->key = broker->certificate("g2").key;
    CHECK(has(refusal(settings), "g2.key: does not belong to the certificate " + good.certificate));
  }
  SUBCASE("a key with a password") {
    run_command("openssl ec -in " + good.key + " -aes128 -passout pass:secret -out " +
                broker->file("locked.key"));
    settings.tls->key = broker->file("locked.key");
    CHECK(has(refusal(settings), "locked.key: is not a private key in PEM format without password"));
  }
  SUBCASE("no certificate at all: plain TCP to a TLS port") {
    settings.tls.reset();
    CHECK(has(refusal(settings), "does it expect TLS"));
  }
}

TEST_CASE("paho link: what the access rules forbid takes the link down, in words") {
  const auto broker = Mosquitto::start({});
  if (!broker) return;
  LinkWatch watch;
  REQUIRE(watch.link.connect(broker->settings("g1")));
  REQUIRE(watch.wait_up());
  REQUIRE(watch.link.publish(1, "davy/m/g2/block", "not mine", false));
  REQUIRE(watch.wait_down());
  CHECK(has(watch.downs[0], "refuses our message to davy/m/g2/block"));
  CHECK(has(watch.downs[0], "Not authorized"));
  CHECK(watch.sent.empty());
}

TEST_CASE("paho link: refused and unreachable brokers are told apart") {
  struct Row {
    const char* host;
    std::uint16_t port;
    const char* reason;
  };
  constexpr Row rows[] = {
      {"127.0.0.1", 1, "127.0.0.1:1: connection refused"},
      {"no-such-broker.invalid", 8883, "the name cannot be resolved"},
      {"::1", 1, "[::1]:1: "},
  };
  for (const Row& row : rows) {
    const auto why = refusal({.host = row.host, .port = row.port, .client_id = "g1"});
    INFO(why);
    CHECK(has(why, row.reason));
  }
  LinkWatch watch;
  CHECK_FALSE(watch.link.connect({.client_id = "g1"}));
}

TEST_CASE("paho link: a broker that dies or freezes is noticed within the keep-alive") {
  const auto broker = Mosquitto::start({.tls = false});
  if (!broker) return;
  auto settings = broker->settings("g1");
  settings.keep_alive_s = 4;
  LinkWatch watch;
  REQUIRE(watch.link.connect(settings));
  REQUIRE(watch.wait_up());
  SUBCASE("killed with messages under way, and back again") {
    for (std::uint64_t i = 0; i < 200; ++i) {
      REQUIRE(watch.link.publish(i, "t", std::string(20'000, 'x'), false));
    }
    broker->kill();
    REQUIRE(watch.wait_down(std::chrono::seconds{4}));
    CHECK(has(watch.downs[0], "connection lost"));
    CHECK_FALSE(watch.link.publish(999, "t", "", false));
    broker->restart();
    REQUIRE(watch.link.connect(settings));
    watch.ups = 0;
    watch.downs.clear();
    watch.sent.clear();
    REQUIRE(watch.wait_up());
    REQUIRE(watch.link.publish(1000, "t", "again", false));
    REQUIRE(watch.wait([&] { return !watch.sent.empty(); }));
    CHECK(watch.sent == std::vector<std::uint64_t>{1000});  // nothing of the first connection is left
  }
  SUBCASE("frozen") {
    const SystemClock clock;
    REQUIRE(watch.link.publish(1, "t", "", false));
    REQUIRE(watch.wait([&] { return !watch.sent.empty(); }));
    const auto begin = clock.steady();
    broker->freeze();
    REQUIRE(watch.wait_down(std::chrono::seconds{10}));
    const auto waited = clock.steady() - begin;
    MESSAGE("noticed after ", waited.count(), " ms with a keep-alive of 4 s");
    CHECK(waited < Duration{5500});
    broker->thaw();
  }
}

TEST_CASE("paho link: more than may wait takes the link down instead of losing it silently") {
  const auto broker = Mosquitto::start({.tls = false});
  if (!broker) return;
  LinkWatch gateway;
  REQUIRE(gateway.link.connect(broker->settings("g1")));
  REQUIRE(gateway.wait_up());
  const auto flood = [&](std::size_t size) {
    gateway.sent.clear();
    for (std::uint64_t i = 0; i < 100; ++i)
      REQUIRE(gateway.link.publish(i, "t", std::string(size, 'x'), false));
    REQUIRE(gateway.wait([&] { return gateway.sent.size() == 100; }));
  };
  for (const PahoLimits limits : {PahoLimits{.events_max = 20}, PahoLimits{.bytes_max = 30'000}}) {
    LinkWatch host{limits};
    REQUIRE(host.link.connect(broker->settings("davy-host")));
    REQUIRE(host.wait_up());
    REQUIRE(host.link.subscribe("t"));
    flood(1000);  // a subscription may still be under way: the first flood makes sure of it
    host.wait([&] { return !host.downs.empty(); }, Duration{200});
    if (host.downs.empty()) flood(1000);
    REQUIRE(host.wait_down());
    CHECK(has(host.downs[0], "more messages came"));
    CHECK(host.messages.size() <= 30);
  }
  LinkWatch host{{.bytes_max = 1000}};
  REQUIRE(host.link.connect(broker->settings("davy-host")));
  REQUIRE(host.wait_up());
  REQUIRE(host.link.subscribe("one"));
  REQUIRE(gateway.link.publish(1, "one", std::string(50'000, 'x'), true));
  REQUIRE(host.wait([&] { return host.messages.size() == 1; }));  // a single one always has room
}

TEST_CASE("paho link: connecting and parting many times leaves nothing behind, and ends quickly") {
  const auto broker = Mosquitto::start({.tls = false});
  if (!broker) return;
  const SystemClock clock;
  LinkWatch watch;
  const auto begin = clock.steady();
  for (int i = 0; i < 20; ++i) {
    watch.ups = 0;
    REQUIRE(watch.link.connect(broker->settings("g1")));
    if (i % 3 == 0) continue;  // connect() again before it came up
    REQUIRE(watch.wait_up());
    REQUIRE(watch.link.publish(1, "t", "x", false));
    watch.link.disconnect();
  }
  const auto took = clock.steady() - begin;
  MESSAGE("20 connections took ", took.count(), " ms");
  CHECK(watch.downs.empty());
}
