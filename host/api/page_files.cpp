#include "host/api/page_files.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "proto/wire/hash.hpp"

namespace davy {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t file_size_max = std::uintmax_t{16} << 20U;
constexpr std::uintmax_t total_size_max = std::uintmax_t{64} << 20U;
constexpr std::size_t files_max = 1000;
constexpr std::size_t etag_digits = 16;

constexpr std::pair<std::string_view, std::string_view> types[] = {
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".mjs", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".json", "application/json"},
    {".webmanifest", "application/manifest+json"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".ico", "image/x-icon"},
    {".woff2", "font/woff2"},
    {".wav", "audio/wav"},
    {".mp3", "audio/mpeg"},
    {".ogg", "audio/ogg"},
    {".txt", "text/plain; charset=utf-8"},
    {".wasm", "application/wasm"},
};

std::string_view type_of(std::string_view path) {
  for (const auto& [ending, type] : types) {
    if (path.ends_with(ending)) return type;
  }
  return "application/octet-stream";
}

bool looks_like_file(std::string_view path) {
  return path.substr(path.rfind('/') + 1).find('.') != std::string_view::npos;
}

}  // namespace

Result<PageFiles> PageFiles::load(const std::string& folder) {
  PageFiles page;
  std::error_code error;
  std::uintmax_t total = 0;
  fs::recursive_directory_iterator at{folder, error};
  if (error) return fail(Errc::not_found, folder + ": " + error.message());
  for (const fs::recursive_directory_iterator end; at != end; at.increment(error)) {
    if (error) return fail(Errc::not_found, folder + ": " + error.message());
    if (!at->is_regular_file(error)) continue;
    const std::uintmax_t size = at->file_size(error);
    total += size;
    if (error || size > file_size_max || total > total_size_max || page.files_.size() >= files_max) {
      return fail(Errc::full, at->path().string() + ": too large for a page; is the folder the right one?");
    }
    std::ifstream in{at->path(), std::ios::binary};
    File file{.body = {std::istreambuf_iterator<char>{in}, {}}};
    if (!in.good() && !in.eof()) return fail(Errc::denied, at->path().string() + ": cannot be read");
    const std::string path = "/" + fs::relative(at->path(), folder, error).generic_string();
    file.type = type_of(path);
    file.etag = '"' + to_hex(hash_of(file.body)).substr(0, etag_digits) + '"';
    file.immutable = path.starts_with("/assets/");
    page.files_.emplace(path, std::move(file));
  }
  if (!page.files_.contains("/index.html"))
    return fail(Errc::not_found, folder + ": there is no index.html in it");
  return page;
}

HttpResponse PageFiles::answer(const HttpRequest& request) const {
  if (request.method != Method::get && request.method != Method::head) {
    HttpResponse response = error_response(ApiError::bad_request, "only GET and HEAD here");
    response.status = 405;
    response.headers = {{"Allow", "GET, HEAD"}};
    return response;
  }
  if (files_.empty()) {
    return {.status = 503,
            .type = "text/plain; charset=utf-8",
            .body = "davy-host is running, but its page is not installed; its API is under /api/v1/.\n"};
  }
  auto at = files_.find(request.path);
  if (at == files_.end() && !looks_like_file(request.path)) at = files_.find("/index.html");
  if (at == files_.end()) return {.status = 404, .type = "text/plain; charset=utf-8", .body = "not found\n"};
  const File& file = at->second;
  HttpResponse response{.type = std::string{file.type}};
  response.headers = {{"ETag", file.etag},
                      {"Cache-Control", file.immutable ? "public, max-age=31536000, immutable" : "no-cache"}};
  if (request.if_none_match.find(file.etag) != std::string::npos) {
    response.status = 304;
    return response;
  }
  response.body = file.body;
  return response;
}

}  // namespace davy
