#pragma once

#include <string>
#include <vector>

#include "proto/base/clock.hpp"
#include "proto/model/block.hpp"

// Blocks of made-up gateways, ready to be sent: methane that comes near its limits, one reading a second for
// each point.
namespace davy::bench {

struct PreparedGateway {
  std::string name;
  std::string birth;  // message
  Uuid stream{};
  std::vector<std::string> blocks;  // envelopes, seq 1, 2, ...
};

// `blocks` of `samples` readings, the youngest of each at now.
PreparedGateway prepare(const std::string& mine, const std::string& gateway, std::size_t blocks,
                        std::size_t samples, Now now);

}  // namespace davy::bench
