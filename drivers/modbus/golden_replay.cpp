#include <algorithm>
#include <cmath>
#include <sstream>

#include "drivers/modbus/frame.hpp"
#include "drivers/modbus/golden_file.hpp"
#include "drivers/modbus/solo_device.hpp"
#include "proto/base/system_clock.hpp"

namespace davy {
namespace {

constexpr std::size_t checksum_size = 2;

std::vector<std::uint8_t> with_checksum(std::span<const std::uint8_t> body) {
  std::vector<std::uint8_t> frame{body.begin(), body.end()};
  const std::uint16_t crc = crc16(body);
  frame.push_back(static_cast<std::uint8_t>(crc & 0xFFU));
  frame.push_back(static_cast<std::uint8_t>(crc >> 8U));
  return frame;
}

std::vector<std::uint8_t> frame_of(const RegisterRead& request) {
  std::vector<std::uint8_t> frame{request.unit};
  for (const std::uint8_t byte : request_pdu(request)) frame.push_back(byte);
  return with_checksum(frame);
}

std::vector<std::uint8_t> reply_frame(const RegisterRead& request, std::span<const std::uint16_t> values) {
  constexpr std::size_t data = 3;
  std::vector<std::uint8_t> frame(data + reply_byte_count(request));
  frame[0] = request.unit;
  frame[1] = static_cast<std::uint8_t>(request.table);
  frame[2] = static_cast<std::uint8_t>(reply_byte_count(request));
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (is_bits(request.table)) {
      frame[data + i / 8] = static_cast<std::uint8_t>(frame[data + i / 8] | ((values[i] & 1U) << (i % 8)));
    } else {
      frame[data + 2 * i] = static_cast<std::uint8_t>(values[i] >> 8U);
      frame[data + 2 * i + 1] = static_cast<std::uint8_t>(values[i] & 0xFFU);
    }
  }
  return with_checksum(frame);
}

// A bus whose other end is a golden case.
class GoldenBus final : public RegisterBus {
 public:
  GoldenBus(const GoldenCase& golden, std::vector<std::string>& problems)
      : golden_{golden}, problems_{problems} {}

  BusReply read(const RegisterRead& request, std::span<std::uint16_t> out) override {
    const auto asked = frame_of(request);
    if (next_ >= golden_.exchanges.size()) {
      problems_.push_back("the profile asks once more, " + describe(request) + ": > " + hex_text(asked));
      return failed_reply(request, BusFault::timeout, "the file has no reply");
    }
    const GoldenExchange& exchange = golden_.exchanges[next_++];
    if (exchange.request != asked) {
      problems_.push_back("the profile asks " + describe(request) + ": > " + hex_text(asked) +
                          ", the file expects > " + hex_text(exchange.request));
      return failed_reply(request, BusFault::malformed, "another request");
    }
    if (exchange.reply.empty()) return failed_reply(request, BusFault::timeout, "the file has no reply");
    if (const auto right =
            with_checksum(std::span{exchange.reply}.first(exchange.reply.size() - checksum_size));
        right != exchange.reply) {
      problems_.push_back("the reply < " + hex_text(exchange.reply) +
                          " has a wrong checksum; right would be < " + hex_text(right));
      return failed_reply(request, BusFault::crc, "checksum");
    }
    if (exchange.reply[0] != request.unit) {
      problems_.push_back("the reply < " + hex_text(exchange.reply) + " is another unit's");
      return failed_reply(request, BusFault::wrong_unit, "unit");
    }
    const auto pdu = std::span{exchange.reply}.subspan(1, exchange.reply.size() - 1 - checksum_size);
    BusReply reply = unpack_reply(request, pdu, out);
    if (!reply.ok() && reply.fault != BusFault::exception) problems_.push_back(reply.message);
    return reply;
  }

  BusReply write(const RegisterWrite& request) override {
    return failed_reply(request, BusFault::malformed, "a golden file holds reads only");
  }

  std::size_t unused() const { return golden_.exchanges.size() - next_; }

 private:
  const GoldenCase& golden_;
  std::vector<std::string>& problems_;
  std::size_t next_ = 0;
};

std::string text_of(double value, Validity validity, Maintenance maintenance) {
  std::ostringstream out;
  out.precision(10);
  if (std::isnan(value)) {
    out << "-";
  } else {
    out << value;
  }
  out << " " << to_string(validity);
  if (maintenance != Maintenance::none) out << " " << to_string(maintenance);
  return out.str();
}

}  // namespace

std::vector<std::string> replay(const DeviceProfile& profile, std::uint8_t unit, const GoldenCase& golden) {
  std::vector<std::string> problems;
  std::vector<std::uint32_t> signals;
  for (const GoldenReading& want : golden.readings) {
    const auto at = std::ranges::find(profile.signals, want.signal, &SignalProfile::name);
    if (at == profile.signals.end()) return {"the profile has no signal \"" + want.signal + "\""};
    signals.push_back(static_cast<std::uint32_t>(at - profile.signals.begin()));
  }
  if (signals.empty()) return {"the case has no line `= SIGNAL VALUE VALIDITY`, so nothing is checked"};
  GoldenBus bus{golden, problems};
  // What pays depends on a bus; golden frames are of a device that is asked for nothing it need not know.
  DeviceProfile asked = profile;
  if (!asked.gap_registers_max) asked.gap_registers_max = 0;
  SoloDevice device{unit, asked, signals, profile.reply_timeout};
  const auto got = device.read(bus, SystemClock{}).readings;
  if (bus.unused() > 0) {
    problems.push_back("the profile does not ask for the last " + std::to_string(bus.unused()) +
                       " request(s) of the case");
  }
  for (std::size_t i = 0; i < got.size(); ++i) {
    const GoldenReading& want = golden.readings[i];
    const Reading& read = got[i].reading;
    const bool same_value = std::isnan(want.value) ? std::isnan(read.value) : read.value == want.value;
    const auto& [validity, maintenance, limit, feed] = read.quality;
    if (same_value && validity == want.validity && maintenance == want.maintenance) continue;
    problems.push_back(want.signal + " reads " + text_of(read.value, validity, maintenance) +
                       ", the file says " + text_of(want.value, want.validity, want.maintenance));
  }
  return problems;
}

std::string golden_lines(const RegisterRead& request, std::span<const std::uint16_t> values) {
  return "> " + hex_text(frame_of(request)) + "\n< " + hex_text(reply_frame(request, values)) + "\n";
}

std::vector<std::string> unread_signals(const DeviceProfile& profile, const GoldenFile& golden) {
  std::vector<std::string> out;
  for (const SignalProfile& signal : profile.signals) {
    const bool read = std::ranges::any_of(golden.cases, [&](const GoldenCase& c) {
      return std::ranges::find(c.readings, signal.name, &GoldenReading::signal) != c.readings.end();
    });
    if (!read) out.push_back(signal.name);
  }
  return out;
}

}  // namespace davy
