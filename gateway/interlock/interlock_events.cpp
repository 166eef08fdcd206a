#include <algorithm>

#include "gateway/interlock/interlock.hpp"
#include "gateway/interlock/lock_words.hpp"

// What the locks tell.
namespace davy {

void Interlock::tell(EventKind kind, std::uint64_t occurrence, std::string text, Now now) {
  out_.events.push_back({.kind = kind, .at = now.wall, .first = occurrence, .text = std::move(text)});
}

void Interlock::tell_change(bool begins, std::uint64_t& occurrence, EventKind begin, EventKind end,
                            std::string text, Now now) {
  if (begins) occurrence = ++occurrences_;
  tell(begins ? begin : end, occurrence, std::move(text), now);
}

void Interlock::tell_output(std::size_t i, Now now) {
  const OutputSettings& settings = settings_.outputs[i];
  Output& output = outputs_[i];
  std::string text = settings.name + " is told " + (output.memory.acting ? "to " : "not to ") +
                     act_words(settings.kind) + ", and ";
  if (!output.memory.faulty) {
    text += "reads back so";
  } else {
    text += reports_[i].on ? "reads back otherwise" : "cannot be read (" + reports_[i].message + ")";
    text += "; it is told again all the time, and its area is cut";
  }
  tell_change(output.memory.faulty, output.occurrence, EventKind::output_fault, EventKind::output_restored,
              text + title_words(settings), now);
}

void Interlock::tell_trip(std::size_t l, Now now) {
  locks_[l].occurrence = ++occurrences_;
  tell(EventKind::lock_tripped, locks_[l].occurrence, trip_words(l, now), now);
}

std::string Interlock::trip_words(std::size_t l, Now now) const {
  const LockSettings& settings = settings_.locks[l];
  const Lock& lock = locks_[l];
  std::string text = "row " + std::string{row_name(settings.row)} + " tripped: ";
  if (first_ && lock.at_start) {
    const bool fan = settings.row == LockRow::fan_start;
    return text + (fan ? "it was locked before the restart" : "power-up, until all is good and settled") +
           acts_on_words(settings) + title_words(settings);
  }
  if (lock.verdict.cause) {
    const std::size_t cause = *lock.verdict.cause;
    const LockInput& input = settings.inputs[cause];
    text += input_words(input, lock.judged[cause], inputs_[input.point], points_[input.point], now.steady);
  } else {
    text += area_fault_words(settings.area, now);
  }
  if (settings.row == LockRow::fan_start) text += ", and the fan is stopped";
  return text + acts_on_words(settings) + title_words(settings);
}

std::string Interlock::acts_on_words(const LockSettings& settings) const {
  std::string text = "; acts on";
  for (const std::uint32_t output : settings.outputs) text += " " + settings_.outputs[output].name;
  return text;
}

void Interlock::tell_release(std::size_t l, Now now) {
  const LockSettings& settings = settings_.locks[l];
  std::string text = "row " + std::string{row_name(settings.row)} + " released:";
  for (std::size_t i = 0; i < settings.inputs.size(); ++i) {
    const LockInput& input = settings.inputs[i];
    text += (i == 0 ? " " : "; ") +
            input_words(input, locks_[l].judged[i], inputs_[input.point], points_[input.point], now.steady);
  }
  if (settings.inputs.empty()) text += " all devices of the area work";
  text += held_words(settings);
  tell(EventKind::lock_released, locks_[l].occurrence, text + title_words(settings), now);
}

// The outputs that stay as they are because another lock wants it.
std::string Interlock::held_words(const LockSettings& settings) const {
  std::string text;
  for (std::size_t l = 0; l < locks_.size(); ++l) {
    const LockSettings& other = settings_.locks[l];
    const bool shares = std::ranges::any_of(settings.outputs, [&](std::uint32_t output) {
      return std::ranges::find(other.outputs, output) != other.outputs.end();
    });
    if (&other == &settings || !shares || !locks_[l].memory.tripped) continue;
    text += text.empty() ? "; still held by " : ", ";
    text += other.name;
  }
  return text;
}

std::string Interlock::area_fault_words(std::uint32_t area, Now now) const {
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    if (settings_.outputs[i].area == area && outputs_[i].memory.faulty) {
      return "output " + settings_.outputs[i].name + " does not do what it is told";
    }
  }
  for (std::size_t l = 0; l < locks_.size(); ++l) {
    const LockSettings& settings = settings_.locks[l];
    if (settings.area != area || settings.row == LockRow::device_fault) continue;
    for (std::size_t i = 0; i < settings.inputs.size(); ++i) {
      const LockInput& input = settings.inputs[i];
      if (!locks_[l].judged[i].faulty()) continue;
      return input_words(input, locks_[l].judged[i], inputs_[input.point], points_[input.point], now.steady);
    }
  }
  return "a device of the area is faulty";
}

}  // namespace davy
