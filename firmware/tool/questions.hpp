#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "firmware/tool/console.hpp"
#include "proto/base/result.hpp"

namespace davy {

// Questions to a person at a terminal, or to a script behind a pipe; each with an explanation and what counts
// when the answer is empty. Once the answers have ended, all further ones are missing.
class Questions {
 public:
  explicit Questions(Console& console) : console_{console} {}

  // Nothing: the input has ended.
  std::optional<std::string> ask(std::string_view explanation, std::string_view what,
                                 std::string_view otherwise);

  // Asks until `from` takes the answer; tells why it does not.
  template <typename From>
  auto ask_for(std::string_view explanation, std::string_view what, std::string_view otherwise, From from)
      -> std::optional<typename decltype(from(std::string{}))::value_type> {
    for (;;) {
      const auto answer = ask(explanation, what, otherwise);
      if (!answer) return std::nullopt;
      auto value = from(*answer);
      if (value) return *std::move(value);
      tell(value.error().message);
      explanation = {};
    }
  }
  void tell(std::string_view text);

 private:
  Console& console_;
};

}  // namespace davy
