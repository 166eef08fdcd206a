#pragma once

#include <span>
#include <string>

#include "gateway/interlock/lock_row.hpp"
#include "gateway/interlock/output_watch.hpp"
#include "proto/model/point.hpp"
#include "proto/wire/interlock_config.hpp"

// What the events of the interlock say. The cause stands first and the titles last: what is too long for an
// event is cut off at its end.
namespace davy {

// "N1201-T1 1.52 %CH4, at or above 1.5, good", "N1201-T1 lost: no reading for 3100 ms (last 0.4 %CH4)"
std::string input_words(const LockInput& input, const JudgedInput& judged, const InputReading& reading,
                        const Point& point, SteadyTime now);
// " | N1201-B 掘进面瓦斯闭锁 / methane lock of the face", for a lock, output or area.
template <typename Titled>
std::string title_words(const Titled& thing) {
  std::string out = " | " + thing.name;
  if (!thing.title.empty()) out += " " + thing.title;
  if (!thing.title_en.empty()) out += " / " + thing.title_en;
  return out;
}
// "cut", "lock the fan", "sound"
std::string act_words(OutputKind kind);
std::string feed_words(FeedNow feed);
// "good", "bad_comm", "good, calibrating"
std::string quality_words(const Quality& quality);
std::string plain_number(double value);  // six digits at most, as people write it

}  // namespace davy
