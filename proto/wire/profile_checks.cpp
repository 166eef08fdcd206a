#include "proto/wire/profile_checks.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "proto/wire/can_profile_read.hpp"
#include "proto/wire/limits.hpp"
#include "proto/wire/profile.hpp"
#include "proto/wire/profile.pb.h"
#include "proto/wire/tag_reader_checks.hpp"
#include "proto/wire/text_rules.hpp"

namespace davy {
namespace {

constexpr std::uint64_t addresses = 65536;
constexpr std::uint64_t register_bits = 16;
constexpr double factor_max = 1e12;  // scaled readings stay finite

constexpr bool is_bits(wire::RegisterTable t) { return t == wire::COIL || t == wire::DISCRETE_INPUT; }
constexpr bool is_field(wire::Encoding e) { return e == wire::BIT || e == wire::BITS; }

std::uint64_t width(wire::Encoding e) {
  return e == wire::U32 || e == wire::S32 || e == wire::FLOAT32 ? 2 : 1;
}

struct RawRange {
  std::int64_t low;
  std::int64_t high;
};
RawRange raw_range(const wire::RegisterSignal& signal) {
  switch (signal.encoding()) {
    case wire::BIT: return {0, 1};
    case wire::BITS: return {0, (std::int64_t{1} << std::min(signal.bit_count(), 16U)) - 1};
    case wire::U16: return {0, UINT16_MAX};
    case wire::S16: return {INT16_MIN, INT16_MAX};
    case wire::U32: return {0, UINT32_MAX};
    case wire::S32: return {INT32_MIN, INT32_MAX};
    case wire::FLOAT32: return {INT32_MIN, UINT32_MAX};
    case wire::BCD16: return {0, 9999};
  }
  return {0, 0};
}

// Things that may be said once only, and where each was said first.
class Unique {
 public:
  // The path of the first with this key; empty when it is new.
  std::string taken_by(const std::string& key, const std::string& path) {
    const auto [at, added] = seen_.emplace(key, path);
    return added ? std::string{} : at->second;
  }

 private:
  std::map<std::string, std::string> seen_;
};

class ProfileCheck {
 public:
  ProfileCheck(const wire::Profile& profile, const ConfigNode& root, ConfigText& config)
      : profile_{profile}, root_{root}, config_{config} {}

  void run() {
    check_names();
    if (profile_.has_tag_reader()) check_tag_reader(profile_, root_, config_);
    if (profile_.has_can()) {
      check_can_profile(profile_.can(), root_.child("can"), config_);
      for (const bool other : {profile_.has_modbus(), profile_.has_tag_reader()}) {
        if (other) return config_.problem(root_, "can", "a device on CAN has neither modbus nor tag_reader");
      }
      return;
    }
    if (!profile_.has_modbus()) {
      if (profile_.has_tag_reader()) return;
      return config_.problem(root_, "modbus",
                             "is missing, and so is can: without one of them there is nothing to read");
    }
    const auto& modbus = profile_.modbus();
    const auto node = root_.child("modbus");
    check_transport(modbus, node);
    for (int i = 0; i < modbus.signal_size(); ++i) check_signal(modbus.signal(i), node.child("signal", i));
    if (modbus.signal_size() == 0 && !profile_.has_tag_reader())
      config_.problem(node, "signal", "is missing: a device has at least one");
    for (int i = 0; i < modbus.status_size(); ++i) check_status(modbus.status(i), node.child("status", i));
  }

 private:
  void check_names() {
    if (!is_profile_name(profile_.name())) {
      config_.problem(root_, "name",
                      "must be 1 to 64 letters, digits, - _ or . and start with a letter or digit");
    }
    for (const char* field : {"maker", "model"}) {
      const auto& value = field == std::string_view{"maker"} ? profile_.maker() : profile_.model();
      if (value.empty())
        config_.problem(root_, field, "is empty; say who and what, so that people find the device");
    }
    if (profile_.source_size() == 0) {
      config_.problem(root_, "source", "is missing: say from which manual and page the facts are");
    }
    for (int i = 0; i < profile_.source_size(); ++i) {
      if (profile_.source(i).empty()) config_.problem(root_, "source", "is empty", i);
    }
  }

