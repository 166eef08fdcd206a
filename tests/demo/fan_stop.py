"""The scenario fan-stop: a local fan stops and its heading gasses up while nothing can come from the surface.

The gateway of the heading cuts the power by its own locks and keeps the fan from starting into gas. When the
broker is back the host tells the whole story, in the order in which it happened.
"""

import signal
import time

import mine as mines
import mine_plan as plan

AREA, CUTTER, FAN_LOCK = "N1305", "N1305-CUT", "N1305-FAN-LOCK"
CUT_COIL, LOCK_COIL = 100, 101
SETTLE_MS = 10_000  # the shortest that is allowed: the demo shall not take longer than its watcher
STOPS_AT, STARTS_AFTER = 2, 12  # s
GAS = 4.0  # %CH4 that gathers

POWER_ON = "the relay feeds heading N1305  (掘进面送电)"
POWER_OFF = "the relay cuts the power of heading N1305  (掘进面断电)"
LOCK_ON = "the fan's start is locked  (局扇启动闭锁)"
LOCK_OFF = "the fan's start is free  (局扇启动解锁)"

RIG = f"""
begin_on_signal: true
step {{ at_s: {STOPS_AT} text: "the local fan of heading N1305 stops; gas gathers  (局扇停风，瓦斯积聚)"
       fan_stop {{ fan: "N1305-sw-fan" air: "N1305-V" air: "N1305-sw-duct" gas: "N1305-T1" gas: "N1305-T2"
                  gas_to: {GAS} for_s: {STARTS_AFTER} start_lock: "{FAN_LOCK}" }} }}
"""


def heading():
    """The heading of the demo, with a relay module beside its switches and the feed behind the cutter."""
    devices = plan.heading()
    switches = next(d for d in devices if d.name == "N1305-sw")
    switches.relays = [
        f'relay {{ name: "{CUTTER}" coil: {CUT_COIL} text_on: "{POWER_ON}" text_off: "{POWER_OFF}" }}',
        f'relay {{ name: "{FAN_LOCK}" coil: {LOCK_COIL} text_on: "{LOCK_ON}" text_off: "{LOCK_OFF}" }}',
    ]
    feed = next(p for p in switches.points if p.signal == "feed")
    feed.source = f'follow {{ relay: "{CUTTER}" }}'
    return devices


def interlock(folder):
    unit = 1 + [d.name for d in plan.heading()].index("N1305-sw")

    def output(name, kind, titles, coil, more=""):
        return (
            f'  output {{ name: "{name}" area: "{AREA}" kind: {kind} title: "{titles[0]}"'
            f' title_en: "{titles[1]}"\n'
            f'    modbus {{ bus: "heading" unit: {unit} coil: {coil} }} {more} }}\n'
        )

    def lock(name, row, titles, inputs):
        return (
            f'  lock {{ name: "N1305-{name}" row: {row} area: "{AREA}" title: "{titles[0]}"'
            f' title_en: "{titles[1]}"\n    {inputs} }}\n'
        )

    t1, t2, t3 = (f'methane {{ point: "N1305-{t}" }}' for t in ("T1", "T2", "T3"))
    fan, duct = 'fan { point: "N1305-sw-fan" }', 'duct { point: "N1305-sw-duct" }'
    return (
        f'interlock {{\n  settle_ms: {SETTLE_MS}\n  memory: "{folder}/locks"\n'
        f'  area {{ name: "{AREA}" title: "N1305掘进面" title_en: "heading N1305" }}\n'
        + output(
            CUTTER,
            "CUTTER",
            ("掘进面断电", "power of the heading"),
            CUT_COIL,
            'feed { point: "N1305-sw-feed" }',
        )
        + output(FAN_LOCK, "FAN_LOCK", ("局扇闭锁", "start of the local fan"), LOCK_COIL)
        + lock("B", "METHANE_FACE", ("掘进面甲烷电闭锁", "methane lock, face"), t1)
        + lock("C", "METHANE_RETURN", ("回风甲烷电闭锁", "methane lock, return"), t2)
        + lock("D", "METHANE_INTAKE", ("进风甲烷电闭锁", "methane lock, intake"), t3)
        + lock("E", "WIND", ("风电闭锁", "wind lock"), f"{fan} {duct}")
        + lock("F", "FAN_START", ("甲烷风电闭锁", "fan start lock"), f"{t1} {t2} {fan}")
        + "}\n"
    )


