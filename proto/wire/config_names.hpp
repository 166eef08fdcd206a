#pragma once

#include <map>
#include <string>

#include "proto/wire/config_text.hpp"

// Not for other folders.
namespace davy {

// Names of one kind, each with the place where it stands first.
class ConfigNames {
 public:
  // Tells `config` of a name that is none, or taken.
  void check(const std::string& name, const ConfigNode& node, ConfigText& config);

 private:
  std::map<std::string, int> seen_;  // with the line
};

}  // namespace davy
