"""The mine of the demo: a longwall, a heading, a belt road and a substation, as one table.

From it come the rig of davy-sim and the buses of the gateways. Limits as in AQ 1029 and the safety
regulations; docs/decisions tells where limits live.
"""

from dataclasses import dataclass, field

LONGWALL = ("N1201工作面", "longwall N1201")
HEADING = ("N1305掘进面", "heading N1305")
BELT = ("胶带大巷", "main belt road")
SUBSTATION = ("中央变电所", "central substation")
RECORDED = ("实测工作面(回放)", "recorded longwall")

CH4_LIMITS = {
    # role: (alarm, cut, re-power), AQ 1029 table of methane set-points
    "T0": (1.0, 1.5, 1.0),
    "T1": (1.0, 1.5, 1.0),
    "T2": (1.0, None, 1.0),
    "T3": (0.5, None, 0.5),
    "T4": (0.5, None, 0.5),
    "machine": (1.0, 1.5, 1.0),
    "chamber": (0.5, None, 0.5),
}


@dataclass
class Point:
    name: str
    signal: str
    title: tuple
    source: str
    limits: list = field(default_factory=list)
    texts: tuple = None
    top: float = None  # of the measuring range, where the profile leaves it open


@dataclass
class Device:
    name: str
    profile: str
    place: tuple
    points: list
    detail: tuple = ("", "")  # where exactly
    relays: list = field(default_factory=list)  # of the rig, as text


def limit(side, level, at, clear, priority, basis, on_ms=0, off_ms=3000):
    return (
        f'limit {{ side: {side} level: {level} at: {at} clear_at: {clear} priority: {priority} '
        f'on_delay_ms: {on_ms} off_delay_ms: {off_ms} basis: "{basis}" }}'
    )


def wander(mean, reach, pace=40):
    return f"wander {{ mean: {mean} reach: {reach} pace_s: {pace} }}"


def ch4_limits(role):
    alarm, cut, repower = CH4_LIMITS[role]
    out = [limit("HIGH", "ALARM", alarm, alarm, 2, "AQ 1029")]
    if cut:
        out.append(limit("HIGH", "CUT", cut, repower, 1, "AQ 1029"))
    return out


def ch4(name, role, place, detail, mean):
    title = (f"甲烷 {role}", f"methane {role}")
    return Device(
        name,
        "generic-ch4-u16",
        place,
        [Point(name, "ch4", title, wander(mean, mean * 0.4), ch4_limits(role))],
        detail,
    )


def co(name, place, detail, mean=4):
    limits = [limit("HIGH", "ALARM", 24, 24, 2, "AQ 1029: CO 24 ppm")]
    return Device(
        name,
        "generic-co-u16",
        place,
        [Point(name, "co", ("一氧化碳", "carbon monoxide"), wander(mean, 2), limits)],
        detail,
    )


def wind(name, place, detail, mean, low=0.25, high=4):
    limits = [
        limit("LOW", "ALARM", low, low, 2, "air speed, safety regulations", on_ms=2000),
        limit("HIGH", "WARNING", high, high, 3, "air speed, safety regulations", on_ms=5000),
    ]
    return Device(
        name,
        "generic-wind-s16",
        place,
        [Point(name, "wind_speed", ("风速", "air speed"), wander(mean, mean * 0.15), limits)],
        detail,
    )


def climate(name, place, detail, celsius, humidity, high=30):
    limits = [limit("HIGH", "ALARM", high, high - 1, 3, "temperature, AQ 1029", on_ms=10000)]
    return Device(
        name,
        "generic-temperature-humidity",
        place,
        [
            Point(f"{name}-temp", "temperature", ("温度", "temperature"), wander(celsius, 1.2, 90), limits),
            Point(f"{name}-hum", "humidity", ("湿度", "humidity"), wander(humidity, 6, 120)),
        ],
        detail,
    )


def dust(name, place, detail, mean):
    limits = [limit("HIGH", "WARNING", 10, 8, 4, "site setting: sprays", on_ms=5000)]
    return Device(
        name,
        "generic-dust-float32",
        place,
        [Point(name, "dust", ("粉尘", "dust"), wander(mean, mean * 0.6, 20), limits)],
        detail,
    )


def oxygen(name, place, detail):
    limits = [limit("LOW", "ALARM", 18, 18.5, 2, "safety regulations: O2")]
    return Device(
        name,
        "generic-o2-bcd16",
        place,
        [Point(name, "o2", ("氧气", "oxygen"), wander(20.6, 0.2), limits)],
        detail,
    )


