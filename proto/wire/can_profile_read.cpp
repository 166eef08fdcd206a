#include "proto/wire/can_profile_read.hpp"

#include <algorithm>
#include <set>

#include "proto/wire/limits.hpp"
#include "proto/wire/profile_checks.hpp"
#include "proto/wire/text_rules.hpp"

namespace davy {
namespace {

constexpr std::uint64_t period_ms_max = 3600 * 1000;
constexpr std::uint64_t periods_max = 100;
constexpr std::uint64_t node_max = 127;
constexpr std::uint64_t signal_bits = 64;

class CanProfileCheck {
 public:
  CanProfileCheck(const wire::CanProfile& in, const ConfigNode& node, ConfigText& config)
      : in_{in}, node_{node}, config_{config} {}

  void run() {
    if (in_.has_dbc() && in_.dbc().empty()) config_.problem(node_, "dbc", "is empty; name the DBC file");
    if (in_.has_canopen() && in_.has_j1939()) {
      config_.problem(node_, "j1939", "a device speaks CANopen or J1939, not both; leave one out");
    }
    if (in_.has_canopen()) check_canopen(in_.canopen(), node_.child("canopen"));
    if (in_.signal_size() == 0) config_.problem(node_, "signal", "is missing: a device has at least one");
    for (int i = 0; i < in_.signal_size(); ++i) check_signal(in_.signal(i), node_.child("signal", i));
    for (int i = 0; i < in_.status_size(); ++i) check_status(in_.status(i), node_.child("status", i));
  }

 private:
  void check_canopen(const wire::CanOpenNode& canopen, const ConfigNode& node) {
    config_.check_range(node, "dbc_node", canopen.dbc_node(), 1, node_max);
    if (canopen.has_heartbeat_ms()) {
      config_.check_range(node, "heartbeat_ms", canopen.heartbeat_ms(), 1, period_ms_max);
    }
  }

  // What signals and statuses have in common.
  template <typename Message>
  void check_source(const Message& in, const ConfigNode& node) {
    if (in.has_message() && in.message().empty()) {
      config_.problem(node, "message", "is empty; take the name from the DBC file");
    }
    if (in.has_signal() && in.signal().empty()) {
      config_.problem(node, "signal", "is empty; take the name from the DBC file");
    }
    if (in.has_period_ms()) config_.check_range(node, "period_ms", in.period_ms(), 1, period_ms_max);
    config_.check_range(node, "periods", in.periods(), 1, periods_max);
  }

  void check_signal(const wire::CanSignal& in, const ConfigNode& node) {
    if (in.has_name()) {
      if (!is_profile_name(in.name())) {
        config_.problem(node, "name",
                        "must be 1 to 64 letters, digits, - _ or . and start with a letter or digit");
      }
      if (std::ranges::find(names_, in.name()) != names_.end())
        config_.problem(node, "name", in_quotes(in.name()) + " is already the name of another signal");
      names_.push_back(in.name());
    }
    check_source(in, node);
    if (in.has_range_low() && in.has_range_high() && !(in.range_low() < in.range_high())) {
      config_.problem(
          node, "range_low",
          "is " + number_text(in.range_low()) + ", not below range_high " + number_text(in.range_high()));
    }
    for (const char* field : {"quantity", "unit"}) {
      const auto& value = field == std::string_view{"unit"} ? in.unit() : in.quantity();
      if (!is_text(value, name_size_max)) config_.problem(node, field, "is longer than 64 bytes");
    }
    check_meanings(in.raw_meaning(), "raw_meaning", node);
  }

  template <typename Meanings>
  void check_meanings(const Meanings& meanings, const char* field, const ConfigNode& node) {
    std::set<std::int64_t> seen;
    for (int i = 0; i < meanings.size(); ++i) {
      const std::int64_t raw = meanings.Get(i).raw();
      if (!seen.insert(raw).second)
        config_.problem(node.child(field, i), "raw", std::to_string(raw) + " stands here twice");
    }
  }

