#pragma once

#include <map>
#include <string>
#include <string_view>

#include "host/api/http_message.hpp"
#include "proto/base/result.hpp"

namespace davy {

// The built page, read into memory once: a request can only name what was there at the start, so no path
// leads out of the folder. Files under assets/ have a hash in their names and never change; all others are
// asked for anew.
class PageFiles {
 public:
  PageFiles() = default;  // no page: every answer says so
  // Reads the folder and what is below it. Errors: not_found (no folder, no index.html), full (more than a
  // page).
  static Result<PageFiles> load(const std::string& folder);

  // For GET and HEAD of anything outside the API. A path without a dot is a view of the page's own:
  // index.html.
  HttpResponse answer(const HttpRequest& request) const;
  std::size_t size() const { return files_.size(); }

 private:
  struct File {
    std::string body;
    std::string_view type;
    std::string etag;
    bool immutable = false;
  };
  std::map<std::string, File, std::less<>> files_;  // "/assets/index-1a2b.js"
};

}  // namespace davy
