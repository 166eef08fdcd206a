#!/usr/bin/env python3
"""The demo as its user meets it: it tells where the page is, raises an alarm within a minute, the page works
in a real browser against the real davy-host, and the end leaves nothing behind.

  page_test.py BUILD      needs node and what tests/web/package.json names; ends with `N passed, N failed`
"""

import os
import queue
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
FIRST_ALARM_S = 60  # after the page is told


class Demo:
    def __init__(self, build, *more):
        self.process = subprocess.Popen(
            [sys.executable, "-u", HERE / "run", "--build", build, "--for", "300", *more],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines, self.said = queue.Queue(), []
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        for line in self.process.stdout:
            self.lines.put(line.rstrip())

    def hear(self, pattern, seconds):
        """The first line that matches, said before or from now on."""
        for line in self.said:
            if found := re.search(pattern, line):
                return found
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                line = self.lines.get(timeout=0.2)
            except queue.Empty:
                continue
            self.said.append(line)
            if found := re.search(pattern, line):
                return found
        raise AssertionError(f"waited {seconds} s for '{pattern}'; heard:\n" + "\n".join(self.said[-20:]))

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)


def main():
    build = Path(sys.argv[1]).resolve()
    demo = Demo(build)
    try:
        url = demo.hear(r"(https://127\.0\.0\.1:\d+)/", 60).group(1)
        user, password = demo.hear(r"user: (\S+) +password: (\S+)", 5).groups()
        folder = Path(demo.hear(r"logs in (\S+)/log", 5).group(1))
        alarm = demo.hear(r"host +ALARM: (.*)", FIRST_ALARM_S).group(1)
        print(f"the first alarm: {alarm}", flush=True)
        env = {**os.environ, "DAVY_URL": url, "DAVY_USER": user, "DAVY_PASSWORD": password}
        page = subprocess.run(
            ["node", "e2e.mjs", "any_host"],
            cwd=HERE.parent / "web",
            env=env,
            stdout=subprocess.PIPE,
            text=True,
        )
        print(page.stdout, flush=True)
        assert page.returncode == 0, "the page failed against the real davy-host"
        assert demo.end() == 0, "the demo did not end well"
        assert not folder.exists(), f"{folder} was left behind"
    except AssertionError as error:
        print(f"[error] {error}")
        if demo.process.poll() is None:
            demo.end()
        print("0 passed, 1 failed")
        return 1
    print("1 passed, 0 failed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