RUNNING = ("运行", "停止")
PRESENT = ("有", "无")
SWITCHES = {
    "fan": (("局扇", "local fan"), 1, RUNNING, [limit("LOW", "CUT", 0, 0.5, 1, "wind-electric lock")]),
    "duct": (
        ("风筒风量", "duct flow"),
        1,
        ("正常", "无风"),
        [limit("LOW", "CUT", 0, 0.5, 1, "wind-electric lock")],
    ),
    "door_a": (("风门A", "air door A"), 0, ("开", "关"), []),
    "door_b": (("风门B", "air door B"), 0, ("开", "关"), []),
    "feed": (("馈电", "feed"), 1, ("有电", "无电"), []),
    "belt": (("胶带", "belt"), 1, RUNNING, []),
    "smoke": (("烟雾", "smoke"), 0, PRESENT, [limit("HIGH", "ALARM", 1, 0.5, 1, "AQ 1029: smoke")]),
    "production": (("生产", "production"), 1, RUNNING, []),
}


def switches(name, place, detail, signals):
    points = []
    for signal in signals:
        title, value, texts, limits = SWITCHES[signal]
        points.append(Point(f"{name}-{signal}", signal, title, f"constant: {value}", limits, texts))
    return Device(name, "generic-switches", place, points, detail)


def power(name, place, detail):
    return Device(
        name,
        "generic-power-meter",
        place,
        [
            Point(f"{name}-energy", "energy", ("电能", "energy"), "constant: 48213.5"),
            Point(f"{name}-power", "power", ("功率", "power"), wander(640, 80, 15)),
            Point(f"{name}-current", "current", ("电流", "current"), wander(370, 45, 15), top=1000),
            Point(f"{name}-voltage", "voltage", ("电压", "voltage"), wander(1140, 15, 30)),
        ],
        detail,
    )


CORNER = ("回风隅角", "return corner")
FACE = ("工作面", "face")
RETURN = ("回风巷", "return road")
INTAKE = ("进风巷", "intake road")


def longwall():
    return [
        ch4("N1201-T0", "T0", LONGWALL, CORNER, 0.42),
        ch4("N1201-T1", "T1", LONGWALL, FACE, 0.33),
        ch4("N1201-T2", "T2", LONGWALL, RETURN, 0.38),
        ch4("N1201-T3", "T3", LONGWALL, INTAKE, 0.06),
        ch4("N1201-T4", "T4", LONGWALL, ("进风隅角", "intake corner"), 0.05),
        ch4("N1201-shearer", "machine", LONGWALL, ("采煤机", "shearer"), 0.30),
        co("N1201-CO-T0", LONGWALL, CORNER),
        co("N1201-CO-ret", LONGWALL, RETURN),
        oxygen("N1201-O2", LONGWALL, CORNER),
        wind("N1201-V-ret", LONGWALL, RETURN, 2.1),
        wind("N1201-V-int", LONGWALL, INTAKE, 1.9),
        climate("N1201-face", LONGWALL, FACE, 25.5, 82),
        climate("N1201-ret", LONGWALL, RETURN, 26.8, 88),
        dust("N1201-D-face", LONGWALL, FACE, 4.5),
        dust("N1201-D-ret", LONGWALL, RETURN, 3.0),
        switches("N1201-sw", LONGWALL, ("控制台", "control panel"), ["door_a", "door_b", "feed", "belt"]),
    ]


def heading():
    return [
        ch4("N1305-T1", "T1", HEADING, ("掘进头", "heading face"), 0.35),
        ch4("N1305-T2", "T2", HEADING, RETURN, 0.32),
        ch4("N1305-T3", "T3", HEADING, ("串联风机前", "before the series fan"), 0.12),
        co("N1305-CO", HEADING, RETURN),
        wind("N1305-V", HEADING, RETURN, 0.9),
        climate("N1305-face", HEADING, ("掘进头", "heading face"), 24.9, 79),
        dust("N1305-D", HEADING, ("掘进头", "heading face"), 5.5),
        switches(
            "N1305-sw",
            HEADING,
            ("局扇处", "at the local fan"),
            ["fan", "duct", "door_a", "door_b", "feed", "smoke"],
        ),
    ]


def belt_and_substation():
    tail, head = ("机尾", "tail end"), ("机头", "head end")
    drive = ("驱动滚筒下风侧", "downwind of the drive")
    return [
        co("BELT-CO-1", BELT, drive),
        co("BELT-CO-2", BELT, tail),
        co("BELT-CO-3", BELT, head),
        switches("BELT-sw1", BELT, drive, ["belt", "smoke"]),
        switches("BELT-sw2", BELT, tail, ["smoke"]),
        climate("BELT-1", BELT, drive, 23.5, 65, 34),
        wind("BELT-V", BELT, tail, 3.1, 0.25, 6),
        climate("SUB-1", SUBSTATION, ("机房", "machine room"), 27.0, 52, 34),
        power("SUB-P1", SUBSTATION, ("1号馈电柜", "switchgear 1")),
        switches("SUB-sw", SUBSTATION, ("机房", "machine room"), ["door_a", "feed", "smoke"]),
        ch4("SUB-CH4", "chamber", SUBSTATION, ("入口", "entrance"), 0.05),
    ]


