#include "drivers/tags/tag_can_decoder.hpp"

#include <algorithm>
#include <cmath>

#include "drivers/tags/raw_sighting.hpp"

namespace davy {
namespace {

constexpr std::uint16_t number_bits_max = 32;

bool is_whole(const DbcSignal& signal) {
  return signal.kind == RawKind::unsigned_number || signal.kind == RawKind::signed_number;
}

std::optional<double> value_at(const std::optional<std::size_t>& place, std::span<const SignalValue> values) {
  if (!place || !values[*place].present || !std::isfinite(values[*place].value)) return std::nullopt;
  return values[*place].value;
}

bool is_on(const std::optional<std::size_t>& place, std::span<const SignalValue> values) {
  return place && values[*place].present && values[*place].raw != 0;
}

}  // namespace

// Looks the names of a profile up in a DBC file.
class TagCanDecoder::Maker {
 public:
  Maker(const Dbc& dbc, std::uint32_t id_offset) : dbc_{dbc}, id_offset_{id_offset} {}

  Status add(const TagCanMessage& in) {
    message_ = dbc_.find(std::string_view{in.name});
    wanted_.clear();
    if (message_ == nullptr) {
      return fail(Errc::bad_config,
                  "there is no message " + in.name + " in the DBC file; take one of its messages (BO_)");
    }
    const CanId id{.number = message_->id.number + id_offset_, .extended = message_->id.extended};
    if (!is_possible(id)) {
      return fail(Errc::bad_config, "message " + in.name + " would have the id " + to_string(id) +
                                        ", which there is not; the offset is too large");
    }
    Source source{.id = id,
                  .decoder = MessageDecoder{*message_, wanted_},
                  .number = place(in.number),
                  .distance = place(in.distance),
                  .before = place(in.before),
                  .rssi = place(in.rssi),
                  .age = place(in.age),
                  .sos = place(in.sos),
                  .low_battery = place(in.low_battery),
                  .distance_scale = in.distance_scale,
                  .age_scale = in.age_scale};
    const auto tag = place(in.tag);
    if (!problem_.empty()) return fail(Errc::bad_config, problem_);
    source.tag = *tag;
    source.decoder = MessageDecoder{*message_, wanted_};
    if (!is_whole(message_->signals[wanted_[source.tag]])) {
      return fail(Errc::bad_config, "signal " + in.tag + " is no whole number, so it is no tag");
    }
    aged = aged || source.age;
    sources.push_back(std::move(source));
    return check_number(in);
  }

  std::vector<Source> sources;
  std::optional<std::uint16_t> number_bits;
  bool aged = false;

 private:
  std::optional<std::size_t> place(const std::string& signal) {
    if (signal.empty()) return std::nullopt;
    const auto found = message_->find(signal);
    if (!found) {
      problem_ = "there is no signal " + signal + " in message " + message_->name + " of the DBC file";
      return std::nullopt;
    }
    wanted_.push_back(*found);
    return wanted_.size() - 1;
  }

  Status check_number(const TagCanMessage& in) {
    const auto& number = sources.back().number;
    if (!number) return {};
    const DbcSignal& signal = message_->signals[wanted_[*number]];
    if (signal.kind != RawKind::unsigned_number || signal.length < 2 || signal.length > number_bits_max) {
      return fail(Errc::bad_config,
                  "signal " + in.number + " must be an unsigned number of 2 to 32 bits to count sightings");
    }
    if (number_bits && *number_bits != signal.length) {
      return fail(Errc::bad_config, "signal " + in.number +
                                        " has another length than the number of the first message: one "
                                        "reader counts its sightings in one way");
    }
    number_bits = signal.length;
    return {};
  }

  const Dbc& dbc_;
  const std::uint32_t id_offset_;
  const DbcMessage* message_ = nullptr;
  std::vector<std::size_t> wanted_;
  std::string problem_;
};

Result<TagCanDecoder> TagCanDecoder::make(const TagCanProfile& profile, const Dbc& dbc, std::string reader,
                                          std::uint32_t id_offset) {
  Maker maker{dbc, id_offset};
  for (const TagCanMessage& message : profile.messages) {
    if (const Status added = maker.add(message); !added) return fail(added.error().in(profile.dbc));
  }
  std::optional<RunningNumber> numbers;
  if (maker.number_bits) numbers.emplace(std::uint64_t{1} << *maker.number_bits, maker.aged);
  return TagCanDecoder{std::move(reader), std::move(maker.sources), std::move(numbers)};
}

TagCanDecoder::TagCanDecoder(std::string reader, std::vector<Source> sources,
                             std::optional<RunningNumber> numbers)
    : reader_{std::move(reader)}, sources_{std::move(sources)}, numbers_{std::move(numbers)} {}

std::vector<CanFilter> TagCanDecoder::filters() const {
  std::vector<CanFilter> out;
  for (const Source& source : sources_) {
    const CanFilter filter{.id = source.id};
    if (std::ranges::find(out, filter) == out.end()) out.push_back(filter);
  }
  return out;
}

void TagCanDecoder::take(const CanArrival& arrival, TagReport& out) {
  if (arrival.frame.remote) return;  // somebody asks
  for (Source& source : sources_) {
    if (source.id == arrival.frame.id) take(source, arrival, out);
  }
}

void TagCanDecoder::take(Source& source, const CanArrival& arrival, TagReport& out) {
  values_.resize(source.decoder.count());
  source.decoder.decode(arrival.frame.bytes(), values_);
  const SignalValue& tag = values_[source.tag];
  if (!tag.present) {
    ++out.unreadable;
    out.message = "reader " + reader_ + ": frame " + to_string(arrival.frame.id) + " is too short for a tag";
    return;
  }
  RawSighting raw{.tag = static_cast<std::uint64_t>(tag.raw),
                  .distance_m = value_at(source.distance, values_),
                  .before = is_on(source.before, values_),
                  .rssi_dbm = value_at(source.rssi, values_),
                  .age_s = value_at(source.age, values_),
                  .sos = is_on(source.sos, values_),
                  .low_battery = is_on(source.low_battery, values_)};
  if (raw.tag == 0) return;  // an empty place
  if (raw.distance_m) *raw.distance_m *= source.distance_scale;
  if (raw.age_s) *raw.age_s *= source.age_scale;
  Sighting sighting = sighting_from(raw, reader_, arrival.arrived.wall);
  if (source.number && values_[*source.number].present) {
    const auto verdict = numbers_->take(static_cast<std::uint64_t>(values_[*source.number].raw), sighting);
    if (verdict.repeated) {
      ++out.repeated;
      return;
    }
    out.restarted |= verdict.restarted;
    out.lost += verdict.lost;
    if (verdict.lost > 0) {
      out.message = "reader " + reader_ + ": " + std::to_string(verdict.lost) +
                    " frames are missing; the bus or its adapter is overloaded, or the reader was";
    }
  }
  out.sightings.push_back(std::move(sighting));
}

}  // namespace davy
