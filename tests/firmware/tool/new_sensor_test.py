#!/usr/bin/env python3
"""Follows docs/new-sensor.md with its own commands, against a device that nobody has a profile for.

Usage: new_sensor_test.py DAVY_GATEWAY DAVY [EMULATOR...]. Exits 77 (skipped) where a tool is missing.
"""
import re
import shlex
import subprocess
import sys

import tool_bench
from tool_bench import ROOT, ToolTest

PAGE = (ROOT / "docs" / "new-sensor.md").read_text()


def section(number):
    return re.search(rf"^## {number}\. .*?(?=^## )", PAGE, re.MULTILINE | re.DOTALL).group(0)


def blocks(number):
    """What stands between the fences of a section."""
    return re.findall(r"^```\n(.*?)^```", section(number), re.MULTILINE | re.DOTALL)


class NewSensor(ToolTest):
    gateway = None

    def run_page(self, command, **replaced):
        """A command as the page has it, at this machine's device."""
        words = shlex.split(command.replace("\\\n", " "))
        self.assertEqual(words.pop(0), "davy")
        return self.davy(*[replaced.get(word, word) for word in words])

    def test_the_page_leads_to_live_values(self):
        where, _ = self.tcp_device()
        port = self.rtu_device()
        serial = {"/dev/ttyUSB0": str(port)}

        # 1. Is it there?
        command = blocks(1)[0].strip() + " --listen 100 --wait 100"
        self.assertRegex(self.run_page(command, **serial), r"\n +3 +answers")

        # 2. Where is the number? The page shows this answer.
        out = self.run_page(blocks(2)[0], **serial)
        self.assertEqual(
            blocks(2)[1], "\n".join(out.replace(str(port), "/dev/ttyUSB0").splitlines()[:2]) + "\n"
        )

        # 3. Write the profile.
        out = self.run_page(blocks(3)[1], **{"127.0.0.1:1502": where})
        self.assertIn("live: o2 = 20.9 %, good (raw 00D1)", out)
        self.assertIn("live: temperature = -5.5 °C, good (raw FFC9)", out)
        self.assertIn("live: co = 12.5 ppm, good (raw 0000 4148)", out)
        config = out[out.index("bus {") :]

        # 4. Check it.
        self.run_page(blocks(4)[0])
        (self.folder / "acme-o2.txt").write_text(blocks(4)[2])
        out = self.run_page(blocks(4)[1])
        self.assertIn("2 cases passed, 0 failed", out)

        # 5. Watch it.
        out = self.run_page(blocks(5)[0].strip() + " --for 1 --wait 1000", **serial)
        for line in (
            "o2 20.9 % good raw 00D1",
            "temperature -5.5 °C good raw FFC9",
            "co 12.5 ppm good raw 0000 4148",
        ):
            self.assertIn(line, out)

        # 6. Give it to the gateway.
        (self.folder / "gateway.textproto").write_text(
            f'mine: "M1" gateway: "G-1" spool {{ path: "{self.folder}/spool.db" }}\n{config}'
        )
        command = [*self.gateway, "--config", "gateway.textproto", "--profiles", self.folder, "--check"]
        done = subprocess.run(command, capture_output=True, text=True, cwd=self.folder, timeout=30)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("1 device, 3 points", done.stdout)


if __name__ == "__main__":
    emulator = sys.argv[3:]
    NewSensor.gateway = [*emulator, sys.argv[1]]
    sys.argv[1:] = [*emulator, sys.argv[2]]
    sys.exit(tool_bench.main("socat", "mbpoll"))
