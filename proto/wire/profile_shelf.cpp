#include "proto/wire/profile_shelf.hpp"

#include <algorithm>
#include <filesystem>
#include <string_view>

#include "proto/wire/profile_checks.hpp"

namespace davy {
namespace {
constexpr std::string_view profile_ending = ".textproto";
}

ProfileShelf::ProfileShelf(std::string folder, std::vector<DeviceProfile>& used)
    : folder_{std::move(folder)}, used_{used} {}

std::optional<std::uint32_t> ProfileShelf::find(const std::string& name, const ConfigNode& node,
                                                ConfigText& config) {
  const auto known = found_.find(name);
  if (known != found_.end()) {
    if (!known->second && !exists(name)) config.problem(node, "profile", problem_of(name));
    return known->second;
  }
  auto& found = found_[name];
  if (!exists(name)) {
    config.problem(node, "profile", problem_of(name));
    return found;
  }
  auto profile = load_profile((std::filesystem::path{folder_} / name).string() + std::string{profile_ending});
  if (!profile) {
    config.add_elsewhere(profile.error());
    return found;
  }
  used_.push_back(std::move(*profile));
  found = static_cast<std::uint32_t>(used_.size() - 1);
  return found;
}

bool ProfileShelf::exists(const std::string& name) const {
  const auto there = names();
  return is_profile_name(name) && std::ranges::find(there, name) != there.end();
}

std::string ProfileShelf::problem_of(const std::string& name) const {
  const auto there = names();
  std::string list;
  for (const auto& profile : there) list += (list.empty() ? "" : ", ") + profile;
  return "there is no profile " + in_quotes(name) + suggestion(name, there) + "; " +
         (there.empty() ? "the folder " + in_quotes(folder_) + " holds none" : "there are: " + list);
}

std::vector<std::string> ProfileShelf::names() const {
  std::vector<std::string> out;
  std::error_code ec;
  for (auto at = std::filesystem::directory_iterator{folder_, ec};
       !ec && at != std::filesystem::directory_iterator{}; at.increment(ec)) {
    const auto name = at->path().filename().string();
    if (name.ends_with(profile_ending)) out.push_back(name.substr(0, name.size() - profile_ending.size()));
  }
  std::ranges::sort(out);
  return out;
}

}  // namespace davy
