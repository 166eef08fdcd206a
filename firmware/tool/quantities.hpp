#pragma once

#include <string_view>

namespace davy {

// What a signal may measure, in the glossary's words, with the unit that its readings usually have. A profile
// may say something else; then no page and no rule knows what it is.
struct Quantity {
  std::string_view name, unit, text;
};
inline constexpr Quantity quantities[] = {
    {"CH4", "%CH4", "methane 甲烷"},
    {"CO", "ppm", "carbon monoxide 一氧化碳"},
    {"CO2", "%", "carbon dioxide 二氧化碳"},
    {"O2", "%", "oxygen 氧气"},
    {"H2", "ppm", "hydrogen"},
    {"temperature", "°C", "temperature 温度"},
    {"humidity", "%RH", "relative humidity"},
    {"wind_speed", "m/s", "air speed 风速"},
    {"wind_direction", "°", "air direction"},
    {"air_volume", "m3/min", "air volume 风量"},
    {"pressure", "hPa", "air pressure"},
    {"difference_pressure", "Pa", "pressure difference"},
    {"dust", "mg/m3", "dust 粉尘"},
    {"smoke", "", "smoke 烟雾"},
    {"fan", "", "fan runs"},
    {"door", "", "air door open"},
    {"feed", "", "electricity behind a cutter 馈电"},
    {"duct", "", "air duct"},
    {"belt", "", "belt runs"},
    {"power", "kW", "electrical power"},
    {"current", "A", "current"},
    {"voltage", "V", "voltage"},
    {"level", "m", "level of water or a bunker"},
    {"production", "t", "production"},
    {"battery", "V", "battery"},
};

}  // namespace davy
