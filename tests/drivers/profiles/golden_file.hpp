#pragma once

#include <string>
#include <vector>

#include "proto/base/result.hpp"
#include "proto/model/quality.hpp"
#include "tests/drivers/modbus/scripted_slave.hpp"

// tests/golden/modbus/*.txt: frames as they go over a wire and what they must read as;
// drivers/profiles/README.md shows one.
namespace davy::test {

struct GoldenExchange {
  Bytes request;
  Bytes reply;
};
struct GoldenReading {
  std::string signal;
  double value = 0;  // NaN for none
  Validity validity{};
  Maintenance maintenance = Maintenance::none;
};
struct GoldenCase {
  std::string title;
  std::vector<GoldenExchange> exchanges;
  std::vector<GoldenReading> readings;
};
struct GoldenFile {
  std::uint8_t unit = 0;
  std::vector<GoldenCase> cases;
};

// Errors name the line.
Result<GoldenFile> load_golden_file(const std::string& path);

}  // namespace davy::test
