#include "gateway/interlock/lock_row.hpp"

#include <algorithm>
#include <array>

namespace davy {
namespace {

bool all_clear(std::span<const JudgedInput> judged) {
  return std::ranges::all_of(judged, [](const JudgedInput& j) { return j.finding == Finding::clear; });
}

bool any_faulty(std::span<const JudgedInput> judged) {
  return std::ranges::any_of(judged, &JudgedInput::faulty);
}

// The first input with this finding.
std::optional<std::size_t> first(std::span<const JudgedInput> judged, Finding finding) {
  const auto at = std::ranges::find(judged, finding, &JudgedInput::finding);
  if (at == judged.end()) return std::nullopt;
  return static_cast<std::size_t>(at - judged.begin());
}

// Row a: sounds on gas. A lost sensor does not sound, nor does it silence.
RowVerdict sound_on_value(const RowView& view) {
  const auto beyond = first(view.judged, Finding::beyond);
  return {.trip = beyond.has_value(),
          .fault = any_faulty(view.judged),
          .may_release = all_clear(view.judged),
          .cause = beyond};
}

// Rows b, c, d and other cuts: on the value or on its loss.
RowVerdict cut_on_value_or_loss(const RowView& view) {
  const auto beyond = first(view.judged, Finding::beyond);
  const auto cause = beyond ? beyond : first(view.judged, Finding::lost);
  return {.trip = cause.has_value(),
          .fault = any_faulty(view.judged),
          .may_release = all_clear(view.judged),
          .cause = cause};
}

// Row e: no fan runs, or no air in the duct, or nobody knows.
RowVerdict cut_without_air(const RowView& view) {
  const JudgedInput fans = judge_fans(view.inputs, view.judged);
  RowVerdict out{.trip = fans.finding == Finding::beyond || fans.finding == Finding::lost,
                 .fault = any_faulty(view.judged),
                 .may_release = fans.finding == Finding::clear};
  for (std::size_t i = 0; i < view.inputs.size(); ++i) {
    const Finding finding = view.judged[i].finding;
    const bool bad = finding == Finding::beyond || finding == Finding::lost;
    const bool duct = view.inputs[i].role == InputRole::duct;
    out.trip = out.trip || (duct && bad);
    out.may_release = out.may_release && (!duct || finding == Finding::clear);
    if (bad && (duct || fans.finding == Finding::beyond || fans.finding == Finding::lost)) {
      // A stopped one says more than a silent one.
      if (!out.cause || (view.judged[*out.cause].finding == Finding::lost && finding == Finding::beyond))
        out.cause = i;
    }
  }
  out.may_release = out.may_release && !out.trip;
  return out;
}

// Row f: all fans surely stopped and gas surely there. There is no loss in this row: a fan that nobody can
// see, or gas that nobody can measure, locks nothing. "Fan state normal" in the release means that its state
// is known: a locked fan cannot run.
RowVerdict lock_fan_in_gas(const RowView& view) {
  const JudgedInput fans = judge_fans(view.inputs, view.judged);
  RowVerdict out{.fault = any_faulty(view.judged), .may_release = fans.known};
  for (std::size_t i = 0; i < view.inputs.size(); ++i) {
    if (view.inputs[i].role == InputRole::fan) continue;
    out.may_release = out.may_release && view.judged[i].finding == Finding::clear;
    if (!out.trip && fans.surely_beyond() && view.judged[i].surely_beyond()) {
      out.trip = true;
      out.cause = i;
    }
  }
  return out;
}

// Row g: any device of the area, or one of its own points.
RowVerdict cut_on_device_fault(const RowView& view) {
  RowVerdict out = cut_on_value_or_loss(view);
  out.trip = out.trip || view.device_fault;
  out.fault = out.trip;
  out.may_release = out.may_release && !out.trip;
  return out;
}

struct RowRule {
  LockRow row;
  RowVerdict (*judge)(const RowView&);
  bool starts_tripped;
};

constexpr std::array<RowRule, lock_row_count> rules{{
    {LockRow::methane_alarm, sound_on_value, false},
    {LockRow::methane_face, cut_on_value_or_loss, true},
    {LockRow::methane_return, cut_on_value_or_loss, true},
    {LockRow::methane_intake, cut_on_value_or_loss, true},
    {LockRow::wind, cut_without_air, true},
    {LockRow::fan_start, lock_fan_in_gas, false},
    {LockRow::device_fault, cut_on_device_fault, true},
    {LockRow::cut, cut_on_value_or_loss, true},
}};

constexpr const RowRule& rule_of(LockRow row) { return rules[static_cast<std::size_t>(row)]; }
static_assert([] {
  for (std::size_t i = 0; i < rules.size(); ++i) {
    if (rules[i].row != static_cast<LockRow>(i)) return false;
  }
  return true;
}());

}  // namespace

RowVerdict judge_row(LockRow row, const RowView& view) { return rule_of(row).judge(view); }

std::optional<std::size_t> gas_behind_key(const RowView& view) {
  if (!judge_fans(view.inputs, view.judged).surely_beyond()) return std::nullopt;
  for (std::size_t i = 0; i < view.inputs.size(); ++i) {
    const JudgedInput& gas = view.judged[i];
    if (view.inputs[i].role == InputRole::fan) continue;
    if (gas.surely_beyond() || (gas.known && gas.finding == Finding::holding)) return i;
  }
  return std::nullopt;
}

bool starts_tripped(LockRow row) { return rule_of(row).starts_tripped; }

LockMemory next_memory(LockMemory memory, const RowVerdict& verdict, Duration settle, SteadyTime now) {
  if (verdict.fault || memory.faulty) memory.settle_until = now + settle;
  memory.faulty = verdict.fault;
  if (verdict.trip) {
    memory.tripped = true;
  } else if (verdict.may_release && now >= memory.settle_until) {
    memory.tripped = false;
  }
  return memory;
}

}  // namespace davy