  void check_status(const wire::CanStatus& in, const ConfigNode& node) {
    check_source(in, node);
    if (in.code_size() + in.bit_size() == 0) {
      config_.problem(node, "code", "is missing: a status tells by codes or bits");
    }
    check_meanings(in.code(), "code", node);
    for (int i = 0; i < in.bit_size(); ++i) {
      config_.check_range(node.child("bit", i), "number", in.bit(i).number(), 0, signal_bits - 1);
    }
    for (int i = 0; i < in.applies_to_size(); ++i) {
      const auto& name = in.applies_to(i);
      if (std::ranges::find(names_, name) != names_.end()) continue;
      config_.problem(node, "applies_to",
                      in_quotes(name) + " is no signal of this profile" + suggestion(name, names_), i);
    }
  }

  const wire::CanProfile& in_;
  const ConfigNode& node_;
  ConfigText& config_;
  std::vector<std::string> names_;
};

std::string where(const ConfigNode& node, const char* field, int index, const std::string& file) {
  const TextPlace place = node.place_of(field, index);
  return file + ":" + std::to_string(place.line) + ":" + std::to_string(place.column) + ": " +
         node.path_of(field, index);
}

template <typename Message>
CanSource source_from(const Message& in, std::string place) {
  CanSource out{
      .message = in.message(), .signal = in.signal(), .periods = in.periods(), .where = std::move(place)};
  if (in.has_period_ms()) out.period = Duration{in.period_ms()};
  return out;
}

template <typename Meanings>
std::vector<RawMeaning> meanings_from(const Meanings& in) {
  std::vector<RawMeaning> out;
  for (const auto& meaning : in) out.push_back({meaning.raw(), flag_from(meaning.means())});
  return out;
}

}  // namespace

// The flags of the file leave room between validity (from 1) and maintenance (from 16).
QualityFlag flag_from(wire::QualityFlag in) {
  switch (in) {
    case wire::OVER_RANGE: return QualityFlag::over_range;
    case wire::UNDER_RANGE: return QualityFlag::under_range;
    case wire::SENSOR_FAULT: return QualityFlag::sensor_fault;
    case wire::DISCONNECTED: return QualityFlag::disconnected;
    case wire::CALIBRATING: return QualityFlag::calibrating;
    case wire::WARMING_UP: return QualityFlag::warming_up;
    case wire::LOW_SUPPLY: return QualityFlag::low_supply;
    case wire::INHIBITED: return QualityFlag::inhibited;
    case wire::FORCED: return QualityFlag::forced;
  }
  return QualityFlag::sensor_fault;
}

void check_can_profile(const wire::CanProfile& in, const ConfigNode& node, ConfigText& config) {
  CanProfileCheck{in, node, config}.run();
}

CanProfile can_profile_from(const wire::CanProfile& in, const ConfigNode& node, const std::string& file) {
  CanProfile out{.dbc = path_beside(file, in.dbc()), .where = where(node, "dbc", -1, file)};
  if (in.has_canopen()) {
    out.addressing = CanAddressing::canopen_node;
    out.dbc_node = static_cast<std::uint8_t>(in.canopen().dbc_node());
    if (in.canopen().has_heartbeat_ms()) out.heartbeat = Duration{in.canopen().heartbeat_ms()};
  } else if (in.has_j1939()) {
    out.addressing = CanAddressing::j1939_source;
  }
  for (int i = 0; i < in.status_size(); ++i) {
    const auto& status = in.status(i);
    CanStatusProfile made{.source = source_from(status, where(node, "status", i, file)),
                          .applies_to = {status.applies_to().begin(), status.applies_to().end()},
                          .codes = meanings_from(status.code())};
    for (const auto& bit : status.bit())
      made.bits.push_back({static_cast<std::uint8_t>(bit.number()), bit.when(), flag_from(bit.means())});
    out.statuses.push_back(std::move(made));
  }
  return out;
}

std::vector<SignalProfile> can_signals_from(const wire::CanProfile& in, const ConfigNode& node,
                                            const std::string& file) {
  std::vector<SignalProfile> out;
  for (int i = 0; i < in.signal_size(); ++i) {
    const auto& signal = in.signal(i);
    SignalProfile made{
        .name = signal.name(),
        .quantity = signal.quantity(),
        .unit = signal.unit(),
        .raw_meanings = meanings_from(signal.raw_meaning()),
        .text = signal.text(),
        .can = CanSignalProfile{source_from(signal, where(node, "signal", i, file)), signal.state()}};
    if (signal.has_range_low()) made.range_low = signal.range_low();
    if (signal.has_range_high()) made.range_high = signal.range_high();
    out.push_back(std::move(made));
  }
  return out;
}

}  // namespace davy
