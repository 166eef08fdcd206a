#!/usr/bin/env python3
"""The scenario fan-stop: with the broker stopped a gateway cuts the power by its own locks and keeps the fan
from starting into gas; afterwards the host has all of it, in order, with causes.

  fan_stop_test.py BUILD      ends with `N passed, N failed`
"""

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
import fan_stop  # noqa: E402
import mine as mines  # noqa: E402
from page_test import Demo  # noqa: E402

# What has to be told, in this order; other things may be between.
STORY = [
    ("started", ""),
    ("lock_tripped", "row e tripped: power-up"),
    ("lock_released", "row e released: N1305-sw-fan 1"),
    ("lock_tripped", "row e tripped: N1305-sw-fan 0"),
    ("lock_tripped", "row c tripped: N1305-T2"),
    ("lock_tripped", "row b tripped: N1305-T1"),
    ("lock_tripped", "row f tripped: N1305-T"),
    ("key_used", "by operator, because: demo: gas is blown out by plan"),
    ("lock_released", "row f released by key of operator"),
    ("lock_released", "row b released: N1305-T1"),
    ("lock_released", "row e released: N1305-sw-fan 1"),
]


def place(lines, text, after=-1):
    """Where the first line with this text stands behind another one."""
    for i, line in enumerate(lines):
        if i > after and text in line:
            return i
    raise AssertionError(f"'{text}' was not told after line {after}:\n" + "\n".join(lines))


def check_terminal(lines):
    fed = place(lines, fan_stop.POWER_ON)
    down = place(lines, "the broker is stopped", fed)
    stops = place(lines, "the local fan of heading N1305 stops", down)
    cut = place(lines, fan_stop.POWER_OFF, stops)
    locked = place(lines, fan_stop.LOCK_ON, cut)
    cannot = place(lines, "is told to start and cannot", locked)
    up = place(lines, "the broker is started again", cannot)
    free = place(lines, fan_stop.LOCK_OFF, up)
    runs = place(lines, "N1305-sw-fan runs again", free)
    place(lines, fan_stop.POWER_ON, runs)
    between = lines[cut + 1 : runs]
    assert not any(fan_stop.POWER_ON in line for line in between), "power came while there was gas"


def check_host(url, user, password):
    api = mines.Api(int(url.rsplit(":", 1)[1]), user, password)
    events = api.get("events?gateway=gw-heading&limit=1000")["events"]
    told = [f"{e['kind']} {e['text']}" for e in events]
    times = [e["at_ms"] for e in events]
    assert times == sorted(times), "the events are not in order"
    at = -1
    for kind, words in STORY:
        found = [i for i in range(at + 1, len(events)) if events[i]["kind"] == kind and words in told[i]]
        assert found, f"{kind} '{words}' is not on record after place {at}:\n" + "\n".join(told)
        at = found[0]
    assert not any(
        e["kind"] == "feed_abnormal" for e in events
    ), "the feed followed the cutter all the time"
    alarms = [e for e in api.get("journal?limit=1000")["entries"] if e["source"] == "gateway"]
    assert any(e["name"] == "gw-heading" for e in alarms), "no alarm told of the locks"


def main():
    demo = Demo(Path(sys.argv[1]).resolve(), "--scenario", "fan-stop")
    try:
        url = demo.hear(r"(https://127\.0\.0\.1:\d+)/", 60).group(1)
        user, password = demo.hear(r"user: (\S+) +password: (\S+)", 5).groups()
        folder = Path(demo.hear(r"logs in (\S+)/log", 5).group(1))
        demo.hear(r"what the host has on record", 200)
        check_terminal(demo.said)
        check_host(url, user, password)
        assert demo.end() == 0, "the demo did not end well"
        assert not folder.exists(), f"{folder} was left behind"
    except AssertionError as error:
        print(f"[error] {re.sub(chr(10) + '+', chr(10), str(error))}")
        if demo.process.poll() is None:
            demo.end()
        print("0 passed, 1 failed")
        return 1
    print("1 passed, 0 failed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
