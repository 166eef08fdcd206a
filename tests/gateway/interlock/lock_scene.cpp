#include "tests/gateway/interlock/lock_scene.hpp"

#include "proto/base/assert.hpp"

namespace davy::test {
namespace {

LockInput gas(std::uint32_t point, double trip, double release) {
  return {.point = point, .side = Side::high, .trip_at = trip, .release_at = release};
}
LockInput air(std::uint32_t point, InputRole role) {
  return {.point = point, .role = role, .side = Side::low, .trip_at = 0, .release_at = 0};
}

}  // namespace

std::vector<Point> heading_points() {
  std::vector<Point> out;
  for (const char* name : {"T1", "T2", "T3", "FAN", "DUCT", "FEED"}) {
    const bool methane = name[0] == 'T';
    out.push_back({.name = name,
                   .title = methane ? "甲烷" : "开停",
                   .quantity = methane ? "CH4" : "fan",
                   .unit = methane ? "%CH4" : "",
                   .kind = methane ? PointKind::analogue : PointKind::state,
                   .range_high = 4,
                   .stale_after = Duration{3000}});
  }
  return out;
}

InterlockSettings heading() {
  using R = LockRow;
  constexpr std::uint32_t c = cutter;
  InterlockSettings out;
  out.areas = {{.name = "N1201"}};
  out.outputs = {
      {.name = "C1", .title = "断电器", .title_en = "cutter", .feeds = {{.point = feed}}},
      {.name = "F1", .kind = OutputKind::fan_lock, .energise_to_act = true, .on_exit = ExitState::keep},
      {.name = "S1", .kind = OutputKind::sounder, .energise_to_act = true, .on_exit = ExitState::rest}};
  out.locks = {{.name = "A", .row = R::methane_alarm, .inputs = {gas(T1, 1, 1)}, .outputs = {sounder}},
               {.name = "B",
                .title = "面",
                .title_en = "face",
                .row = R::methane_face,
                .inputs = {gas(T1, 1.5, 1)},
                .outputs = {c}},
               {.name = "C", .row = R::methane_return, .inputs = {gas(T2, 1, 1)}, .outputs = {c}},
               {.name = "D", .row = R::methane_intake, .inputs = {gas(T3, 0.5, 0.5)}, .outputs = {c}},
               {.name = "E",
                .row = R::wind,
                .inputs = {air(fan, InputRole::fan), air(duct, InputRole::duct)},
                .outputs = {c}},
               {.name = "F",
                .row = R::fan_start,
                .inputs = {gas(T1, 3, 1.5), gas(T2, 3, 1.5), air(fan, InputRole::fan)},
                .outputs = {fan_lock}},
               {.name = "G", .row = R::device_fault, .outputs = {c}}};
  return out;
}

LockScene::LockScene(InterlockSettings made) : settings{std::move(made)} {
  interlock = std::make_unique<Interlock>(settings, points, std::span<const std::string>{}, now);
  last.outputs.resize(settings.outputs.size());
}

void LockScene::read(std::size_t point, double value, Quality quality) {
  readings[point] = {value, quality, now.steady};
}

void LockScene::read_all_good() {
  for (const std::size_t point : {T1, T2, T3}) read(point, 0.2);
  read(fan, 1);
  read(duct, 1);
  if (feed_follows) read(feed, last.outputs[cutter].acting ? 0 : 1);
}

const InterlockStep& LockScene::step() {
  for (std::size_t i = 0; i < reports.size() && reports_come; ++i) {
    const auto held = stuck.find(i);
    reports[i] = {.on = held != stuck.end() ? held->second : last.outputs[i].on, .at = now.steady};
  }
  last = interlock->step(readings, reports, now);
  events.insert(events.end(), last.events.begin(), last.events.end());
  return last;
}

void LockScene::settle() {
  run(settings.settle + Duration{5000}, [this] { read_all_good(); });
}

void LockScene::pass(Duration span) {
  now.steady += span;
  now.wall += span;
}

void LockScene::restart() {
  const auto remembered = interlock->locked_fans();
  interlock = std::make_unique<Interlock>(settings, points, remembered, now);
  std::ranges::fill(readings, InputReading{});
}

std::size_t LockScene::count(EventKind kind) const {
  return static_cast<std::size_t>(std::ranges::count(events, kind, &Event::kind));
}

const Event& LockScene::only(EventKind kind) const {
  DAVY_ASSERT(count(kind) == 1);
  return *std::ranges::find(events, kind, &Event::kind);
}

}  // namespace davy::test
