#include "host/api/session_table.hpp"

#include <utility>

namespace davy {

const Session* SessionTable::find(const std::string& token, WallTime now) const {
  if (token.empty()) return nullptr;
  return by_hash(token_hash(token), now);
}

const Session* SessionTable::by_hash(const std::string& hash, WallTime now) const {
  const auto at = sessions_.find(hash);
  return at == sessions_.end() || at->second.expires <= now ? nullptr : &at->second;
}

void SessionTable::add(Session session) {
  std::string hash = session.hash;
  sessions_.insert_or_assign(std::move(hash), std::move(session));
}

void SessionTable::password_changed(const std::string& user, const std::string& keep) {
  std::erase_if(sessions_,
                [&](const auto& entry) { return entry.second.user.name == user && entry.first != keep; });
  if (const auto at = sessions_.find(keep); at != sessions_.end())
    at->second.user.must_change_password = false;
}

void SessionTable::replace(std::vector<Session> all) {
  sessions_.clear();
  for (Session& session : all) add(std::move(session));
}

}  // namespace davy
