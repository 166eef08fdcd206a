"""What the whole-program benchmarks share: a profile of methane registers, and gateways full of them."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
import mine  # noqa: E402

SOURCE = Path(__file__).resolve().parent.parent.parent
BUILD = Path(os.environ.get("DAVY_BUILD", SOURCE / "build/release"))


def write_profile(folder, registers):
    folder.mkdir(parents=True, exist_ok=True)
    signals = "\n".join(
        f'  signal {{ name: "r{i}" table: HOLDING_REGISTER address: {i} encoding: U16 scale: 0.01 '
        f'quantity: "CH4" unit: "%CH4" range_low: 0 range_high: 10 }}'
        for i in range(registers)
    )
    (folder / "bench.textproto").write_text(
        f'name: "bench"\nmaker: "Davy"\nmodel: "benchmark"\nsource: "tests/bench"\nmodbus {{\n{signals}\n}}\n'
    )


def tcp_bus(port, units, registers, period_ms=1000):
    """Points U<unit>-<register>, each with a methane alarm at 1.0 %."""
    devices = []
    for unit in range(1, units + 1):
        points = "\n".join(
            f'    point {{ name: "U{unit}-{i}" signal: "r{i}" '
            f'limit {{ side: HIGH level: ALARM at: 1.0 clear_at: 0.9 priority: 1 }} }}'
            for i in range(registers)
        )
        devices.append(f'  device {{ name: "unit{unit}" unit: {unit} profile: "bench"\n{points}\n  }}')
    body = "\n".join(devices)
    return (
        f'bus {{ name: "tcp" tcp {{ host: "127.0.0.1" port: {port} }} period_ms: {period_ms}\n{body}\n}}\n'
    )


def print_row(what, peer, limit, ours, ratio):
    print(f"{what:<58} | {peer:>28} | {limit:>10} | {ours:>12} | {ratio:>12}")


def print_head():
    print_row("figure", "peer", "limit", "ours", "ours / limit")
    print("-" * 132)
