#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "drivers/api/register_bus.hpp"
#include "proto/base/result.hpp"
#include "proto/model/quality.hpp"
#include "proto/wire/profile.hpp"

// Golden files: frames as they go over a wire and what they must read as; drivers/profiles/README.md shows
// one.
namespace davy {

struct GoldenExchange {
  std::vector<std::uint8_t> request;  // whole, with checksum
  std::vector<std::uint8_t> reply;
};
struct GoldenReading {
  std::string signal;
  double value = 0;  // NaN for none
  Validity validity{};
  Maintenance maintenance = Maintenance::none;
};
struct GoldenCase {
  std::string title;
  int line = 0;  // of the file
  std::vector<GoldenExchange> exchanges;
  std::vector<GoldenReading> readings;
};
struct GoldenFile {
  std::uint8_t unit = 0;
  std::vector<GoldenCase> cases;
};

// Errors: "<file>:<line>: <what is wrong and what to do>", the first one only.
Result<GoldenFile> parse_golden_file(std::string_view text, const std::string& file);
Result<GoldenFile> load_golden_file(const std::string& file);

// Plays a case to the profile: its requests have to be those of the file, checksums have to be right, and
// the readings what the file says. One line for each difference; empty when the case passes.
std::vector<std::string> replay(const DeviceProfile& profile, std::uint8_t unit, const GoldenCase& golden);
// The signals of the profile that no case of the file reads.
std::vector<std::string> unread_signals(const DeviceProfile& profile, const GoldenFile& golden);

// An exchange as a golden file writes it, `>` and `<`, from what a read has brought.
std::string golden_lines(const RegisterRead& request, std::span<const std::uint16_t> values);

// "01 04 00", blanks between; nothing when a word is no byte.
std::optional<std::vector<std::uint8_t>> bytes_from_hex(std::string_view text);
std::string hex_text(std::span<const std::uint8_t> bytes);

}  // namespace davy
