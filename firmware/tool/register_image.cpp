#include "firmware/tool/register_image.hpp"

#include "drivers/modbus/decode.hpp"
#include "drivers/modbus/read_plan.hpp"
#include "firmware/tool/words.hpp"

namespace davy {

void RegisterImage::put(const RegisterRead& read, std::span<const std::uint16_t> values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    words_[{read.table, static_cast<std::uint16_t>(read.address + i)}] = values[i];
  }
}

std::optional<std::vector<std::uint16_t>> RegisterImage::get(RegisterTable table, std::uint16_t address,
                                                             std::uint16_t count) const {
  std::vector<std::uint16_t> out;
  for (std::uint32_t at = address; at < std::uint32_t{address} + count; ++at) {
    const auto word = words_.find({table, static_cast<std::uint16_t>(at)});
    if (at > UINT16_MAX || word == words_.end()) return std::nullopt;
    out.push_back(word->second);
  }
  return out;
}

std::optional<ImageReading> decode_from(const RegisterImage& image, const DeviceProfile& profile,
                                        const SignalProfile& signal) {
  const auto registers = image.get(signal.table, signal.address, register_count(signal.encoding));
  if (!registers) return std::nullopt;
  FlagSet flags;
  ImageReading out;
  for (const StatusProfile& status : profile.statuses) {
    if (!applies_to(status, signal)) continue;
    const auto word = image.get(status.table, status.address, 1);
    if (word) flags.add(status_flags(status, word->front()));
    out.with_status = out.with_status && word.has_value();
  }
  out.reading = decode_signal(signal, *registers, flags);
  return out;
}

std::string raw_text(const RegisterImage& image, const SignalProfile& signal) {
  const auto registers = image.get(signal.table, signal.address, register_count(signal.encoding));
  if (!registers) return "-";
  std::string out;
  for (const std::uint16_t word : *registers) {
    out += (out.empty() ? "" : " ") + (is_bits(signal.table) ? std::to_string(word) : hex_word(word));
  }
  return out;
}

BusReply TappedBus::read(const RegisterRead& request, std::span<std::uint16_t> out) {
  BusReply reply = bus_.read(request, out);
  ++requests_;
  if (reply.ok()) {
    image_.put(request, out);
  } else {
    ++faults_[reply.fault];
  }
  return reply;
}

}  // namespace davy
