#include "proto/wire/profile.hpp"

#include <algorithm>
#include <filesystem>

#include "proto/wire/can_profile_read.hpp"
#include "proto/wire/config_text.hpp"
#include "proto/wire/profile.pb.h"
#include "proto/wire/profile_checks.hpp"
#include "proto/wire/tag_reader_checks.hpp"

namespace davy {
namespace {

SerialSettings serial_from(const wire::SerialDefaults& in) {
  return {in.baud(), static_cast<Parity>(in.parity()), in.stop_bits()};
}

SignalProfile signal_from(const wire::RegisterSignal& in) {
  SignalProfile out{.name = in.name(),
                    .table = static_cast<RegisterTable>(in.table()),
                    .address = static_cast<std::uint16_t>(in.address()),
                    .encoding = static_cast<Encoding>(in.encoding() - 1),
                    .word_order = static_cast<WordOrder>(in.word_order() - 1),
                    .bit_first = static_cast<std::uint8_t>(in.bit_first()),
                    .bit_count = static_cast<std::uint8_t>(in.bit_count()),
                    .scale = in.scale(),
                    .offset = in.offset(),
                    .quantity = in.quantity(),
                    .unit = in.unit(),
                    .text = in.text()};
  if (in.has_range_low()) out.range_low = in.range_low();
  if (in.has_range_high()) out.range_high = in.range_high();
  for (const auto& meaning : in.raw_meaning()) {
    out.raw_meanings.push_back({meaning.raw(), flag_from(meaning.means())});
  }
  return out;
}

StatusProfile status_from(const wire::StatusWord& in) {
  StatusProfile out{.table = static_cast<RegisterTable>(in.table()),
                    .address = static_cast<std::uint16_t>(in.address()),
                    .applies_to = {in.applies_to().begin(), in.applies_to().end()},
                    .code_mask = static_cast<std::uint16_t>(in.code_mask())};
  for (const auto& bit : in.bit()) {
    out.bits.push_back({static_cast<std::uint8_t>(bit.number()), bit.when(), flag_from(bit.means())});
  }
  for (const auto& code : in.code()) {
    out.codes.push_back({static_cast<std::uint16_t>(code.value()), flag_from(code.means())});
  }
  return out;
}

// Only of a profile that passed every check.
DeviceProfile profile_from(const wire::Profile& in, const ConfigNode& root, const std::string& file) {
  const auto& modbus = in.modbus();
  DeviceProfile out{
      .name = in.name(),
      .maker = in.maker(),
      .model = in.model(),
      .sources = {in.source().begin(), in.source().end()},
      .serial = serial_from(modbus.serial()),
      .registers_per_request_max = static_cast<std::uint16_t>(modbus.registers_per_request_max()),
      .bits_per_request_max = static_cast<std::uint16_t>(modbus.bits_per_request_max()),
      .reply_timeout = Duration{modbus.reply_timeout_ms()},
      .pause_after_reply = Duration{modbus.pause_after_reply_ms()}};
  if (modbus.has_gap_registers_max())
    out.gap_registers_max = static_cast<std::uint16_t>(modbus.gap_registers_max());
  std::ranges::transform(modbus.signal(), std::back_inserter(out.signals), signal_from);
  std::ranges::transform(modbus.status(), std::back_inserter(out.statuses), status_from);
  if (in.has_can()) {
    out.can = can_profile_from(in.can(), root.child("can"), file);
    out.signals = can_signals_from(in.can(), root.child("can"), file);
  }
  if (in.has_tag_reader()) out.tag_reader = tag_reader_from(in.tag_reader(), file);
  return out;
}

}  // namespace

Result<DeviceProfile> parse_profile(std::string_view text, const std::string& file) {
  ConfigText config{file};
  wire::Profile profile;
  if (config.parse(text, profile)) {
    const ConfigNode root = config.root(profile);
    const std::string stem = std::filesystem::path{file}.stem().string();
    if (profile.name() != stem) {
      config.problem(root, "name",
                     "is " + in_quotes(profile.name()) + " in a file called " + in_quotes(stem) +
                         "; the two must be the same");
    }
    check_profile(profile, root, config);
  }
  if (!config.ok()) return fail(config.status().error());
  return profile_from(profile, config.root(profile), file);
}

Result<DeviceProfile> load_profile(const std::string& file) {
  const auto text = read_config_file(file);
  if (!text) return fail(text.error());
  return parse_profile(*text, file);
}

}  // namespace davy
