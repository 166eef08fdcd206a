#include "proto/wire/config_names.hpp"

#include "proto/wire/text_rules.hpp"

namespace davy {

void ConfigNames::check(const std::string& name, const ConfigNode& node, ConfigText& config) {
  if (!is_name(name)) {
    return config.problem(node, "name",
                          "is " + in_quotes(clean_text(name)) +
                              "; 1 to 64 bytes of letters, digits, - _ . and :, without blanks");
  }
  const auto [first, added] = seen_.emplace(name, node.place_of("name").line);
  if (added) return;
  config.problem(node, "name",
                 in_quotes(name) + " is taken already in line " + std::to_string(first->second));
}

}  // namespace davy
