#pragma once

#include <map>
#include <string>
#include <vector>

#include "host/api/user_store.hpp"

namespace davy {

// The sign-ins that are in force, by the hash of their token. On the io thread; what it holds is in the
// UserStore too.
class SessionTable {
 public:
  // nullptr: no such session, or it has expired.
  const Session* find(const std::string& token, WallTime now) const;
  const Session* by_hash(const std::string& hash, WallTime now) const;

  void add(Session session);
  void end(const std::string& hash) { sessions_.erase(hash); }
  // The user changed the password in session `keep`: the others are over.
  void password_changed(const std::string& user, const std::string& keep);
  void replace(std::vector<Session> all);

 private:
  std::map<std::string, Session> sessions_;
};

}  // namespace davy
