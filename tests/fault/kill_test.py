#!/usr/bin/env python3
"""kill -9 of gateway, host and broker at random while a recorded longwall is played; history is recording.

Every sample in the history equals the row of the recording that it was read from, value for value; no sample
is there twice; nothing is missing but what was never read because the gateway itself was dead, and the block
that was open then.

  kill_test.py BUILD [--rounds N] [--seed S]     DAVY_KILL_ROUNDS and DAVY_DATA are heeded too
"""

import argparse
import csv
import os
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(SOURCE / "tests/support"))
import mine as mines  # noqa: E402

PERIOD = 0.1  # seconds between readings
ROW = 0.2  # seconds a recorded row lasts
BLOCK = 0.5  # seconds until a block is closed: what a dead gateway may lose of what it had read
CHANNELS = {
    "MM31_pct": 0.01,
    "MM116_pct": 0.1,
    "AS038_m_s": 0.1,
    "PG072_m_s": 0.1,
    "PD": 1,
    "BA13_hPa": 0.1,
}


def find_recording(folder):
    """The recorded longwall, or one made up in its likeness where it is absent."""
    named = os.environ.get("DAVY_DATA")
    for path in (Path(named) if named else None, SOURCE.parent / "shared/data"):
        if path and (path / "longwall-30s.csv").is_file():
            return path / "longwall-30s.csv"
    print("the recorded longwall is not here (DAVY_DATA=folder): playing made-up rows instead")
    made, dice = folder / "made-up.csv", random.Random(5)
    with open(made, "w") as out:
        print("t_s", *CHANNELS, sep=",", file=out)
        for row in range(5000):
            ranges = ((0, 150), (0, 20), (5, 30), (5, 30), (0, 1), (10700, 10800))
            values = (dice.randint(*r) * scale for r, scale in zip(ranges, CHANNELS.values()))
            print(30 * row, *(f"{v:.6g}" for v in values), sep=",", file=out)
    return made


def write_inputs(folder, recording, port):
    profiles = folder / "profiles"
    profiles.mkdir()
    signals = [
        f'signal {{ name: "{name}" table: HOLDING_REGISTER address: {i} encoding: U16 scale: {scale} }}'
        for i, (name, scale) in enumerate([*CHANNELS.items(), ("row", 1)])
    ]
    (profiles / "recorder.textproto").write_text(
        'name: "recorder" maker: "Davy" model: "kill test" source: "tests/fault"\nmodbus {\n'
        + "\n".join(signals)
        + "\n}\n"
    )
    speed = 30 / ROW
    sources = [
        f'signal {{ signal: "{n}" recording {{ file: "{recording}" column: "{n}" speed: {speed} }} }}'
        for n in CHANNELS
    ]
    sources.append(f'signal {{ signal: "row" row {{ file: "{recording}" speed: {speed} }} }}')
    rig = folder / "rig.textproto"
    rig.write_text(
        f'server {{ name: "tcp" port: {port} device {{ name: "recorder" unit: 1 profile: "recorder" '
        f"turnaround_ms: 1\n" + "\n".join(sources) + "\n} }\n"
    )
    return profiles, rig


def buses(port):
    points = "\n".join(f'point {{ name: "{n}" signal: "{n}" }}' for n in [*CHANNELS, "row"])
    return (
        f'bus {{ name: "tcp" tcp {{ host: "127.0.0.1" port: {port} }} period_ms: {int(PERIOD * 1000)}\n'
        f'device {{ name: "recorder" unit: 1 profile: "recorder"\n{points} }} }}\n'
    )


def kill_rounds(m, rounds, dice):
    """Returns the spans in which the gateway was dead, as UTC seconds."""
    dead = []
    for n in range(rounds):
        time.sleep(dice.uniform(0.3, 1.5))
        victims = dice.choice([["gw"], ["host"], ["broker"], ["gw", "host"], ["host", "broker"]])
        for victim in victims:
            if victim == "gw":
                dead.append([time.time(), None])
            m.programs[victim].kill()
        time.sleep(dice.uniform(0.0, 1.0))
        for victim in reversed(victims):
            m.programs[victim].start()
            if victim == "gw":
                dead[-1][1] = time.time()
        print(f"round {n + 1} of {rounds}: killed {' and '.join(victims)}", flush=True)
    return dead


