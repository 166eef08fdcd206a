#!/usr/bin/env python3
"""Reading changed on the bus -> alarm frame at a WebSocket client, journal committed, at 1,000 points/s.

A real Mosquitto with TLS, davy-gateway and davy-host in between. The bus's own poll time is not counted.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import bench_mine
from bench_mine import mine

UNITS, REGISTERS = 10, 100
JUMPS = int(sys.argv[1]) if len(sys.argv) > 1 else 400
LIMIT_P50, LIMIT_P99 = 5.0, 20.0  # ms


def main():
    with tempfile.TemporaryDirectory(prefix="davy-path-") as folder:
        folder = Path(folder)
        bench_mine.write_profile(folder / "profiles", REGISTERS)
        bus_port = mine.free_port()
        m = mine.Mine(folder, bench_mine.BUILD, bench_mine.SOURCE, mine="bench", gateways=["gw"])
        try:
            m.broker().start()
            host = m.host()
            m.add_user("bench", "a-long-enough-password", "viewer")
            host.start()
            mine.wait_for("davy-host", m.health, 20)
            api = mine.Api(m.web_port, "bench", "a-long-enough-password")
            gateway = m.gateway(
                "gw", bench_mine.tcp_bus(bus_port, UNITS, REGISTERS), profiles=folder / "profiles"
            )
            rig = subprocess.Popen(
                [
                    str(bench_mine.BUILD / "bench/path_rig"),
                    str(bus_port),
                    str(m.web_port),
                    api.cookie,
                    str(UNITS),
                    str(REGISTERS),
                    str(JUMPS),
                ],
                stdout=subprocess.PIPE,
                text=True,
            )
            mine.wait_for("the bus", lambda: rig.poll() is None, 1)
            gateway.start()
            out, _ = rig.communicate(timeout=JUMPS * 0.5 + 60)
            result = json.loads(out.strip().splitlines()[-1])
        finally:
            m.stop()
    bench_mine.print_head()
    for key, limit in (("p50", LIMIT_P50), ("p99", LIMIT_P99)):
        bench_mine.print_row(
            f"bus reply -> alarm at the page, {key} of {result['count']}",
            "Prometheus+AM 1310 / 1830 ms",
            f"{limit:g} ms",
            f"{result[key]:.2f} ms",
            f"{result[key] / limit:.2f}",
        )
    print(
        f"max {result['max']:.2f} ms, missed {result['missed']} "
        "(peer: host-side figures of Prometheus + Alertmanager tuned to 1 s, p50 / p99)"
    )
    return 0 if result["missed"] == 0 and result["p50"] <= LIMIT_P50 and result["p99"] <= LIMIT_P99 else 1


if __name__ == "__main__":
    sys.exit(main())
