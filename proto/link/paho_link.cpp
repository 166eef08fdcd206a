#include "proto/link/paho_link.hpp"

#include <algorithm>
#include <atomic>
#include <deque>
#include <system_error>
#include <thread>

#include <MQTTAsync.h>

#include "proto/link/link_diagnosis.hpp"
#include "proto/link/link_mailbox.hpp"
#include "proto/link/tls_check.hpp"

namespace davy {
namespace {

constexpr int connect_wait_s = 10;
constexpr int in_flight_max = 65535;  // every window is the owner's; the broker may say less when we connect
constexpr int packet_overhead_max = 64 * 1024;

// The library keeps its list of commands under two locks and takes them apart under one of them.
std::mutex library;

std::string where(const LinkSettings& s) {
  const bool bare_v6 = s.host.find(':') != std::string::npos && !s.host.starts_with('[');
  return (bare_v6 ? "[" + s.host + "]" : s.host) + ":" + std::to_string(s.port);
}

std::string name_of(int reason_code) {
  const char* name = MQTTReasonCode_toString(static_cast<MQTTReasonCodes>(reason_code));
  return name != nullptr ? name : "reason code " + std::to_string(reason_code);
}

constexpr bool is_refusal(int reason_code) { return reason_code >= MQTTREASONCODE_UNSPECIFIED_ERROR; }

struct Properties {
  ~Properties() { MQTTProperties_free(&all); }
  void add(MQTTPropertyCodes code, unsigned value) {
    MQTTProperty property{};
    property.identifier = code;
    if (code == MQTTPROPERTY_CODE_RECEIVE_MAXIMUM) {
      property.value.integer2 = static_cast<unsigned short>(value);
    } else {
      property.value.integer4 = value;
    }
    MQTTProperties_add(&all, &property);
  }
  MQTTProperties all = MQTTProperties_initializer;
};

}  // namespace

// The library ends its threads with its last client, and waits for that; so one idle client stays.
struct PahoLink::Anchor {
  Anchor() {
    const std::lock_guard lock{library};
    MQTTAsync_create(&client, "tcp://localhost:1", "anchor", MQTTCLIENT_PERSISTENCE_NONE, nullptr);
  }
  ~Anchor() {
    const std::lock_guard lock{library};
    MQTTAsync_destroy(&client);
  }
  Anchor(const Anchor&) = delete;
  Anchor& operator=(const Anchor&) = delete;
  MQTTAsync client = nullptr;
};

// What the library's threads point to while they run a connection. They are done with it when the destructor
// returns.
struct PahoLink::Session {
  // What one message is remembered by until its PUBACK; used again for later ones.
  struct Publication {
    Session* session = nullptr;
    std::uint64_t token = 0;
    std::string topic;
  };

