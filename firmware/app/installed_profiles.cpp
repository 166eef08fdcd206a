#include "firmware/app/installed_profiles.hpp"

#include <string_view>

#include <unistd.h>

namespace davy {

std::string installed_profiles() {
  char path[4096];
  const ssize_t size = readlink("/proc/self/exe", path, sizeof path);
  const std::string_view program{path, size > 0 ? static_cast<std::size_t>(size) : 0};
  return std::string{program.substr(0, program.rfind('/') + 1)} + "../share/davy/profiles";
}

}  // namespace davy
