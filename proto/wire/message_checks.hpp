#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include <google/protobuf/stubs/logging.h>

#include "proto/base/result.hpp"
#include "proto/model/block.hpp"
#include "proto/wire/limits.hpp"
#include "proto/wire/text_rules.hpp"

// What the decoders of proto/wire share. Not for other folders.
namespace davy {

// Parses without a word: protobuf would write to stderr about what a sender got wrong.
template <typename Message>
Status parse_message(std::string_view bytes, std::size_t size_max, Message& out) {
  if (bytes.size() > size_max)
    return fail(Errc::bad_data, "longer than " + std::to_string(size_max) + " bytes");
  const google::protobuf::LogSilencer silence;
  if (out.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return {};
  return fail(Errc::bad_data, "no protobuf message of this kind");
}

// Bytes of a fixed size, such as a hash. When `may_be_empty`, nothing stands for all zeros.
template <typename Array>
Status read_array(std::string_view bytes, bool may_be_empty, const char* what, Array& out) {
  out.fill(0);
  if (bytes.empty() && may_be_empty) return {};
  if (bytes.size() != out.size()) {
    return fail(Errc::bad_data, std::string{what} + " has " + std::to_string(bytes.size()) + " bytes, not " +
                                    std::to_string(out.size()));
  }
  std::transform(bytes.begin(), bytes.end(), out.begin(),
                 [](char c) { return static_cast<std::uint8_t>(c); });
  return {};
}

template <typename Array>
bool is_zero(const Array& bytes) {
  return std::ranges::all_of(bytes, [](std::uint8_t b) { return b == 0; });
}

// A row of checks that stops at the first failure and keeps its reason.
class Checks {
 public:
  Checks& that(bool condition, const char* otherwise) {
    if (!failed_ && !condition) failed_ = otherwise;
    return *this;
  }
  Status status() const {
    if (!failed_) return {};
    return fail(Errc::bad_data, failed_);
  }

 private:
  const char* failed_ = nullptr;
};

}  // namespace davy
