#!/usr/bin/env python3
"""What a gateway costs at 500 points/s: memory, processor, size of the program."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import bench_mine
from bench_mine import mine

UNITS, REGISTERS = 5, 100
SECONDS = int(sys.argv[1]) if len(sys.argv) > 1 else 30


def processor_seconds(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mib(pid):
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise ValueError("no VmHWM")


def main():
    with tempfile.TemporaryDirectory(prefix="davy-gateway-") as folder:
        folder = Path(folder)
        bench_mine.write_profile(folder / "profiles", REGISTERS)
        bus_port = mine.free_port()
        m = mine.Mine(folder, bench_mine.BUILD, bench_mine.SOURCE, mine="bench", gateways=["gw"])
        server = subprocess.Popen(
            [str(bench_mine.BUILD / "bench/register_server"), str(bus_port), str(UNITS), str(REGISTERS)]
        )
        try:
            m.broker().start()
            host = m.host()
            m.add_user("bench", "a-long-enough-password", "viewer")
            host.start()
            mine.wait_for("davy-host", m.health, 20)
            gateway = m.gateway(
                "gw", bench_mine.tcp_bus(bus_port, UNITS, REGISTERS), profiles=folder / "profiles"
            )
            gateway.start()
            time.sleep(5)
            pid = gateway.process.pid
            before, start = processor_seconds(pid), time.monotonic()
            time.sleep(SECONDS)
            share = 100 * (processor_seconds(pid) - before) / (time.monotonic() - start)
            memory = resident_mib(pid)
            latest = mine.Api(m.web_port, "bench", "a-long-enough-password").get("latest")
            fresh = sum(value["age_ms"] < 3000 for value in latest["values"])
            assert fresh >= UNITS * REGISTERS, f"only {fresh} of {UNITS * REGISTERS} points are being read"
        finally:
            m.stop()
            server.kill()
        stripped = folder / "davy-gateway"
        subprocess.run(["strip", "-o", stripped, bench_mine.BUILD / "bin/davy-gateway"], check=True)
        size = stripped.stat().st_size / 2**20
    bench_mine.print_head()
    rows = (
        ("resident memory, peak, 500 points/s", "Neuron 13.5-45.9 MiB", 24, memory, "MiB"),
        ("share of one core, 500 points/s", "mqmgateway 0.8-3.2 %", 3, share, "%"),
        ("program, stripped", "-", 4, size, "MiB"),
    )
    for what, peer, limit, ours, unit in rows:
        bench_mine.print_row(what, peer, f"{limit} {unit}", f"{ours:.2f} {unit}", f"{ours / limit:.2f}")
    return 0 if all(ours <= limit for _, _, limit, ours, _ in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
