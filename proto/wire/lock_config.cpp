#include "proto/wire/lock_config.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "proto/wire/config_names.hpp"
#include "proto/wire/gateway_config.pb.h"
#include "proto/wire/limits.hpp"
#include "proto/wire/lock_numbers.hpp"
#include "proto/wire/output_config.hpp"
#include "proto/wire/text_rules.hpp"

namespace davy {
namespace {

// AQ 6201: a lock acts within 2 s, through another station within 40 s; 100 ms of it are for this gateway.
constexpr Duration act_local{2'000};
constexpr Duration act_remote{40'000};
constexpr Duration own_time{100};
constexpr Duration stale_max{20'000};  // AQ 6201: a whole polling cycle

using Inputs = google::protobuf::RepeatedPtrField<wire::LockInputConfig>;

template <typename T>
std::vector<std::string> names_of(const std::vector<T>& things) {
  std::vector<std::string> out;
  for (const T& thing : things) out.push_back(thing.name);
  return out;
}

class LockCheck {
 public:
  LockCheck(ConfigText& config, const GatewayConfig& whole, InterlockSettings& out)
      : config_{config},
        whole_{whole},
        out_{out},
        area_names_{names_of(out.areas)},
        output_names_{names_of(out.outputs)},
        point_names_{names_of(whole.points)} {}

  void run(const wire::InterlockConfig& in, const ConfigNode& node) {
    if (in.lock_size() == 0) config_.problem(node, "lock", "is missing: nothing would ever act");
    for (int i = 0; i < in.lock_size(); ++i) check(in.lock(i), node.child("lock", i));
    if (!config_.ok()) return;  // what follows would be told of the same mistakes again
    complete_areas(in, node);
    for (std::size_t i = 0; i < out_.outputs.size(); ++i) {
      if (acted_on_.contains(static_cast<std::uint32_t>(i))) continue;
      config_.problem(node.child("output", static_cast<int>(i)), "name",
                      "no lock acts on " + in_quotes(out_.outputs[i].name) + "; add one, or leave it out");
    }
  }

 private:
  void check(const wire::LockConfig& in, const ConfigNode& node) {
    names_.check(in.name(), node, config_);
    check_lock_title("title", in.title(), node, config_);
    check_lock_title("title_en", in.title_en(), node, config_);
    if (in.legal_basis().size() > text_size_max)
      config_.problem(node, "legal_basis", "is longer than 512 bytes");
    config_.check_range(node, "flow_within_ms", in.flow_within_ms(), 1000, 300'000);
    LockSettings lock{.name = in.name(),
                      .title = in.title(),
                      .title_en = in.title_en(),
                      .row = static_cast<LockRow>(in.row() - wire::LockConfig::METHANE_ALARM),
                      .legal_basis = in.legal_basis(),
                      .flow_within = Duration{in.flow_within_ms()}};
    if (!in.has_area() || !in.has_row()) return;  // told already
    const auto area = find_name(area_names_, in.area(), "area", node, "area", -1, config_);
    if (!area) return;
    lock.area = *area;
    if (in.has_flow_within_ms() && lock.row != LockRow::wind)
      config_.problem(node, "flow_within_ms", "belongs to row WIND only");
    check_inputs(in, node, lock);
    check_outputs(in, node, lock);
    check_deadlines(node, lock);
    check_one_device_fault(lock, node);
    out_.locks.push_back(std::move(lock));
  }

  // Each row has its own inputs; one that belongs to another row was meant for something else.
  void check_inputs(const wire::LockConfig& in, const ConfigNode& node, LockSettings& lock) {
    const bool methane = has_methane(lock.row);
    const bool fan = lock.row == LockRow::wind || lock.row == LockRow::fan_start;
    const bool duct = lock.row == LockRow::wind;
    const bool free = lock.row == LockRow::cut || lock.row == LockRow::device_fault;
    take("methane", in.methane(), methane, methane, InputRole::value, node, lock);
    take("fan", in.fan(), fan, fan, InputRole::fan, node, lock);
    take("duct", in.duct(), duct, duct, InputRole::duct, node, lock);
    take("input", in.input(), free, lock.row == LockRow::cut, InputRole::value, node, lock);
  }

  void take(const char* field, const Inputs& inputs, bool allowed, bool needed, InputRole role,
            const ConfigNode& node, LockSettings& lock) {
    if (needed && inputs.empty()) {
      config_.problem(node, field, "is missing: row " + row_words(lock.row) + " needs it");
    }
    if (!allowed && !inputs.empty()) {
      return config_.problem(node, field, "does not belong to row " + row_words(lock.row), 0);
    }
    for (int i = 0; i < inputs.size(); ++i) {
      if (!inputs[i].has_point()) continue;  // told already
      const auto child = node.child(field, i);
      const auto point = find_name(point_names_, inputs[i].point(), "point", child, "point", -1, config_);
      if (!point) continue;
      const bool twice =
          std::ranges::any_of(lock.inputs, [&](const LockInput& other) { return other.point == *point; });
      if (twice) config_.problem(child, "point", in_quotes(inputs[i].point()) + " is named twice here");
      lock.inputs.push_back(input_from(inputs[i], *point, role, lock, whole_.points[*point], child, config_));
    }
  }

  void check_outputs(const wire::LockConfig& in, const ConfigNode& node, LockSettings& lock) {
    for (int i = 0; i < in.output_size(); ++i) {
      const auto at = find_name(output_names_, in.output(i), "output", node, "output", i, config_);
      if (!at) continue;
      if (std::ranges::find(lock.outputs, *at) != lock.outputs.end())
        config_.problem(node, "output", in_quotes(in.output(i)) + " is named twice here", i);
      if (!suits(lock.row, out_.outputs[*at].kind))
        config_.problem(node, "output",
                        in_quotes(in.output(i)) + " is a " + kind_words(out_.outputs[*at].kind) + "; row " +
                            row_words(lock.row) + " acts on a " + kind_words(own_kind(lock.row)),
                        i);
      lock.outputs.push_back(*at);
    }
    if (in.output_size() == 0) lock.outputs = own_outputs(lock);
    acted_on_.insert(lock.outputs.begin(), lock.outputs.end());
    if (!lock.outputs.empty() || in.output_size() > 0) return;
    config_.problem(node, "output",
                    "is missing: area " + in_quotes(in.area()) + " has no " + kind_words(own_kind(lock.row)) +
                        " for this lock to act on");
  }

  std::vector<std::uint32_t> own_outputs(const LockSettings& lock) const {
    std::vector<std::uint32_t> out;
    for (std::size_t i = 0; i < out_.outputs.size(); ++i) {
      const OutputSettings& output = out_.outputs[i];
      if (output.area == lock.area && output.kind == own_kind(lock.row))
        out.push_back(static_cast<std::uint32_t>(i));
    }
    return out;
  }

  void check_deadlines(const ConfigNode& node, const LockSettings& lock) {
    const bool remote = !lock.outputs.empty() && std::ranges::all_of(lock.outputs, [&](std::uint32_t i) {
      return out_.outputs[i].feed_within >= act_remote;
    });
    const Duration within = remote ? act_remote : act_local;
    std::array<int, 3> position{};
    for (const LockInput& input : lock.inputs) {
      const char* field = field_of(lock.row, input.role);
      const auto child = node.child(field, position[static_cast<std::size_t>(input.role)]++);
      const Point& point = whole_.points[input.point];
      if (point.period + own_time > within) {
        config_.problem(child, "point",
                        in_quotes(point.name) + " is read every " + std::to_string(point.period.count()) +
                            " ms, and this lock has to act within " + std::to_string(within.count()) +
                            " ms: give its device a period_ms of " +
                            std::to_string((within - own_time).count()) + " at most");
      } else if (point.stale_after > stale_max) {
        config_.problem(child, "point",
                        in_quotes(point.name) + " is believed for " +
                            std::to_string(point.stale_after.count()) +
                            " ms without a reading; for a lock its stale_after_ms is " +
                            std::to_string(stale_max.count()) + " at most");
      }
    }
  }

  void check_one_device_fault(const LockSettings& lock, const ConfigNode& node) {
    if (lock.row != LockRow::device_fault || guarded_.insert(lock.area).second) return;
    config_.problem(node, "area", "has a lock of row DEVICE_FAULT already");
  }

  // Row g cannot be forgotten, and nothing but a sounder works without a cutter.
  void complete_areas(const wire::InterlockConfig& in, const ConfigNode& node) {
    for (std::size_t i = 0; i < out_.areas.size(); ++i) {
      const auto area = static_cast<std::uint32_t>(i);
      const bool locked = std::ranges::any_of(out_.locks, [&](const LockSettings& lock) {
        return lock.area == area && lock.row != LockRow::methane_alarm;
      });
      LockSettings made{.name = in.area(static_cast<int>(i)).name() + "-G",
                        .title = out_.areas[i].title,
                        .title_en = out_.areas[i].title_en,
                        .row = LockRow::device_fault,
                        .area = area};
      made.outputs = own_outputs(made);
      if (locked && made.outputs.empty()) {
        config_.problem(node.child("area", static_cast<int>(i)), "name",
                        in_quotes(out_.areas[i].name) + " has locks and no CUTTER");
      }
      if (made.outputs.empty() || guarded_.contains(area)) continue;
      while (std::ranges::find(out_.locks, made.name, &LockSettings::name) != out_.locks.end())
        made.name += "+";
      acted_on_.insert(made.outputs.begin(), made.outputs.end());
      out_.locks.push_back(std::move(made));
    }
  }

  ConfigText& config_;
  const GatewayConfig& whole_;
  InterlockSettings& out_;
  ConfigNames names_;
  std::vector<std::string> area_names_;
  std::vector<std::string> output_names_;
  std::vector<std::string> point_names_;
  std::set<std::uint32_t> guarded_;   // areas with a lock of row g
  std::set<std::uint32_t> acted_on_;  // outputs
};

void check_areas(const wire::InterlockConfig& in, ConfigText& config, const ConfigNode& node,
                 InterlockSettings& out) {
  if (in.area_size() == 0) config.problem(node, "area", "is missing: a lock cuts an area");
  ConfigNames names;
  for (int i = 0; i < in.area_size(); ++i) {
    const auto child = node.child("area", i);
    names.check(in.area(i).name(), child, config);
    check_lock_title("title", in.area(i).title(), child, config);
    check_lock_title("title_en", in.area(i).title_en(), child, config);
    out.areas.push_back({in.area(i).name(), in.area(i).title(), in.area(i).title_en()});
  }
}

}  // namespace

InterlockSettings check_interlock(const wire::InterlockConfig& in, ConfigText& config, const ConfigNode& node,
                                  const GatewayConfig& whole) {
  InterlockSettings out;
  config.check_range(node, "settle_ms", in.settle_ms(), 10'000, 600'000);
  config.check_range(node, "key_valid_ms", in.key_valid_ms(), 60'000, 8 * 3600 * 1000);
  if (in.memory().empty()) config.problem(node, "memory", "is empty; give the file that remembers fan locks");
  out.settle = Duration{in.settle_ms()};
  out.key_valid = Duration{in.key_valid_ms()};
  out.memory = path_beside(config.file(), in.memory());
  check_areas(in, config, node, out);
  OutputCheck{config, whole, out}.run(in, node);
  LockCheck{config, whole, out}.run(in, node);
  return out;
}

}  // namespace davy