def recorded(csv, speed):
    """Points that play a recorded longwall; without the file there are none."""
    if not csv:
        return []

    def play(column):
        return f'recording {{ file: "{csv}" column: "{column}" speed: {speed} }}'

    def one(name, profile, signal, title, column, limits=(), texts=None):
        return Device(
            name, profile, RECORDED, [Point(name, signal, title, play(column), list(limits), texts)]
        )

    return [
        one("MM31", "generic-ch4-u16", "ch4", ("甲烷 MM31", "methane MM31"), "MM31_pct", ch4_limits("T1")),
        one(
            "MM116", "generic-ch4-u16", "ch4", ("甲烷 MM116", "methane MM116"), "MM116_pct", ch4_limits("T0")
        ),
        one("AS038", "generic-wind-s16", "wind_speed", ("风速 AS038", "air speed AS038"), "AS038_m_s"),
        one("PG072", "generic-wind-s16", "wind_speed", ("风速 PG072", "air speed PG072"), "PG072_m_s"),
        one("PD", "generic-switches", "production", ("生产", "production"), "PD", (), RUNNING),
        one("BA13", "generic-barometer", "pressure", ("气压 BA13", "barometer BA13"), "BA13_hPa"),
    ]


SCENARIO = """
step { at_s: 15 text: "methane at the return corner of longwall N1201 rises  (上隅角甲烷上升)"
       ramp { signal: "N1201-T0" to: 1.62 over_s: 10 hold_s: 20 } }
step { at_s: 75 text: "the local fan of heading N1305 stops; gas gathers  (局扇停风)"
       fan_stop { fan: "N1305-sw-fan" air: "N1305-V" air: "N1305-sw-duct" gas: "N1305-T1" gas: "N1305-T2"
                  gas_to: 1.9 for_s: 36 } }
step { at_s: 140 text: "carbon monoxide downwind of the belt drive  (胶带驱动下风侧一氧化碳)"
       ramp { signal: "BELT-CO-1" to: 46 over_s: 8 hold_s: 20 } }
step { at_s: 150 text: "and smoke  (烟雾)" spike { signal: "BELT-sw1-smoke" to: 1 for_s: 15 } }
step { at_s: 190 text: "the methane head in the return road does not answer  (T2断线)"
       fault { device: "N1201-T2" kind: SILENT for_s: 25 } }
step { at_s: 225 text: "a technician calibrates the intake head with 1 % gas  (T3标校)"
       calibration { signal: "N1201-T3" to: 1.0 for_s: 25 } }
"""
SCENARIO_LENGTH = 270


def rig_device(device, unit):
    signals = "\n".join(
        f'    signal {{ signal: "{p.signal}" name: "{p.name}" {p.source} }}' for p in device.points
    )
    signals = "\n".join([*(f"    {relay}" for relay in device.relays), signals])
    head = f'name: "{device.name}" unit: {unit} profile: "{device.profile}" turnaround_ms: 6'
    return f'  device {{ {head}\n{signals}\n  }}'


def rig_bus(kind, header, devices):
    body = "\n".join(rig_device(d, i + 1) for i, d in enumerate(devices))
    return f"{kind} {{ {header}\n{body}\n}}\n"


def gateway_point(device, p):
    place = f"{device.place[0]} {device.detail[0]}".strip()
    place_en = f"{device.place[1]}, {device.detail[1]}".rstrip(", ")
    texts = f'text_on: "{p.texts[0]}" text_off: "{p.texts[1]}"' if p.texts else ""
    if p.top:
        texts += f"range_high: {p.top}"
    return (
        f'    point {{ name: "{p.name}" signal: "{p.signal}" title: "{p.title[0]}" title_en: "{p.title[1]}"\n'
        f'      place: "{place}" place_en: "{place_en}" {texts}\n      ' + "\n      ".join(p.limits) + " }"
    )


def gateway_bus(header, devices, period_ms=1000):
    body = ""
    for i, device in enumerate(devices):
        points = "\n".join(gateway_point(device, p) for p in device.points)
        body += (
            f'  device {{ name: "{device.name}" unit: {i + 1} profile: "{device.profile}"\n{points}\n  }}\n'
        )
    return f"bus {{ {header} period_ms: {period_ms}\n{body}}}\n"