def settle(m, api):
    """Until the gateway's spool is empty: everything has been acked."""

    def drained():
        gateway = next(g for g in api().get("gateways")["gateways"] if g["name"] == "gw")
        assert gateway["state"] == "online", f"gateway is {gateway['state']}"
        assert gateway["spool_blocks"] <= 2, f"{gateway['spool_blocks']} blocks wait"
        assert gateway["missing_blocks"] == 0, f"{gateway['missing_blocks']} blocks are missing"
        return True

    mines.wait_for("the spool to drain", drained, 120)


def history(api, name, ids, until):
    raw = api.get(f"trend?point={ids[name]}&from_ms=0&to_ms={until}&raw=1")
    return [(t, value, code) for t, value, code in raw["samples"]]


def check(rows, series, dead):
    """What is wrong, one line each."""
    wrong = []
    times = [t for t, _, _ in series["row"]]
    if len(set(times)) != len(times):
        wrong.append(f"{len(times) - len(set(times))} samples are in the history twice")
    row_at = {t: int(value) for t, value, code in series["row"] if value is not None and code & 15 == 0}
    for name in CHANNELS:
        if [t for t, _, _ in series[name]] != times:
            wrong.append(f"{name}: not the same readings as the row counter's")
        for t, value, code in series[name]:
            if t in row_at and (code & 15 != 0 or value != float(rows[row_at[t] % len(rows)][name])):
                wrong.append(f"{name} at {t}: {value}, the recording says {rows[row_at[t]][name]}")
    # A little room for the time the gateway needs to start and to open its bus.
    spans = [((a - BLOCK - 0.3) * 1000, (b + 5.0) * 1000) for a, b in dead]
    for before, after in zip(times, times[1:]):
        if after - before <= 3.5 * PERIOD * 1000:
            continue
        if not any(a <= after and before <= b for a, b in spans):
            wrong.append(f"nothing between {before} and {after} although the gateway lived")
    return wrong


def run(build, rounds, seed):
    folder = Path(tempfile.mkdtemp(prefix="davy-kill-"))
    dice, port = random.Random(seed), mines.free_port()
    recording = find_recording(folder)
    with open(recording) as file:
        rows = list(csv.DictReader(file))
    profiles, rig = write_inputs(folder, recording, port)
    m = mines.Mine(folder, build, SOURCE, gateways=["gw"])
    wrong = ["did not come to the end"]
    try:
        m.broker().start()
        m.rig(rig, "--profiles", profiles).start()
        m.host()
        m.add_user("checker", "a-long-enough-password", "viewer")
        m.programs["host"].start()
        mines.wait_for("davy-host", m.health, 30)
        gateway = m.gateway("gw", buses(port), f"block {{ close_after_ms: {int(BLOCK * 1000)} }}", profiles)
        gateway.start()
        dead = kill_rounds(m, rounds, dice)
        mines.wait_for("davy-host", m.health, 30)

        def api():
            return mines.Api(m.web_port, "checker", "a-long-enough-password")

        signed_in = []
        settle(m, lambda: signed_in[0] if signed_in else signed_in.append(api()) or signed_in[0])
        until = int(time.time() * 1000) - 3000
        ids = {p["name"]: p["id"] for p in signed_in[0].get("points")["points"]}
        series = {name: history(signed_in[0], name, ids, until) for name in [*CHANNELS, "row"]}
        gaps = signed_in[0].get("gaps?from_ms=0&to_ms=%d" % until)["streams"]
        wrong = check(rows, series, dead)
        wrong += [f"gap: {s}" for s in gaps if s["missing"] or s["lost"]]
        seen = len(set(int(v) for _, v, _ in series["row"] if v is not None))
        print(
            f"{rounds} rounds: {len(series['row'])} readings of {seen} rows, "
            f"{len(dead)} times without a gateway"
        )
        if seen < rounds:
            wrong.append(f"only {seen} rows were ever read")
    finally:
        m.stop()
        if not wrong:
            shutil.rmtree(folder)
    for line in wrong[:20]:
        print("WRONG", line)
    if wrong:
        print(f"{len(wrong)} things are wrong; logs in {folder}/log")
    return 1 if wrong else 0


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("build")
    parser.add_argument("--rounds", type=int, default=int(os.environ.get("DAVY_KILL_ROUNDS", "8")))
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    print(f"seed {options.seed}")
    return run(options.build, options.rounds, options.seed)


if __name__ == "__main__":
    sys.exit(main())
