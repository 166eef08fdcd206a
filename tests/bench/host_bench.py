#!/usr/bin/env python3
"""Durable ingest: broker to committed history and ack, readings a second.

A real Mosquitto with TLS, davy-host, and a sender of four gateways' backlog, all on this machine.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import bench_mine
from bench_mine import mine

GATEWAYS = ["gw1", "gw2", "gw3", "gw4"]
LIMIT = 100_000
PEER = "ThingsBoard + SQL 10,000"
SHAPES = ((4000, 64), (2000, 500))  # blocks of each gateway, readings in each


def measure(blocks, samples):
    with tempfile.TemporaryDirectory(prefix="davy-ingest-") as folder:
        m = mine.Mine(Path(folder), bench_mine.BUILD, bench_mine.SOURCE, mine="bench", gateways=GATEWAYS)
        try:
            m.broker().start()
            m.host().start()
            mine.wait_for("davy-host", m.health, 20)
            sender = [bench_mine.BUILD / "bench/block_sender", m.broker_port, m.folder / "pki", "bench"]
            sender += [blocks, samples, *GATEWAYS]
            done = subprocess.run(
                [str(word) for word in sender], stdout=subprocess.PIPE, text=True, timeout=300, check=True
            )
            result = json.loads(done.stdout)
        finally:
            m.stop()
    return result["samples"] / result["seconds"]


def main():
    bench_mine.print_head()
    held = True
    for blocks, samples in SHAPES:
        ours = sorted(measure(blocks, samples) for _ in range(3))[1]
        bench_mine.print_row(
            f"durable readings/s over the broker, blocks of {samples}",
            PEER,
            f">= {LIMIT}",
            f"{ours:.0f}",
            f"{ours / LIMIT:.2f}",
        )
        held = held and ours >= LIMIT
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
