#include "host/app/data_folder.hpp"

#include <filesystem>

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/base/log.hpp"

namespace davy {
namespace {

std::string name_of(uid_t id) {
  const passwd* entry = getpwuid(id);
  return entry != nullptr ? entry->pw_name : std::to_string(id);
}

}  // namespace

Result<DataFolder> open_data_folder(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path{path}.parent_path(), error);
  if (mkdir(path.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
    return fail(Errc::denied,
                path + ": cannot be made: " + std::error_code{errno, std::generic_category()}.message());
  }
  struct stat about {};
  if (stat(path.c_str(), &about) != 0) {
    return fail(Errc::denied, path + ": " + std::error_code{errno, std::generic_category()}.message());
  }
  if (!S_ISDIR(about.st_mode)) return fail(Errc::denied, path + ": is no folder; data needs one");
  if (about.st_uid != geteuid()) {
    const std::string owner = name_of(about.st_uid);
    return fail(Errc::denied, path + ": belongs to the user " + owner + ", and we are " + name_of(geteuid()) +
                                  ": run it as that user: sudo -u " + owner + " davy-host ...");
  }
  if ((about.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    log::warn("data_folder_open", {{"path", path}, {"advice", "others can look into it: chmod 700"}});
  }
  return DataFolder{path};
}

}  // namespace davy
