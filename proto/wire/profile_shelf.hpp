#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "proto/wire/config_text.hpp"
#include "proto/wire/profile.hpp"

// Not for other folders.
namespace davy {

// The profiles of one folder, each loaded once when a configuration first names it.
class ProfileShelf {
 public:
  // What is found is put into `used`.
  ProfileShelf(std::string folder, std::vector<DeviceProfile>& used);

  // Its position among the used ones; none when it is missing or wrong, which `config` is then told at the
  // node's field `profile`.
  std::optional<std::uint32_t> find(const std::string& name, const ConfigNode& node, ConfigText& config);

 private:
  bool exists(const std::string& name) const;
  std::string problem_of(const std::string& name) const;
  std::vector<std::string> names() const;

  std::string folder_;
  std::vector<DeviceProfile>& used_;
  std::map<std::string, std::optional<std::uint32_t>> found_;
};

}  // namespace davy