class Story:
    """Plays the scenario; `teller` says on the terminal what rig and host report meanwhile."""

    def __init__(self, mine, api, teller, say):
        self.mine, self.api, self.teller, self.say = mine, api, teller, say

    def tell(self, english, chinese):
        self.teller.tell()
        self.say(f"{self.teller.stamp()}  demo   {english}\n              {chinese}")

    def rig_says(self, text, times=1):
        log = open(self.mine.programs["rig"].log, errors="replace").read()
        return log.count(text) >= times

    def until(self, what, condition, seconds):
        def met():
            self.teller.tell()
            return condition()

        mines.wait_for(what, met, seconds)

    def events(self):
        return self.api.get("events?gateway=gw-heading&limit=1000")["events"]

    def play(self):
        self.tell(
            "the gateway's locks start cut and wait until all is good: 10 s here, 1 min in a mine",
            "分站闭锁上电即断电，一切正常并稳定后才送电：演示为10秒，井下为1分钟",
        )
        self.until("power in the heading", lambda: self.rig_says(POWER_ON), 60)
        self.mine.programs["broker"].stop()
        self.tell(
            "the broker is stopped: from now on nothing can come from the surface",
            "停掉消息代理：此后地面的任何指令都到不了井下",
        )
        self.mine.programs["rig"].process.send_signal(signal.SIGUSR1)
        self.until("a fan that cannot start", lambda: self.rig_says("is told to start and cannot"), 60)
        assert self.rig_says(POWER_OFF), "the fan is locked and the power is on"
        self.tell(
            "the fan is told to start into the gas, and its lock holds. All this the gateway did by itself",
            "有人按局扇启动按钮，闭锁不放开。以上全部由分站独立完成",
        )
        self.mine.programs["broker"].start()
        self.tell(
            "the broker is started again: what happened comes up from the gateway's spool",
            "恢复消息代理：分站把断网期间的数据补传上来",
        )
        self.until("the story at the host", self.locked, 60)
        self.tell(
            "the operator opens the fan by key, with a reason: its gateway allows it, for all power is off",
            "操作员凭措施用钥匙解锁：本区域已断电且无馈电，分站同意",
        )
        self.open_by_key()
        self.until("a fan that runs again", lambda: self.rig_says("N1305-sw-fan runs again"), 30)
        self.until("power after the gas is gone", lambda: self.rig_says(POWER_ON, times=2), 60)
        self.tell(
            "the gas is gone, all is good and has settled: power again",
            "瓦斯已排除，一切正常并稳定：恢复供电",
        )
        self.until("the end of the story at the host", self.fed_again, 30)
        self.tell_story()

    def open_by_key(self):
        path = "gateways/gw-heading/fan_key"
        key = {"lock": "N1305-F", "reason": "demo: gas is blown out by plan  (按措施排放瓦斯)"}
        end = time.monotonic() + 30
        while True:
            status, body = self.api.request("POST", path, key)
            if status == 200:
                return
            # The host may not have heard yet that the gateway is back.
            assert status == 503 and time.monotonic() < end, f"the key: {status} {body}"
            self.teller.tell()
            time.sleep(0.5)

    def fed_again(self):
        trips = [e for e in self.events() if e["kind"] == "lock_tripped"]
        released = [e for e in self.events() if e["kind"] == "lock_released"]
        return len(released) == len(trips)

    def locked(self):
        return any(e["kind"] == "lock_tripped" and "row f" in e["text"] for e in self.events())

    def tell_story(self):
        self.tell(
            "what the host has on record, in the order in which it happened (page: tab Gateway events):",
            "主机记录的全过程，按发生时间排列（页面：“分站事件”）：",
        )
        for event in self.events():
            moment = time.strftime("%H:%M:%S", time.localtime(event["at_ms"] / 1000))
            self.say(f"         {moment}.{event['at_ms'] % 1000:03d}  {event['kind']:<22}{event['text']}")
