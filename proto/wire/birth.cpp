#include <cmath>
#include <set>

#include "proto/base/assert.hpp"
#include "proto/wire/hash.hpp"
#include "proto/wire/message_checks.hpp"
#include "proto/wire/messages.hpp"
#include "proto/wire/messages.pb.h"
#include "proto/wire/topics.hpp"
#include "proto/wire/wire_reader.hpp"

namespace davy {
namespace {

constexpr std::uint32_t birth_schema = 1;
constexpr std::uint32_t interval_ms_max = 7 * 24 * 3600 * 1000;  // periods and delays: a week

void write_limit(const Limit& limit, wire::LimitDefinition& out) {
  out.set_side(limit.side == Side::high ? wire::LimitDefinition::HIGH : wire::LimitDefinition::LOW);
  out.set_level(static_cast<wire::LimitDefinition::Level>(limit.level));
  out.set_at(limit.at);
  out.set_clear_at(limit.clear_at);
  out.set_on_delay_ms(static_cast<std::uint32_t>(limit.on_delay.count()));
  out.set_off_delay_ms(static_cast<std::uint32_t>(limit.off_delay.count()));
  out.set_priority(limit.priority);
  out.set_basis(clean_text(limit.basis));
}

void write_point(const Point& point, wire::PointDefinition& out) {
  out.set_name(point.name);
  out.set_title(clean_text(point.title));
  out.set_title_en(clean_text(point.title_en));
  out.set_place(clean_text(point.place));
  out.set_place_en(clean_text(point.place_en));
  out.set_quantity(clean_text(point.quantity, name_size_max));
  out.set_unit(clean_text(point.unit, name_size_max));
  out.set_kind(static_cast<wire::PointDefinition::Kind>(point.kind));
  out.set_range_low(point.range_low);
  out.set_range_high(point.range_high);
  out.set_period_ms(static_cast<std::uint32_t>(point.period.count()));
  out.set_stale_after_ms(static_cast<std::uint32_t>(point.stale_after.count()));
  for (const Limit& limit : point.limits) write_limit(limit, *out.add_limit());
  out.set_text_on(clean_text(point.text_on));
  out.set_text_off(clean_text(point.text_off));
  out.set_device(clean_text(point.device));
}

Status read_limit(const wire::LimitDefinition& in, Limit& out) {
  Checks checks;
  checks.that(wire::LimitDefinition::Side_IsValid(in.side()), "limit with an unknown side")
      .that(wire::LimitDefinition::Level_IsValid(in.level()) && in.level() != wire::LimitDefinition::NONE,
            "limit with an unknown level")
      .that(std::isfinite(in.at()) && std::isfinite(in.clear_at()), "limit that is not a number")
      .that(in.side() == wire::LimitDefinition::HIGH ? in.clear_at() <= in.at() : in.clear_at() >= in.at(),
            "limit that clears on its dangerous side")
      .that(in.on_delay_ms() <= interval_ms_max && in.off_delay_ms() <= interval_ms_max,
            "limit delay over a week")
      .that(in.priority() >= 1 && in.priority() <= 4, "limit priority not 1 to 4")
      .that(is_text(in.basis()), "limit basis is no text");
  if (auto ok = checks.status(); !ok) return ok;
  out = {.side = in.side() == wire::LimitDefinition::HIGH ? Side::high : Side::low,
         .level = static_cast<LimitState>(in.level()),
         .at = in.at(),
         .clear_at = in.clear_at(),
         .on_delay = Duration{in.on_delay_ms()},
         .off_delay = Duration{in.off_delay_ms()},
         .priority = static_cast<std::uint8_t>(in.priority()),
         .basis = in.basis()};
  return {};
}

Status check_point(const wire::PointDefinition& in) {
  Checks checks;
  checks.that(is_point_name(in.name()), "no valid name")
      .that(is_text(in.title()) && is_text(in.title_en()), "title is no text")
      .that(is_text(in.place()) && is_text(in.place_en()), "place is no text")
      .that(is_text(in.quantity(), name_size_max), "quantity is no short text")
      .that(is_text(in.unit(), name_size_max), "unit is no short text")
      .that(wire::PointDefinition::Kind_IsValid(in.kind()), "unknown kind")
      .that(std::isfinite(in.range_low()) && std::isfinite(in.range_high()), "range that is not a number")
      .that(in.range_low() <= in.range_high(), "range upside down")
      .that(in.period_ms() >= 1 && in.period_ms() <= interval_ms_max, "period not 1 ms to a week")
      .that(in.stale_after_ms() >= 1 && in.stale_after_ms() <= interval_ms_max,
            "stale_after not 1 ms to a week")
      .that(in.limit_size() <= static_cast<int>(limits_per_point_max), "too many limits")
      .that(is_text(in.text_on()) && is_text(in.text_off()), "text of a state is no text")
      .that(is_text(in.device()), "device is no text");
  return checks.status();
}

Status read_point(const wire::PointDefinition& in, Point& out) {
  if (auto ok = check_point(in); !ok) return ok;
  out = {.name = in.name(),
         .title = in.title(),
         .title_en = in.title_en(),
         .place = in.place(),
         .place_en = in.place_en(),
         .quantity = in.quantity(),
         .unit = in.unit(),
         .kind = static_cast<PointKind>(in.kind()),
         .range_low = in.range_low(),
         .range_high = in.range_high(),
         .period = Duration{in.period_ms()},
         .stale_after = Duration{in.stale_after_ms()},
         .text_on = in.text_on(),
         .text_off = in.text_off(),
         .device = in.device()};
  for (const auto& limit : in.limit()) {
    if (auto ok = read_limit(limit, out.limits.emplace_back()); !ok) return ok;
  }
  return {};
}

// Counted before anything is made of it: four million empty points fit into a message.
Status check_counts(std::string_view definition) {
  std::size_t points = 0;
  for (WireReader reader{definition}; reader.next();) {
    if (reader.field() != wire::BirthDefinition::kPointFieldNumber) continue;
    if (reader.type() != WireReader::Type::bytes) continue;
    if (++points > points_max)
      return fail(Errc::bad_data, "more than " + std::to_string(points_max) + " points");
    const auto limits = count_fields(reader.bytes(), wire::PointDefinition::kLimitFieldNumber);
    if (limits > limits_per_point_max) return fail(Errc::bad_data, "point with too many limits");
  }
  return {};
}

Result<Birth> read_definition(std::string_view bytes) {
  if (auto ok = check_counts(bytes); !ok) return fail(ok.error());
  wire::BirthDefinition definition;
  if (auto ok = parse_message(bytes, birth_size_max, definition); !ok) return fail(ok.error());
  if (definition.schema() != birth_schema) {
    return fail(Errc::bad_data, "schema " + std::to_string(definition.schema()) + " is not known here");
  }
  if (!is_topic_name(definition.mine())) return fail(Errc::bad_data, "no valid mine");
  if (!is_topic_name(definition.gateway())) return fail(Errc::bad_data, "no valid gateway");

  Birth birth{.mine = definition.mine(), .gateway = definition.gateway()};
  std::set<std::string_view> names;
  for (const auto& point : definition.point()) {
    const auto where = [&] { return "point " + std::to_string(birth.points.size() - 1); };
    if (auto ok = read_point(point, birth.points.emplace_back()); !ok) return fail(ok.error().in(where()));
    if (!names.insert(point.name()).second)
      return fail(Errc::bad_data, where() + ": name twice: " + point.name());
  }
  return birth;
}

}  // namespace

EncodedBirth encode_birth(const Birth& birth) {
  DAVY_ASSERT(birth.points.size() <= points_max);
  wire::BirthDefinition definition;
  definition.set_schema(birth_schema);
  definition.set_mine(birth.mine);
  definition.set_gateway(birth.gateway);
  for (const Point& point : birth.points) write_point(point, *definition.add_point());

  wire::Birth message;
  message.set_definition(definition.SerializeAsString());
  EncodedBirth out{.hash = hash_of(message.definition())};
  message.set_hash(std::string{as_bytes(out.hash)});
  out.message = message.SerializeAsString();
  return out;
}

Result<Birth> decode_birth(std::string_view bytes, Hash& hash) {
  wire::Birth message;
  if (auto ok = parse_message(bytes, birth_size_max, message); !ok) return fail(ok.error().in("birth"));
  Hash told{};
  if (auto ok = read_array(message.hash(), false, "hash", told); !ok) return fail(ok.error().in("birth"));
  if (told != hash_of(message.definition())) {
    return fail(Errc::bad_data, "birth: its hash is not that of its definition");
  }
  auto birth = read_definition(message.definition());
  if (!birth) return fail(birth.error().in("birth"));
  hash = told;
  return birth;
}

}  // namespace davy
