#include "host/history/block_store.hpp"
#include "host/history/row_values.hpp"

namespace davy {
namespace {

template <typename Row, typename Read>
Result<std::vector<Row>> read_all(SqliteDatabase& db, const char* sql, const Read& read) {
  auto rows = db.prepare(sql);
  if (!rows) return fail(rows.error());
  std::vector<Row> out;
  for (;;) {
    const auto row = rows->step();
    if (!row) return fail(row.error());
    if (!*row) return out;
    out.push_back(read(*rows));
  }
}

GatewayRow gateway_row(const SqliteStatement& s) {
  GatewayRow row{
      .id = GatewayId{u32(s, 0)}, .name = std::string{s.text(1)}, .birth = {}, .quarantined = u64(s, 3)};
  if (!s.is_null(2)) row.birth = BirthId{u32(s, 2)};
  return row;
}

StreamRow stream_row(const SqliteStatement& s) {
  return {StreamId{u32(s, 0)}, GatewayId{u32(s, 1)}, bytes_of<Uuid>(s, 2), time_of(s, 3)};
}

PointRow point_row(const SqliteStatement& s) {
  return {HostPointId{u32(s, 0)}, GatewayId{u32(s, 1)}, std::string{s.text(2)}, BirthId{u32(s, 3)},
          u32(s, 4)};
}

BirthRow birth_row(const SqliteStatement& s) {
  return {BirthId{u32(s, 0)}, GatewayId{u32(s, 1)}, bytes_of<Hash>(s, 2), time_of(s, 3),
          std::string{s.blob(4)}};
}

ClockRow clock_row(const SqliteStatement& s) {
  return {GatewayId{u32(s, 0)}, u64(s, 1), Duration{s.number(2)}, time_of(s, 3)};
}

// Puts a list where it belongs, or keeps why it could not be read.
template <typename Row>
bool put(Result<std::vector<Row>> rows, std::vector<Row>& into, Status& status) {
  if (!rows) {
    status = fail(rows.error());
    return false;
  }
  into = std::move(*rows);
  return true;
}

}  // namespace

Result<Inventory> BlockStore::load() {
  Inventory all;
  Status status;
  const bool done =
      put(read_all<GatewayRow>(db_, "SELECT id, name, birth, quarantined FROM gateway ORDER BY id",
                               gateway_row),
          all.gateways, status) &&
      put(read_all<StreamRow>(db_, "SELECT id, gateway, uuid, first_seen_ms FROM stream ORDER BY id",
                              stream_row),
          all.streams, status) &&
      put(read_all<PointRow>(db_, "SELECT id, gateway, name, birth, position FROM point ORDER BY id",
                             point_row),
          all.points, status) &&
      put(read_all<BirthRow>(db_,
                             "SELECT id, gateway, hash, received_ms, message FROM birth WHERE id IN "
                             "(SELECT birth FROM gateway UNION SELECT birth FROM point) ORDER BY id",
                             birth_row),
          all.births, status) &&
      put(read_all<ClockRow>(db_, "SELECT gateway, boot, wall_minus_steady_ms, heard_ms FROM clock",
                             clock_row),
          all.clocks, status);
  if (!done) return fail(status.error());
  const auto births = db_.query_number("SELECT coalesce(max(id), 0) FROM birth");
  if (!births) return fail(births.error());
  all.births_made = static_cast<std::uint32_t>(*births);
  return all;
}

}  // namespace davy
