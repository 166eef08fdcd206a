#include <algorithm>
#include <utility>

#include "host/api/user_store.hpp"
#include "proto/wire/hash.hpp"

// The audit of a UserStore.
namespace davy {
namespace {

std::string chained(std::string_view previous, const AuditLine& line) {
  std::string text;
  const std::string fields[] = {std::string{previous},
                                std::to_string(line.seq),
                                std::to_string(to_ms(line.at)),
                                line.user,
                                line.address,
                                line.action,
                                line.detail};
  // Each with its length before it: nothing can be moved from one field to the next.
  for (const std::string& field : fields) text += std::to_string(field.size()) + ":" + field + ";";
  return std::string{as_bytes(hash_of(text))};
}

AuditLine line_of_row(const SqliteStatement& row) {
  return {.seq = static_cast<std::uint64_t>(row.number(0)),
          .at = wall_from_ms(row.number(1)),
          .user = std::string{row.text(2)},
          .address = std::string{row.text(3)},
          .action = std::string{row.text(4)},
          .detail = std::string{row.text(5)}};
}

}  // namespace

Status UserStore::audit(const AuditLine& line) {
  auto transaction = SqliteTransaction::begin(*db_);
  if (!transaction) return fail(transaction.error());
  auto last = db_->prepare("SELECT seq, chain FROM audit ORDER BY seq DESC LIMIT 1");
  if (!last) return fail(last.error());
  auto there = last->step();
  if (!there) return fail(there.error());
  AuditLine numbered = line;
  numbered.seq = *there ? static_cast<std::uint64_t>(last->number(0)) + 1 : 1;
  const std::string chain = chained(*there ? last->blob(1) : std::string_view{}, numbered);
  last->reset();
  auto insert = db_->prepare(
      "INSERT INTO audit(seq, at_ms, user, address, action, detail, chain) VALUES(?,?,?,?,?,?,?)");
  if (!insert) return fail(insert.error());
  insert->bind(1, static_cast<std::int64_t>(numbered.seq)).bind(2, to_ms(line.at)).bind_text(3, line.user);
  insert->bind_text(4, line.address).bind_text(5, line.action).bind_text(6, line.detail).bind_blob(7, chain);
  if (auto done = insert->run(); !done) return done;
  return transaction->commit();
}

Result<std::vector<AuditLine>> UserStore::newest_audit(std::size_t limit) {
  auto rows =
      db_->prepare("SELECT seq, at_ms, user, address, action, detail FROM audit ORDER BY seq DESC LIMIT ?");
  if (!rows) return fail(rows.error());
  rows->bind(1, static_cast<std::int64_t>(limit));
  std::vector<AuditLine> lines;
  for (;;) {
    auto row = rows->step();
    if (!row) return fail(row.error());
    if (!*row) break;
    lines.push_back(line_of_row(*rows));
  }
  std::ranges::reverse(lines);
  return lines;
}

Result<std::uint64_t> UserStore::verify_audit() {
  auto rows = db_->prepare("SELECT seq, at_ms, user, address, action, detail, chain FROM audit ORDER BY seq");
  if (!rows) return fail(rows.error());
  std::uint64_t seq = 0;
  std::string chain;
  for (;;) {
    auto row = rows->step();
    if (!row) return fail(row.error());
    if (!*row) return seq;
    const AuditLine line = line_of_row(*rows);
    chain = chained(chain, line);
    if (line.seq != ++seq) return fail(Errc::corrupt, "audit: line " + std::to_string(seq) + " is missing");
    if (chain != rows->blob(6)) {
      return fail(Errc::corrupt, "audit: line " + std::to_string(seq) + " was changed after it was written");
    }
  }
}

}  // namespace davy