  Session(LinkSettings s, const PahoLimits& limits, std::function<void()> wake)
      : settings{std::move(s)},
        mailbox{std::make_shared<LinkMailbox>(limits.events_max, limits.bytes_max, std::move(wake))} {}
  ~Session() {
    mailbox->close();
    const std::lock_guard lock{library};
    if (client != nullptr) MQTTAsync_destroy(&client);
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  struct Message {
    std::uint64_t token = 0;
    std::string topic;
    std::string payload;
    bool retained = false;
  };

  Status create();
  Status connect();
  void end(const std::string& why) {
    up = false;
    mailbox->end(where(settings) + ": " + why);
  }
  void end_after_diagnosis();
  Status send(std::uint64_t token, std::string_view topic, std::string_view payload, bool retained);
  void send_waiting();
  Publication* take_publication(std::uint64_t token, std::string_view topic);
  void give_back(Publication* publication);

  // Called by the library on its own threads.
  static void on_connected(void* session, MQTTAsync_successData5* data) noexcept;
  static void on_refused(void* session, MQTTAsync_failureData5* data) noexcept;
  static void on_lost(void* session, char*) noexcept;
  static void on_goodbye(void* session, MQTTProperties*, MQTTReasonCodes code) noexcept;
  static int on_message(void* session, char* topic, int topic_size, MQTTAsync_message* message) noexcept;
  static void on_sent(void* publication, MQTTAsync_successData5*) noexcept;
  static void on_not_sent(void* publication, MQTTAsync_failureData5* data) noexcept;
  static void on_not_subscribed(void* session, MQTTAsync_failureData5* data) noexcept;

  const LinkSettings settings;
  const std::shared_ptr<LinkMailbox> mailbox;  // shared with a diagnosis that may outlast us
  MQTTAsync client = nullptr;
  std::atomic<bool> up = false;
  // How many messages the broker takes without having answered. Given more, the library looks only once a
  // second whether it may go on: so it never gets more, and the rest waits here, for the polling thread.
  std::atomic<std::size_t> broker_window = in_flight_max;
  std::size_t under_way = 0;
  std::deque<Message> waiting;
  std::mutex mutex;
  std::vector<std::unique_ptr<Publication>> publications;
  std::vector<Publication*> idle;
};

Status PahoLink::Session::create() {
  MQTTAsync_createOptions options = MQTTAsync_createOptions_initializer5;
  options.maxBufferedMessages = in_flight_max;
  const std::lock_guard lock{library};
  const std::string uri = (settings.tls ? "ssl://" : "tcp://") + where(settings);
  const int code = MQTTAsync_createWithOptions(&client, uri.c_str(), settings.client_id.c_str(),
                                               MQTTCLIENT_PERSISTENCE_NONE, nullptr, &options);
  if (code != MQTTASYNC_SUCCESS) return fail(Errc::bad_config, uri + ": " + MQTTAsync_strerror(code));
  MQTTAsync_setCallbacks(client, this, on_lost, on_message, nullptr);
  MQTTAsync_setDisconnected(client, this, on_goodbye);
  return {};
}

Status PahoLink::Session::connect() {
  MQTTAsync_connectOptions options = MQTTAsync_connectOptions_initializer5;
  // The library finds a silent broker after one interval of idling and one of waiting, looking once a second.
  options.keepAliveInterval = static_cast<int>(std::max(3U, settings.keep_alive_s) - 1) / 2;
  options.connectTimeout = connect_wait_s;
  options.cleanstart = 1;
  options.automaticReconnect = 0;
  options.maxInflight = in_flight_max;
  options.onSuccess5 = on_connected;
  options.onFailure5 = on_refused;
  options.context = this;

  Properties properties;
  properties.add(MQTTPROPERTY_CODE_RECEIVE_MAXIMUM, in_flight_max);
  properties.add(MQTTPROPERTY_CODE_MAXIMUM_PACKET_SIZE, link_payload_max + packet_overhead_max);
  options.connectProperties = &properties.all;

  MQTTAsync_willOptions will = MQTTAsync_willOptions_initializer;
  will.topicName = settings.will_topic.c_str();
  will.payload.data = settings.will_payload.data();
  will.payload.len = static_cast<int>(settings.will_payload.size());
  will.retained = 1;
  will.qos = 1;
  if (!settings.will_topic.empty()) options.will = &will;

  MQTTAsync_SSLOptions tls = MQTTAsync_SSLOptions_initializer;
  if (settings.tls) {
    tls.trustStore = settings.tls->ca.c_str();
    tls.keyStore = settings.tls->certificate.c_str();
    tls.privateKey = settings.tls->key.c_str();
    tls.enableServerCertAuth = 1;
    tls.verify = 1;  // the name in the certificate, too
    tls.disableDefaultTrustStore = 1;
    options.ssl = &tls;
  }
  const std::lock_guard lock{library};
  const int code = MQTTAsync_connect(client, &options);
  if (code == MQTTASYNC_SUCCESS) return {};
  return fail(Errc::bad_config, where(settings) + ": connect: " + MQTTAsync_strerror(code));
}

// The library says "it failed" and not why. Trying again takes seconds, so it has a thread of its own; nobody
// waits for that one, since a name server may keep it for longer than the link lives.
void PahoLink::Session::end_after_diagnosis() {
  up = false;
  const auto look = [box = mailbox, s = settings] {
    std::string why = why_unreachable(s);
    if (why.empty() && s.tls)
      why = "the connection broke off while shaking hands, but a second try got through";
    if (why.empty()) why = "the broker took the connection but no MQTT: does it expect TLS on this port?";
    box->end(where(s) + ": " + why);
  };
  try {
    std::thread{look}.detach();
  } catch (const std::system_error& e) {
    end(std::string{"cannot connect; no thread to find out why: "} + e.what());
  }
}

Status PahoLink::Session::send(std::uint64_t token, std::string_view topic, std::string_view payload,
                               bool retained) {
  Publication* publication = take_publication(token, topic);
  MQTTAsync_responseOptions options = MQTTAsync_responseOptions_initializer;
  options.onSuccess5 = on_sent;
  options.onFailure5 = on_not_sent;
  options.context = publication;
  const std::lock_guard lock{library};
  const int code = MQTTAsync_send(client, publication->topic.c_str(), static_cast<int>(payload.size()),
                                  payload.data(), 1, retained ? 1 : 0, &options);
  if (code == MQTTASYNC_SUCCESS) {
    ++under_way;
    return {};
  }
  give_back(publication);
  const bool down = code == MQTTASYNC_DISCONNECTED;
  return fail(down ? Errc::disconnected : Errc::full, std::string{"publish: "} + MQTTAsync_strerror(code));
}

void PahoLink::Session::send_waiting() {
  while (!waiting.empty() && under_way < broker_window) {
    const Message& next = waiting.front();
    if (auto sent = send(next.token, next.topic, next.payload, next.retained); !sent) {
      if (sent.error().code != Errc::disconnected) end(sent.error().message);
      return;  // the link is going down, and everything that waits with it
    }
    waiting.pop_front();
  }
}

PahoLink::Session::Publication* PahoLink::Session::take_publication(std::uint64_t token,
                                                                    std::string_view topic) {
  const std::lock_guard lock{mutex};
  if (idle.empty()) {
    publications.push_back(std::make_unique<Publication>());
    idle.push_back(publications.back().get());
  }
  Publication* publication = idle.back();
  idle.pop_back();
  publication->session = this;
  publication->token = token;
  publication->topic = topic;
  return publication;
}

void PahoLink::Session::give_back(Publication* publication) {
  const std::lock_guard lock{mutex};
  idle.push_back(publication);
}

void PahoLink::Session::on_connected(void* context, MQTTAsync_successData5* data) noexcept {
  auto& session = *static_cast<Session*>(context);
  if (MQTTProperties_hasProperty(&data->properties, MQTTPROPERTY_CODE_RECEIVE_MAXIMUM) != 0) {
    const int told = MQTTProperties_getNumericValue(&data->properties, MQTTPROPERTY_CODE_RECEIVE_MAXIMUM);
    session.broker_window = static_cast<std::size_t>(std::max(1, told));
  }
  session.up = true;
  session.mailbox->deliver(LinkUp{});
}

void PahoLink::Session::on_refused(void* context, MQTTAsync_failureData5* data) noexcept {
  auto& session = *static_cast<Session*>(context);
  if (is_refusal(data->code)) return session.end("the broker refuses us: " + name_of(data->code));
  if (data->code == 1) return session.end("the broker does not speak MQTT 5");  // how 3.1.1 brokers say it
  session.end_after_diagnosis();
}

// Also for a broker's good-bye of one byte, which this library takes for a broken packet.
void PahoLink::Session::on_lost(void* context, char*) noexcept {
  static_cast<Session*>(context)->end(
      "connection lost: network or broker gone or silent, or another client of the same name");
}

void PahoLink::Session::on_goodbye(void* context, MQTTProperties*, MQTTReasonCodes code) noexcept {
  const std::string twin =
      code == MQTTREASONCODE_SESSION_TAKEN_OVER ? " by another client of the same name" : "";
  static_cast<Session*>(context)->end("the broker closed the connection: " + name_of(code) + twin);
}

int PahoLink::Session::on_message(void* context, char* topic, int topic_size,
                                  MQTTAsync_message* message) noexcept {
  auto& session = *static_cast<Session*>(context);
  LinkMessage out;
  out.topic = topic_size > 0 ? std::string(topic, static_cast<std::size_t>(topic_size)) : std::string{topic};
  out.payload.assign(static_cast<const char*>(message->payload),
                     static_cast<std::size_t>(message->payloadlen));
  out.retained = message->retained != 0;
  MQTTAsync_freeMessage(&message);
  MQTTAsync_free(topic);
  if (out.payload.size() <= link_payload_max) {
    session.mailbox->deliver(std::move(out));
  } else {
    session.end("a message of " + std::to_string(out.payload.size()) + " bytes on " + out.topic +
                " is too big");
  }
  return 1;
}

void PahoLink::Session::on_sent(void* context, MQTTAsync_successData5*) noexcept {
  auto* publication = static_cast<Publication*>(context);
  Session& session = *publication->session;
  session.mailbox->deliver(LinkSent{publication->token});
  session.give_back(publication);
}

void PahoLink::Session::on_not_sent(void* context, MQTTAsync_failureData5* data) noexcept {
  auto* publication = static_cast<Publication*>(context);
  Session& session = *publication->session;
  if (is_refusal(data->reasonCode)) {
    session.end("the broker refuses our message to " + publication->topic + ": " + name_of(data->reasonCode));
  } else if (data->code != MQTTASYNC_OPERATION_INCOMPLETE) {  // that one comes with the end of a connection
    session.end("connection lost while sending to " + publication->topic);
  }
  session.give_back(publication);
}

void PahoLink::Session::on_not_subscribed(void* context, MQTTAsync_failureData5* data) noexcept {
  auto& session = *static_cast<Session*>(context);
  if (is_refusal(data->reasonCode))
    session.end("the broker refuses a subscription: " + name_of(data->reasonCode));
}

PahoLink::PahoLink(std::function<void()> wake, PahoLimits limits) : wake_{std::move(wake)}, limits_{limits} {}

PahoLink::~PahoLink() { disconnect(); }

Status PahoLink::connect(const LinkSettings& settings) {
  disconnect();
  if (settings.host.empty()) return fail(Errc::bad_config, "the broker's host is not named");
  if (settings.tls) {
    if (auto usable = check_tls_files(*settings.tls); !usable) return usable;
  }
  if (!anchor_) anchor_ = std::make_unique<Anchor>();
  auto session = std::make_unique<Session>(settings, limits_, wake_);
  if (auto made = session->create(); !made) return made;
  if (auto begun = session->connect(); !begun) return begun;
  session_ = std::move(session);
  return {};
}

void PahoLink::disconnect() { session_.reset(); }

Status PahoLink::publish(std::uint64_t token, std::string_view topic, std::string_view payload,
                         bool retained) {
  if (!session_ || !session_->up) return fail(Errc::disconnected, "publish: the link is down");
  if (payload.size() > link_payload_max) {
    return fail(Errc::bad_data, "publish: " + std::to_string(payload.size()) + " bytes are more than " +
                                    std::to_string(link_payload_max));
  }
  if (session_->under_way < session_->broker_window && session_->waiting.empty()) {
    return session_->send(token, topic, payload, retained);
  }
  session_->waiting.push_back({token, std::string{topic}, std::string{payload}, retained});
  return {};
}

Status PahoLink::subscribe(std::string_view filter) {
  if (!session_ || !session_->up) return fail(Errc::disconnected, "subscribe: the link is down");
  MQTTAsync_responseOptions options = MQTTAsync_responseOptions_initializer;
  options.onFailure5 = Session::on_not_subscribed;
  options.context = session_.get();
  const std::lock_guard lock{library};
  const int code = MQTTAsync_subscribe(session_->client, std::string{filter}.c_str(), 1, &options);
  if (code == MQTTASYNC_SUCCESS) return {};
  return fail(Errc::disconnected, std::string{"subscribe: "} + MQTTAsync_strerror(code));
}

void PahoLink::poll(std::vector<LinkEvent>& out) {
  out.clear();
  if (!session_) return;
  if (session_->mailbox->drain(out)) return session_.reset();
  const auto answered =
      std::ranges::count_if(out, [](const LinkEvent& e) { return std::holds_alternative<LinkSent>(e); });
  session_->under_way -= static_cast<std::size_t>(answered);
  session_->send_waiting();
}

}  // namespace davy
