#include "firmware/tool/questions.hpp"

namespace davy {

std::optional<std::string> Questions::ask(std::string_view explanation, std::string_view what,
                                          std::string_view otherwise) {
  if (!explanation.empty()) console_.out << "\n" << explanation << "\n";
  console_.out << what;
  if (!otherwise.empty()) console_.out << " [" << otherwise << "]";
  console_.out << ": " << std::flush;
  std::string answer;
  if (!std::getline(console_.in, answer)) {
    console_.out << "\n";
    return std::nullopt;
  }
  const std::size_t first = answer.find_first_not_of(" \t\r");
  if (first == std::string::npos) return std::string{otherwise};
  return answer.substr(first, answer.find_last_not_of(" \t\r") - first + 1);
}

void Questions::tell(std::string_view text) { console_.out << text << "\n"; }

}  // namespace davy
