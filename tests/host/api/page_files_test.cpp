#include "host/api/page_files.hpp"

#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>

#include "tests/support/temp_folder.hpp"

using namespace davy;

namespace {

struct Page {
  Page() {
    std::filesystem::create_directories(folder.file("www/assets"));
    write("www/index.html", "<!doctype html>");
    write("www/icon.svg", "<svg/>");
    write("www/assets/index-1a2b.js", "run()");
    write("secret.txt", "secret");
    auto loaded = PageFiles::load(folder.file("www"));
    REQUIRE(loaded);
    page = std::move(*loaded);
  }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream{folder.file(name)} << text;
  }
  HttpResponse get(const std::string& path, const std::string& etag = {}) const {
    return page.answer({.path = path, .if_none_match = etag});
  }
  TempFolder folder;
  PageFiles page;
};

std::string header(const HttpResponse& r, const std::string& name) {
  for (const auto& [key, value] : r.headers) {
    if (key == name) return value;
  }
  return {};
}

}  // namespace

TEST_CASE("page: files, their types and how long they may be kept") {
  const Page p;
  const auto index = p.get("/index.html");
  CHECK(index.status == 200);
  CHECK(index.type == "text/html; charset=utf-8");
  CHECK(header(index, "Cache-Control") == "no-cache");
  const auto script = p.get("/assets/index-1a2b.js");
  CHECK(script.body == "run()");
  CHECK(script.type == "text/javascript; charset=utf-8");
  CHECK(header(script, "Cache-Control").find("immutable") != std::string::npos);
  CHECK(p.get("/icon.svg").type == "image/svg+xml");
  const auto same = p.get("/index.html", "W/\"x\", " + header(index, "ETag"));
  CHECK(same.status == 304);
  CHECK(same.body.empty());
}

TEST_CASE("page: its own views all begin with index.html, missing files are missing") {
  const Page p;
  for (const char* view : {"/", "/alarms", "/points/12"}) CHECK(p.get(view).body == "<!doctype html>");
  CHECK(p.get("/missing.js").status == 404);
  CHECK(p.page.answer({.method = Method::post, .path = "/"}).status == 405);
}

TEST_CASE("page: no path leads out of the folder") {
  const Page p;
  for (const char* path : {"/../secret.txt", "/assets/../../secret.txt", "//secret.txt", "/./index.html",
                           "../secret.txt", "/..\\secret.txt", "/assets/..%2fsecret.txt"}) {
    CAPTURE(path);
    const auto response = p.get(path);
    CHECK(response.body.find("secret") == std::string::npos);
    CHECK(response.status == 404);
  }
}

TEST_CASE("page: a folder that is none is told, and without a page the host says so") {
  const TempFolder folder;
  CHECK(PageFiles::load(folder.file("nothing")).error().code == Errc::not_found);
  CHECK(PageFiles::load(folder.path()).error().message.find("index.html") != std::string::npos);
  CHECK(PageFiles{}.answer({.path = "/"}).status == 503);
}
