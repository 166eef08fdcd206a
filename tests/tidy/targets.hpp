#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tests/tidy/tree.hpp"

namespace davy::tidy {

// What the CMakeLists.txt files say about who may use whom.
class Targets {
 public:
  explicit Targets(const Tree& tree);

  // The folder whose CMakeLists.txt speaks for this file: the nearest one upwards that declares a target; ""
  // if none.
  std::string owner_of(std::string_view path) const;

  // May files of folder `from` include files of folder `to`? Its targets' USES, and theirs in turn, say so.
  bool may_use(const std::string& from, const std::string& to) const;

  // Targets that use each other in a ring, in order; empty when there is none.
  std::vector<std::string> ring() const;

 private:
  struct Target {
    std::string folder;
    std::vector<std::string> uses;
  };

  void read(const File& file);
  void add(const std::string& folder, const std::vector<std::string>& words, bool links_only);
  void reach(const std::string& name, std::set<std::string>& seen) const;
  bool search_ring(const std::string& name, std::vector<std::string>& path,
                   std::set<std::string>& done) const;

  std::map<std::string, Target> by_name_;
  std::map<std::string, std::vector<std::string>> by_folder_;
};

}  // namespace davy::tidy
