#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "drivers/api/reading.hpp"
#include "drivers/api/register_bus.hpp"

namespace davy {

// The registers of one device as last heard or read.
class RegisterImage {
 public:
  void put(const RegisterRead& read, std::span<const std::uint16_t> values);
  // All of [address, address + count), or nothing.
  std::optional<std::vector<std::uint16_t>> get(RegisterTable table, std::uint16_t address,
                                                std::uint16_t count) const;

 private:
  std::map<std::pair<RegisterTable, std::uint16_t>, std::uint16_t> words_;
};

struct ImageReading {
  Reading reading;
  bool with_status = true;  // false: a status word that applies to it was not heard
};
// A signal read from an image; nothing when its registers are not there.
std::optional<ImageReading> decode_from(const RegisterImage& image, const DeviceProfile& profile,
                                        const SignalProfile& signal);
// Its registers in hexadecimal.
std::string raw_text(const RegisterImage& image, const SignalProfile& signal);

// A bus that remembers what a device's registers were, and counts how it answers.
class TappedBus final : public RegisterBus {
 public:
  explicit TappedBus(RegisterBus& bus) : bus_{bus} {}
  BusReply read(const RegisterRead& request, std::span<std::uint16_t> out) override;
  BusReply write(const RegisterWrite& request) override { return bus_.write(request); }

  const RegisterImage& image() const { return image_; }
  std::uint32_t requests() const { return requests_; }
  const std::map<BusFault, std::uint32_t>& faults() const { return faults_; }

 private:
  RegisterBus& bus_;
  RegisterImage image_;
  std::uint32_t requests_ = 0;
  std::map<BusFault, std::uint32_t> faults_;
};

}  // namespace davy