  void check_transport(const wire::ModbusProfile& modbus, const ConfigNode& node) {
    config_.check_range(node, "registers_per_request_max", modbus.registers_per_request_max(), 1, 125);
    config_.check_range(node, "bits_per_request_max", modbus.bits_per_request_max(), 1, 2000);
    config_.check_range(node, "gap_registers_max", modbus.gap_registers_max(), 0, 124);
    config_.check_range(node, "reply_timeout_ms", modbus.reply_timeout_ms(), 10, 10'000);
    config_.check_range(node, "pause_after_reply_ms", modbus.pause_after_reply_ms(), 0, 10'000);
    const auto serial = node.child("serial");
    config_.check_range(serial, "baud", modbus.serial().baud(), 300, 1'000'000);
    config_.check_range(serial, "stop_bits", modbus.serial().stop_bits(), 1, 2);
  }

  void check_signal(const wire::RegisterSignal& signal, const ConfigNode& node) {
    if (!is_profile_name(signal.name())) {
      config_.problem(node, "name",
                      "must be 1 to 64 letters, digits, - _ or . and start with a letter or digit");
    }
    const auto first = names_.taken_by(signal.name(), node.path_of("name"));
    if (!first.empty())
      config_.problem(node, "name", in_quotes(signal.name()) + " is already the name of " + first);
    if (!signal.has_table() || !signal.has_encoding()) return;  // told already; what follows depends on them
    check_place(signal, node);
    check_bits(signal, node);
    check_scaling(signal, node);
    check_raw_meanings(signal, node);
    for (const char* field : {"quantity", "unit"}) {
      const auto& value = field == std::string_view{"unit"} ? signal.unit() : signal.quantity();
      if (!is_text(value, name_size_max)) config_.problem(node, field, "is longer than 64 bytes");
    }
  }

  void check_place(const wire::RegisterSignal& signal, const ConfigNode& node) {
    const std::uint64_t size = width(signal.encoding());
    if (signal.address() + size > addresses) {
      config_.problem(node, "address",
                      "is " + std::to_string(signal.address()) + ", which with " + std::to_string(size) +
                          " register(s) is beyond the last one, 65535");
    }
    if (is_bits(signal.table()) && signal.encoding() != wire::BIT) {
      config_.problem(node, "encoding", "must be BIT: coils and discrete inputs hold single bits");
    }
    if (size > profile_.modbus().registers_per_request_max()) {
      config_.problem(node, "encoding", "needs 2 registers, but registers_per_request_max is 1");
    }
    if (is_field(signal.encoding()) && signal.word_order() != wire::ABCD && is_bits(signal.table())) {
      config_.problem(node, "word_order", "means nothing for single bits; leave it out");
    }
  }

  void check_bits(const wire::RegisterSignal& signal, const ConfigNode& node) {
    if (!is_field(signal.encoding()) || is_bits(signal.table())) {
      for (const char* field : {"bit_first", "bit_count"}) {
        const bool given =
            field == std::string_view{"bit_first"} ? signal.has_bit_first() : signal.has_bit_count();
        if (given) config_.problem(node, field, "is only for BIT and BITS of a register; leave it out");
      }
      return;
    }
    if (signal.encoding() == wire::BIT && signal.bit_count() != 1) {
      return config_.problem(node, "bit_count", "must be 1 for BIT; use BITS for more");
    }
    config_.check_range(node, "bit_first", signal.bit_first(), 0, register_bits - 1);
    config_.check_range(node, "bit_count", signal.bit_count(), 1, register_bits);
    if (std::uint64_t{signal.bit_first()} + signal.bit_count() > register_bits) {
      config_.problem(node, "bit_count", "reaches beyond bit 15: bit_first + bit_count must be at most 16");
    }
  }

  void check_scaling(const wire::RegisterSignal& signal, const ConfigNode& node) {
    if (signal.scale() == 0) config_.problem(node, "scale", "is 0: every reading would be the same number");
    for (const char* field : {"scale", "offset"}) {
      const double value = field == std::string_view{"scale"} ? signal.scale() : signal.offset();
      if (std::abs(value) > factor_max) config_.problem(node, field, "is beyond +-1e12");
    }
    if (signal.has_range_low() && signal.has_range_high() && !(signal.range_low() < signal.range_high())) {
      config_.problem(node, "range_low",
                      "is " + number_text(signal.range_low()) + ", not below range_high " +
                          number_text(signal.range_high()));
    }
  }

  void check_raw_meanings(const wire::RegisterSignal& signal, const ConfigNode& node) {
    const auto [low, high] = raw_range(signal);
    std::set<std::int64_t> seen;
    for (int i = 0; i < signal.raw_meaning_size(); ++i) {
      const auto meaning = node.child("raw_meaning", i);
      const std::int64_t raw = signal.raw_meaning(i).raw();
      if (raw < low || raw > high) {
        config_.problem(meaning, "raw",
                        "is " + std::to_string(raw) + "; this encoding reads " + std::to_string(low) +
                            " to " + std::to_string(high));
      }
      if (!seen.insert(raw).second)
        config_.problem(meaning, "raw", std::to_string(raw) + " stands here twice");
    }
  }

  void check_status(const wire::StatusWord& status, const ConfigNode& node) {
    config_.check_range(node, "address", status.address(), 0, addresses - 1);
    config_.check_range(node, "code_mask", status.code_mask(), 1, UINT16_MAX);
    if (status.bit_size() + status.code_size() == 0) {
      config_.problem(node, "bit", "is missing: a status tells by bits or codes");
    }
    check_applies_to(status, node);
    Unique bits;
    for (int i = 0; i < status.bit_size(); ++i) {
      const auto& bit = status.bit(i);
      const auto bit_node = node.child("bit", i);
      config_.check_range(bit_node, "number", bit.number(), 0,
                          is_bits(status.table()) ? 0 : register_bits - 1);
      const auto first =
          bits.taken_by(std::to_string(bit.number()) + (bit.when() ? "+" : "-"), bit_node.path_of("number"));
      if (!first.empty()) config_.problem(bit_node, "number", "and its `when` stand already in " + first);
    }
    check_codes(status, node);
  }

  void check_applies_to(const wire::StatusWord& status, const ConfigNode& node) {
    std::vector<std::string> signals;
    for (const auto& signal : profile_.modbus().signal()) signals.push_back(signal.name());
    for (int i = 0; i < status.applies_to_size(); ++i) {
      const auto& name = status.applies_to(i);
      if (std::ranges::find(signals, name) != signals.end()) continue;
      config_.problem(node, "applies_to",
                      in_quotes(name) + " is no signal of this profile" + suggestion(name, signals), i);
    }
  }

  void check_codes(const wire::StatusWord& status, const ConfigNode& node) {
    if (status.code_size() > 0 && is_bits(status.table())) {
      config_.problem(node, "code", "a coil or discrete input has no codes; use bit { number: 0 }", 0);
    }
    Unique codes;
    for (int i = 0; i < status.code_size(); ++i) {
      const std::uint32_t value = status.code(i).value();
      const auto code = node.child("code", i);
      config_.check_range(code, "value", value, 0, UINT16_MAX);
      if ((value & ~status.code_mask()) != 0) {
        config_.problem(code, "value",
                        std::to_string(value) + " has bits outside of code_mask: it never occurs");
      }
      const auto first = codes.taken_by(std::to_string(value), code.path_of("value"));
      if (!first.empty())
        config_.problem(code, "value", std::to_string(value) + " stands already in " + first);
    }
  }

  const wire::Profile& profile_;
  ConfigNode root_;
  ConfigText& config_;
  Unique names_;
};

}  // namespace

bool is_profile_name(std::string_view name) {
  constexpr auto is_alphanumeric = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  return !name.empty() && name.size() <= name_size_max && is_alphanumeric(name.front()) &&
         std::ranges::all_of(name,
                             [&](char c) { return is_alphanumeric(c) || c == '-' || c == '_' || c == '.'; });
}

void check_profile(const wire::Profile& profile, const ConfigNode& root, ConfigText& config) {
  ProfileCheck{profile, root, config}.run();
}

}  // namespace davy
