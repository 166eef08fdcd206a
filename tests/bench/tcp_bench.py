#!/usr/bin/env python3
"""Many Modbus TCP devices on one gateway: all of them read in time, and what that costs."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import bench_mine
from bench_mine import mine

MEASURED_S = int(sys.argv[1]) if len(sys.argv) > 1 else 15


def processor_seconds(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def status(pid, field):
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1])
    raise ValueError(f"no {field}")


def config(folder, port, devices, registers, period_ms):
    buses = []
    for d in range(devices):
        points = " ".join(f'point {{ name: "D{d}-{i}" signal: "r{i}" }}' for i in range(registers))
        device = f'device {{ name: "d{d}" unit: 1 profile: "bench" {points} }}'
        buses.append(
            f'bus {{ name: "b{d}" tcp {{ host: "127.0.0.1" port: {port} }} period_ms: {period_ms} {device} }}'
        )
    return (
        f'mine: "bench"\ngateway: "gw"\nspool {{ path: "{folder}/spool.db" }}\n'
        f'profiles: "{folder}/profiles"\n' + "\n".join(buses)
    )


class Run:
    """So many devices with so many registers each."""

    def __init__(self, devices, registers, period_ms=1000):
        with tempfile.TemporaryDirectory(prefix="davy-tcp-") as folder:
            folder = Path(folder)
            bench_mine.write_profile(folder / "profiles", registers)
            port = mine.free_port()
            (folder / "gateway.textproto").write_text(config(folder, port, devices, registers, period_ms))
            server = subprocess.Popen(
                [str(bench_mine.BUILD / "bench/tcp_devices"), str(port), str(period_ms)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            began = time.monotonic()
            with open(folder / "log", "w") as log:
                gateway = subprocess.Popen(
                    [
                        str(bench_mine.BUILD / "bin/davy-gateway"),
                        "--config",
                        str(folder / "gateway.textproto"),
                    ],
                    stdout=log,
                    stderr=subprocess.STDOUT,
                )
            try:
                self.measure(server, gateway, folder, began, 1000 * devices * registers / period_ms)
            finally:
                gateway.kill()
                server.kill()

    def report(self, server):
        server.stdin.write("report\n")
        server.stdin.flush()
        return json.loads(server.stdout.readline())

    def measure(self, server, gateway, folder, began, points):
        while self.report(server)["requests"] == 0:
            if gateway.poll() is not None:
                raise RuntimeError((folder / "log").read_text())
            time.sleep(0.01)
        self.first_sample_s = time.monotonic() - began
        time.sleep(4)
        self.report(server)
        before, start = processor_seconds(gateway.pid), time.monotonic()
        time.sleep(MEASURED_S)
        seen, elapsed = self.report(server), time.monotonic() - start
        self.share = 100 * (processor_seconds(gateway.pid) - before) / elapsed / os.cpu_count()
        self.points_per_s = seen["registers"] / elapsed
        self.complete = 100 * self.points_per_s / points
        self.off_grid_ms = seen["off_grid_p99_ms"]
        self.rss_mib = status(gateway.pid, "VmHWM:") / 1024
        self.threads = status(gateway.pid, "Threads:")
        began = time.monotonic()
        gateway.send_signal(signal.SIGTERM)
        gateway.wait(20)
        self.exit_s = time.monotonic() - began


missed = []


def row(what, peer, limit, ours, unit, least=False):
    if (ours < limit) if least else (ours > limit):
        missed.append(what)
    sign = ">=" if least else "<="
    bench_mine.print_row(what, peer, f"{sign} {limit} {unit}", f"{ours:.2f} {unit}", f"{ours / limit:.2f}")


def main():
    bench_mine.print_head()
    r = Run(500, 30)
    row("500 devices x 30: of 15,000 points/s, read", "Neuron 43-87 %", 99.5, r.complete, "%", least=True)
    row("500 x 30: of this machine's processors", "Neuron 93 %", 25, r.share, "%")
    row("500 x 30: off its second, p99", "Neuron 9.6 s old", 50, r.off_grid_ms, "ms")
    row("500 x 30: resident memory, peak", "Neuron 134 MiB", 32, r.rss_mib, "MiB")
    row("500 x 30: threads", "Neuron 1519", 8, r.threads, "")
    row("500 x 30: start to first request", "-", 0.3, r.first_sample_s, "s")
    row("500 x 30: SIGTERM to the end, all stored", "Neuron > 20 min", 1, r.exit_s, "s")
    r = Run(100, 100)
    row("100 devices x 100: resident memory, peak", "Neuron 45.9 MiB", 16, r.rss_mib, "MiB")
    row("100 x 100: of this machine's processors", "Neuron 22 %", 25, r.share, "%")
    r = Run(500, 30, 150)
    row("500 x 30 every 150 ms: of 100,000 points/s, read", "-", 99.5, r.complete, "%", least=True)
    row("500 x 30 every 150 ms: off its grid, p99", "-", 50, r.off_grid_ms, "ms")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
