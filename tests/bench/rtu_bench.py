#!/usr/bin/env python3
"""A serial bus at its wire's limit: davy-gateway reads slaves that keep the time of a real line.

rtu_bench.py [PART...]     parts: wire sparse dead period lock; without one, all
"""

import json
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import bench_mine

SETTLE_S = 2


class Slave:
    def __init__(self, folder, baud, units):
        self.link = folder / "rtu"
        self.process = subprocess.Popen(
            [str(bench_mine.BUILD / "bench/paced_slave"), str(self.link), str(baud), str(units)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.lines = []
        self.news = threading.Condition()
        threading.Thread(target=self._read, daemon=True).start()
        self.await_line("ready", 0)

    def _read(self):
        for line in self.process.stdout:
            with self.news:
                self.lines.append(json.loads(line))
                self.news.notify_all()

    def say(self, command):
        mark = len(self.lines)
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        return mark

    def await_line(self, key, mark, seconds=10, **more):
        """The first line since `mark` that has this key, and these values."""
        ends = time.monotonic() + seconds
        with self.news:
            while True:
                for line in self.lines[mark:]:
                    if key in line and all(line.get(k) == v for k, v in more.items()):
                        return line
                left = ends - time.monotonic()
                if left <= 0:
                    raise TimeoutError(f"no {key} {more} from the slaves in {seconds} s")
                self.news.wait(left)

    def report(self):
        return self.await_line("useful", self.say("report"))

    def watch(self, seconds):
        self.report()
        time.sleep(seconds)
        return self.report()

    def stop(self):
        self.process.kill()


class Gateway:
    def __init__(self, folder, config):
        (folder / "gateway.textproto").write_text(
            f'mine: "bench"\ngateway: "gw"\nspool {{ path: "{folder}/spool.db" }}\n'
            f'profiles: "{folder}/profiles"\n' + config
        )
        self.log = open(folder / "gateway.log", "w+")
        self.process = subprocess.Popen(
            [str(bench_mine.BUILD / "bin/davy-gateway"), "--config", str(folder / "gateway.textproto")],
            stdout=self.log,
            stderr=subprocess.STDOUT,
        )

    def logged(self, word):
        self.log.seek(0)
        return [line for line in self.log if word in line]

    def await_log(self, word, seconds):
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            if self.process.poll() is not None:
                raise RuntimeError("davy-gateway ended:\n" + "".join(self.logged("")))
            if self.logged(word):
                return
            time.sleep(0.02)
        raise TimeoutError(f"no '{word}' in the log:\n" + "".join(self.logged("")))

    def stop(self):
        self.process.kill()
        self.process.wait()


def bus(link, baud, period_ms, devices, more=""):
    return (
        f'bus {{ name: "rs485" rtu {{ device: "{link}" baud: {baud} parity: EVEN }} period_ms: {period_ms}\n'
        f"{more}{devices}\n}}\n"
    )


def devices(count, signals):
    out = []
    for unit in range(1, count + 1):
        points = " ".join(f'point {{ name: "U{unit}-{s}" signal: "r{s}" }}' for s in signals)
        out.append(
            f'  device {{ name: "d{unit}" unit: {unit} profile: "bench" reply_timeout_ms: 300 {points} }}'
        )
    return "\n".join(out)


def with_bus(baud, units, config_of, body):
    with tempfile.TemporaryDirectory(prefix="davy-rtu-") as folder:
        folder = Path(folder)
        bench_mine.write_profile(folder / "profiles", 40)
        slave = Slave(folder, baud, units)
        gateway = Gateway(folder, config_of(slave.link))
        try:
            gateway.await_log("ready", 20)
            time.sleep(SETTLE_S)
            return body(slave, gateway)
        finally:
            gateway.stop()
            slave.stop()


def wire(baud, peer, least, seconds):
    def body(slave, _):
        before = slave.report()
        time.sleep(seconds)
        after = slave.report()
        return after, after["now"] - before["now"]

    seen, elapsed = with_bus(baud, 20, lambda link: bus(link, baud, 20, devices(20, range(10))), body)
    share = 100 * seen["useful"] / elapsed
    print_min(f"RTU {baud}, 20 x 10 registers: of the wire limit", peer, least, share, "%")
    print_max(
        f"RTU {baud}: t3.5 violated, of {seen['gaps']} gaps", "Neuron 95 %", 0, seen["violations"], ""
    )
    print_max(f"RTU {baud}: silence beyond t3.5, p99", "-", 300, seen["overshoot_p99"], "us")


def sparse():
    seen = with_bus(
        9600,
        1,
        lambda link: bus(link, 9600, 20, devices(1, range(0, 30, 3))),
        lambda slave, _: slave.watch(8),
    )
    came = seen["came"]["1"]
    cycle = (came[-1] - came[0]) / (len(came) - 1) / 1000
    print_max("10 values, every third register, 9600: a cycle", "Neuron 517 ms", 90, cycle, "ms")


def gaps_s(times):
    return [(b - a) / 1e6 for a, b in zip(times, times[1:])]


def dead():
    def body(slave, gateway):
        time.sleep(18)  # time-outs are learnt
        slave.say("silence 3 4")
        began = time.monotonic()
        gateway.await_log("device_dead bus=rs485 device=d4", 10)
        gateway.await_log("device_dead bus=rs485 device=d3", 10)
        found = time.monotonic() - began
        seen = slave.watch(20)
        slave.say("speak 3 4")
        began = time.monotonic()
        gateway.await_log("device_back bus=rs485 device=d3", 10)
        gateway.await_log("device_back bus=rs485 device=d4", 10)
        return found, seen, time.monotonic() - began

    found, seen, back = with_bus(9600, 10, lambda link: bus(link, 9600, 1000, devices(10, range(10))), body)
    living = [gap for unit in "1 2 5 6 7 8 9 10".split() for gap in gaps_s(seen["came"][unit])]
    print_max("2 of 10 dead, 1 s poll: longest of the living", "Neuron 7.68 s", 1.05, max(living), "s")
    print_max("2 of 10 dead: found dead", "Neuron 600 s blind", 3, found, "s")
    print_max("2 of 10 dead: back", "Neuron 600 s", 5, back, "s")


def period():
    seen = with_bus(
        9600, 1, lambda link: bus(link, 9600, 100, devices(1, range(10))), lambda slave, _: slave.watch(20)
    )
    came = seen["came"]["1"]
    error = 100 * abs((came[-1] - came[0]) / (len(came) - 1) / 100_000 - 1)
    grid = sorted(abs((t - came[0]) - round((t - came[0]) / 100_000) * 100_000) for t in came)
    print_max("100 ms poll: mean error of the period", "Neuron +62 %", 0.1, error, "%")
    print_max("100 ms poll: off the grid, p99", "-", 2, grid[len(grid) * 99 // 100] / 1000, "ms")


def lock_config(link, folder_of_link):
    head = '  device { name: "head" unit: 1 profile: "bench" point { name: "T0" signal: "r0" } }\n'
    others = "\n".join(
        f'  device {{ name: "d{unit}" unit: {unit} profile: "bench" reply_timeout_ms: 300 '
        f'point {{ name: "U{unit}" signal: "r0" }} }}'
        for unit in range(3, 33)
    )
    return bus(link, 9600, 1000, head + others) + (
        f'interlock {{ settle_ms: 10000 memory: "{folder_of_link}/locks"\n'
        '  area { name: "heading" }\n'
        '  output { name: "cutter" area: "heading" kind: CUTTER acts_by: ENERGISE\n'
        '           modbus { bus: "rs485" unit: 2 coil: 0 } }\n'
        '  lock { name: "face" row: METHANE_FACE area: "heading" methane { point: "T0" } }\n}\n'
    )


def lock():
    """30 devices that were never there; a head whose gas jumps, and a relay on the same bus."""

    def body(slave, _):
        slave.say("set 1 20")
        slave.await_line("coil", 0, 60, coil=2, value=0)  # settled: power is on
        whole, after_reply = [], []
        for _ in range(20):
            time.sleep(1.3)
            mark = slave.say("set 1 160")
            began = slave.await_line("set", mark)["set"]
            told = slave.await_line("told", mark)["told"]
            cut = slave.await_line("coil", mark, coil=2, value=1)["at"]
            whole.append((cut - began) / 1000)
            after_reply.append((cut - told) / 1000)
            mark = slave.say("set 1 20")
            slave.await_line("coil", mark, 30, coil=2, value=0)
        return whole, after_reply

    whole, after_reply = with_bus(9600, 2, lambda link: lock_config(link, link.parent), body)
    print_max(
        "lock: over the limit -> output frame, longest of 20", "rule: 2 s", 250 + 20, max(whole), "ms"
    )
    print_max("lock: reply with the gas -> output frame, longest", "-", 20, max(after_reply), "ms")


missed = []


def print_max(what, peer, limit, ours, unit):
    if ours > limit:
        missed.append(what)
    ratio = f"{ours / limit:.2f}" if limit else "-"
    bench_mine.print_row(what, peer, f"<= {limit} {unit}", f"{ours:.2f} {unit}", ratio)


def print_min(what, peer, limit, ours, unit):
    if ours < limit:
        missed.append(what)
    bench_mine.print_row(what, peer, f">= {limit} {unit}", f"{ours:.2f} {unit}", f"{ours / limit:.2f}")


PARTS = {
    "wire": lambda: (
        wire(9600, "mqmgateway 97, Neuron 68 %", 98, 20),
        wire(115200, "mqmgateway 90, Neuron 22 %", 97, 10),
    ),
    "sparse": sparse,
    "dead": dead,
    "period": period,
    "lock": lock,
}


def main():
    bench_mine.print_head()
    for part in sys.argv[1:] or PARTS:
        PARTS[part]()
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
