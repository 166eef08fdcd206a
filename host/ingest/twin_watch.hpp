#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "proto/base/clock.hpp"

namespace davy {

// Finds two boxes that use one name: what they send comes by turns. A box that was replaced, rebooted or
// given a new spool changes its identity once and never goes back to the old one.
class TwinWatch {
 public:
  static constexpr Duration memory{std::chrono::minutes{10}};
  static constexpr std::size_t left_max = 8;

  // `returns_min`: how often somebody has to come back within the memory to be believed.
  explicit TwinWatch(std::size_t returns_min) : returns_min_{returns_min} {}

  // Something live came from the box of this identity. True: there are two of them.
  bool seen(const std::string& identity, SteadyTime now);
  // The other one.
  const std::string& other() const { return other_; }

 private:
  struct Left {
    std::string identity;
    SteadyTime at;
  };
  const std::size_t returns_min_;
  std::string current_;
  std::string other_;
  std::vector<Left> left_;
  std::vector<SteadyTime> returns_;
};

}  // namespace davy
