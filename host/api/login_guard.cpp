#include "host/api/login_guard.hpp"

#include <algorithm>

namespace davy {
namespace {

constexpr unsigned free_failures = 4;  // the fifth failure in a row begins to cost time
constexpr unsigned doublings_max = 10;
constexpr Duration user_wait_max{std::chrono::seconds{30}};
constexpr Duration address_wait_max{std::chrono::minutes{10}};
constexpr Duration forget_after{std::chrono::minutes{30}};
constexpr std::size_t keys_max = 10'000;

}  // namespace

std::optional<Duration> LoginGuard::wait(const std::string& user, const std::string& address,
                                         SteadyTime now) const {
  SteadyTime until = now;
  if (const auto at = users_.find(user); at != users_.end()) until = std::max(until, at->second.not_before);
  if (const auto at = addresses_.find(address); at != addresses_.end()) {
    until = std::max(until, at->second.not_before);
  }
  if (until == now) return std::nullopt;
  return until - now;
}

void LoginGuard::failed(const std::string& user, const std::string& address, SteadyTime now) {
  count(users_, user, user_wait_max, now);
  count(addresses_, address, address_wait_max, now);
}

void LoginGuard::succeeded(const std::string& user, const std::string& address) {
  users_.erase(user);
  addresses_.erase(address);
}

void LoginGuard::count(Table& table, const std::string& key, Duration wait_max, SteadyTime now) {
  if (table.size() >= keys_max) {
    std::erase_if(table, [&](const auto& entry) { return now - entry.second.last > forget_after; });
    // Somebody tries names by the thousand: what is forgotten is the oldest, never everything.
    if (table.size() >= keys_max) {
      table.erase(std::min_element(table.begin(), table.end(), [](const auto& a, const auto& b) {
        return a.second.last < b.second.last;
      }));
    }
  }
  Tries& tries = table[key];
  if (now - tries.last > forget_after) tries.failures = 0;
  tries.last = now;
  ++tries.failures;
  if (tries.failures <= free_failures) return;
  const unsigned doublings = std::min(tries.failures - free_failures - 1, doublings_max);
  tries.not_before = now + std::min(wait_max, Duration{std::chrono::seconds{1U << doublings}});
}

}  // namespace davy
