#!/usr/bin/env python3
"""Bad wires, ports, files and disks: the real programs say in words what is wrong, and go on or end as
documented.

Usage: bad_input_test.py BUILD [unittest arguments]. What each line means: docs/operations.md.
"""

import os
import shutil
import sqlite3
import subprocess
import sys
import unittest
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(SOURCE / "tests/support"))
import mine as mines  # noqa: E402
from mine_test import MineTest  # noqa: E402

PROFILES = SOURCE / "drivers/profiles"
HEAD = "generic-ch4-u16"
FULL_DISK_MIB = 3


class LineTest(MineTest):
    def line_rig(self, devices, steps=""):
        """davy-sim on an RS-485 line, and the gateway's bus that reads it."""
        link = self.folder / "line"
        heads = "".join(
            f'device {{ name: "{name}" unit: {unit} profile: "{HEAD}" '
            f'signal {{ signal: "ch4" constant: 0.5 }} }}\n'
            for unit, name in enumerate(devices, 1)
        )
        rig = self.folder / "rig.textproto"
        rig.write_text(
            f'profiles: "{PROFILES}"\nline {{ name: "line" link: "{link}" baud: 19200\n{heads}}}\n{steps}'
        )
        points = "".join(
            f'device {{ name: "{name}" unit: {unit} profile: "{HEAD}" reply_timeout_ms: 150 '
            f'point {{ name: "{name}-ch4" signal: "ch4" }} }}\n'
            for unit, name in enumerate(devices, 1)
        )
        bus = f'bus {{ name: "line" rtu {{ device: "{link}" baud: 19200 }} period_ms: 500\n{points}}}\n'
        return self.mine.rig(rig), self.mine.gateway("gw", bus)


class Wire(LineTest):
    """What a device may do wrong on the wire is told apart."""

    KINDS = {
        "SILENT": "no reply within 150 ms",
        "ANSWERS_AS_OTHER_UNIT": "answered instead",
        "BAD_CRC": "the reply's checksum is wrong",
        "SHORT_FRAME": "the reply began and did not end",
        "EXCEPTION": "exception 4, device failure",
    }

    def test_each_kind_by_its_name(self):
        names = {kind: kind.lower().replace("_", "-") for kind in self.KINDS}
        steps = "".join(
            f'step {{ at_s: 3 fault {{ device: "{name}" kind: {kind} for_s: 12 }} }}\n'
            for kind, name in names.items()
        )
        rig, gateway = self.line_rig(["sound", *names.values()], steps)
        rig.start()
        gateway.start()
        ends = {
            name: self.wait_for_line(
                gateway, ["warn device_dead bus=line", f"device={name} ", self.KINDS[kind]]
            )
            for kind, name in names.items()
        }
        for name, end in ends.items():
            self.wait_for_line(gateway, ["info device_back bus=line", f"device={name} "], after=end)
        self.assertEqual(gateway.stop(), 0)
        log = Path(gateway.log).read_text()
        counted = {
            "SILENT": "timeout",
            "ANSWERS_AS_OTHER_UNIT": "wrong_unit",
            "BAD_CRC": "crc",
            "SHORT_FRAME": "short_frame",
            "EXCEPTION": "exception",
        }
        for kind, counter in counted.items():
            self.assertRegex(log, rf"device_counters bus=line device={names[kind]} .*\b{counter}=[1-9]")
        self.assertRegex(
            log, r"device=sound .* crc=0 wrong_unit=0 short_frame=0 exception=0 .* port_lost=0"
        )

    def test_a_port_that_is_missing_comes_vanishes_and_comes_back(self):
        rig, gateway = self.line_rig(["a", "b"])
        gateway.start()
        at = self.wait_for_line(
            gateway, ["error bus_lost bus=line", str(self.folder / "line"), "does not exist"]
        )
        for _ in range(2):
            rig.start()
            at = self.wait_for_line(gateway, ["info bus_back bus=line"], after=at)
            rig.kill()
            at = self.wait_for_line(gateway, ["error bus_lost bus=line"], after=at)
        self.assertEqual(gateway.stop(), 0)
        self.assertNotIn("device_dead", Path(gateway.log).read_text())  # one fault, not one a device


class Rig(MineTest):
    """davy-sim itself."""

    def rig(self, text, *more):
        rig = self.folder / "rig.textproto"
        rig.write_text(text)
        return self.mine.rig(rig, "--profiles", PROFILES, *more)

    def test_mistakes_are_78_and_say_where(self):
        head = f'device {{ name: "a" unit: 1 profile: "{HEAD}" }}'
        rows = [
            ("unknown profile", head.replace(HEAD, "generic-ch4-u61"), "generic-ch4-u61", HEAD),
            ("two devices with one unit", head + head.replace('"a"', '"b"'), "unit", '"a"'),
            ("misspelt field", head.replace("unit", "unti"), "unti", ""),
        ]
        for what, devices, told, hint in rows:
            with self.subTest(what):
                program = self.rig(f'server {{ name: "tcp" port: 1502 {devices} }}\n', "--check")
                program.log.unlink(missing_ok=True)
                code, said = self.to_its_end(program)
                self.assertEqual(code, 78, said)
                self.assertRegex(said, r"rig\.textproto:\d+:\d+")
                self.assertIn(told, said)
                self.assertIn(hint, said)

    def test_a_port_in_use_is_73(self):
        port = mines.free_port()
        text = f'server {{ name: "tcp" port: {port} device {{ name: "a" unit: 1 profile: "{HEAD}" }} }}\n'
        first = self.rig(text).start()
        self.wait_for_line(first, ["the rig is ready"])
        second = mines.Program("second", first.command, self.folder / "log/second.log")
        code, said = self.to_its_end(second)
        self.assertEqual(code, 73, said)
        for word in ("server tcp", f"127.0.0.1:{port}", "in use", "ss -ltnp"):
            self.assertIn(word, said)


class Spool(LineTest):
    """The gateway's file."""

    def setUp(self):
        super().setUp()
        _, self.gateway = self.line_rig(["a"])
        self.path = self.folder / "spool/gw.db"

    def start_once(self):
        self.gateway.start()
        self.wait_for_line(self.gateway, ["info ready"])
        self.assertEqual(self.gateway.stop(), 0)
        self.gateway.log.unlink()

    def refused(self, *words):
        code, said = self.to_its_end(self.gateway)
        self.assertEqual(code, 73, said)
        line = next(line for line in said.splitlines() if "spool_unusable" in line)
        for word in (str(self.path), *words):
            self.assertIn(word, line)

    def test_schemas_of_other_versions_are_refused_and_left_alone(self):
        self.start_once()
        for version, words in ((99, "written by a newer Davy"), (0, "written by an older Davy")):
            with self.subTest(version):
                with sqlite3.connect(self.path) as db:
                    db.execute(f"PRAGMA user_version={version}")
                db.close()
                before = self.path.read_bytes()
                self.gateway.log.unlink(missing_ok=True)
                self.refused(words, f"schema {version}")
                self.assertEqual(self.path.read_bytes(), before)

    def test_a_database_of_another_program_is_refused_and_left_alone(self):
        db = sqlite3.connect(self.path)
        db.execute("CREATE TABLE shifts(name TEXT)")
        db.commit()
        db.close()
        self.refused("another program", "spool.path")
        db = sqlite3.connect(self.path)
        self.assertEqual(db.execute("SELECT name FROM sqlite_master").fetchall(), [("shifts",)])
        db.close()

    def test_a_damaged_one_is_set_aside_and_the_surface_told(self):
        self.start_once()
        raw = bytearray(self.path.read_bytes())
        raw[1000:9000] = os.urandom(8000)
        self.path.write_bytes(raw)
        self.gateway.start()
        self.wait_for_line(self.gateway, ["info ready"])
        self.assertTrue(list(self.path.parent.glob("gw.db.corrupt-*")))
        self.mine.broker().start()
        host = self.mine.host()
        self.mine.add_user("checker", "a-long-enough-password", "viewer")
        host.start()
        mines.wait_for("davy-host", self.mine.health, 30)
        api = mines.Api(self.mine.web_port, "checker", "a-long-enough-password")
        mines.wait_for("the alarm", lambda: "set aside as" in str(api.get("alarms")), 60)

    def test_one_that_is_deleted_while_in_use_ends_it_with_75(self):
        self.gateway.start()
        self.wait_for_line(self.gateway, ["info ready"])
        self.path.unlink()
        self.assertEqual(self.gateway.process.wait(20), 75, self.gateway.tail())
        self.wait_for_line(
            self.gateway, ["info stopping", str(self.path), "deleted or replaced while in use"]
        )
        self.gateway.log.unlink()
        self.start_once()  # as systemd does

    def test_a_folder_is_no_spool(self):
        self.path.mkdir()
        self.refused("spool.path needs a file")

    def test_of_another_user_is_refused(self):
        if os.geteuid() != 0:
            self.skipTest("only root can make a file of another user")
        self.start_once()
        self.path.chmod(0o600)
        for folder in (self.folder, self.folder / "spool", self.folder / "pki"):
            folder.chmod(0o755)
        # Copies, for the tree may lie where nobody else may look.
        program, *options = self.gateway.command
        shutil.copytree(options[-1], self.folder / "profiles")
        command = [
            shutil.copy(program, self.folder / "davy-gateway"),
            *options[:-1],
            self.folder / "profiles",
        ]
        user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        self.gateway.command = [*user, *map(str, command)]
        self.refused("denied")


class FullDisk(LineTest):
    """A tiny file system of its own for the data; what fills it is taken away again."""

    def setUp(self):
        super().setUp()
        self.small = self.folder / "small"
        self.small.mkdir()
        test = ["unshare", "-rm", "mount", "-t", "tmpfs", "-o", "size=1m", "none", str(self.small)]
        if not shutil.which("unshare") or subprocess.run(test, capture_output=True).returncode != 0:
            self.skipTest("no tiny file system can be mounted here (unshare -rm, mount -t tmpfs)")

    def on_small_disk(self, program):
        mount = f'mount -t tmpfs -o size={FULL_DISK_MIB}m none {self.small} && exec "$@"'
        program.command = ["unshare", "-rm", "sh", "-c", mount, "sh", *program.command]
        return program

    def fill(self, program):
        """Everything that is free, through the program's own view of the disk."""
        ballast = Path(f"/proc/{program.process.pid}/root{self.small}/ballast")
        with open(ballast, "wb", buffering=0) as out:
            try:
                while True:
                    out.write(bytes(4096))
            except OSError:
                pass
        return ballast

    def test_the_gateway_says_so_and_loses_nothing_it_can_keep(self):
        _, gateway = self.line_rig(["a"])
        config = self.folder / "gw.textproto"
        config.write_text(config.read_text().replace(f"{self.folder}/spool/gw.db", f"{self.small}/gw.db"))
        self.on_small_disk(gateway).start()
        self.wait_for_line(gateway, ["info ready"])
        ballast = self.fill(gateway)
        at = self.wait_for_line(gateway, ["error spool_failing", "full"], 60)
        ballast.unlink()
        self.wait_for_line(gateway, ["info spool_works_again", "lost_entries=0"], after=at)
        self.assertEqual(gateway.stop(), 0)

    def test_the_host_says_so_and_goes_on(self):
        self.mine.broker().start()
        rig, gateway = self.line_rig(["a"])
        host = self.mine.host()
        config = self.folder / "host.textproto"
        config.write_text(
            config.read_text().replace(f'data: "{self.folder}/host"', f'data: "{self.small}/host"')
        )
        self.on_small_disk(host).start()
        mines.wait_for("davy-host", self.mine.health, 30)
        rig.start()
        gateway.start()
        self.wait_for_line(host, ["info stream_first_seen gateway=gw"])
        ballast = self.fill(host)
        at = self.wait_for_line(host, ["error history_write_failed", "full"], 60)
        mines.wait_for("health that says it", lambda: "make room" in str(self.mine.health()["reasons"]), 10)
        ballast.unlink()
        self.wait_for_line(host, ["info history_recording_again"], after=at)

        mines.wait_for("its end", lambda: "make room" not in str(self.mine.health()["reasons"]), 10)


class HostFiles(LineTest):
    def setUp(self):
        super().setUp()
        self.host = self.mine.host()
        self.data = self.folder / "host"

    def start_once(self):
        self.host.start()
        mines.wait_for("davy-host", self.mine.health, 30)
        self.assertEqual(self.host.stop(), 0)

    def refused(self, event, *words, code=73):
        self.host.log.unlink(missing_ok=True)
        ended, said = self.to_its_end(self.host)
        self.assertEqual(ended, code, said)
        line = next(line for line in said.splitlines() if line.startswith("error"))
        for word in (event, *words):
            self.assertIn(word, line)

    def change(self, name, sql):
        db = sqlite3.connect(self.data / name)
        db.executescript(sql)
        db.close()

    def test_schemas_of_other_versions_are_refused(self):
        self.start_once()
        for version, words in ((99, "made by a newer davy-host"), (0, "made by an older davy-host")):
            with self.subTest(version):
                self.change("history.db", f"UPDATE meta SET value = '{version}' WHERE key = 'schema'")
                self.refused("data_unusable", "history.db", f"schema {version}", words)
        self.change("history.db", "UPDATE meta SET value = '1' WHERE key = 'schema'")
        self.change("users.db", "PRAGMA user_version=99")
        self.refused("users_unusable", "users.db", "made by a newer davy-host")

    def test_the_history_of_another_mine_is_refused(self):
        self.start_once()
        config = self.folder / "host.textproto"
        config.write_text(config.read_text().replace('mine: "demo"', 'mine: "north"'))
        self.refused("data_unusable", "history.db", "demo", "north")

    def test_damaged_databases_are_refused_and_left_alone(self):
        self.start_once()
        for name, event in (("history.db", "data_unusable"), ("users.db", "users_unusable")):
            with self.subTest(name):
                good = (self.data / name).read_bytes()
                (self.data / name).write_bytes(os.urandom(8192))
                bad = (self.data / name).read_bytes()
                self.refused(event, name)
                self.assertEqual((self.data / name).read_bytes(), bad)
                (self.data / name).write_bytes(good)

    def test_a_history_that_is_replaced_while_in_use_stores_and_acks_nothing(self):
        self.mine.broker().start()
        self.host.start()
        mines.wait_for("davy-host", self.mine.health, 30)
        copy = (self.data / "history.db").read_bytes()
        (self.data / "history.db").unlink()
        (self.data / "history.db").write_bytes(copy)
        _, gateway = self.line_rig(["a"])
        gateway.start()
        self.wait_for_line(
            self.host, ["error history_write_failed", "history.db", "deleted or replaced while in use"]
        )
        mines.wait_for("health that says it", lambda: "restart" in str(self.mine.health()["reasons"]), 10)
        self.assertEqual(self.host.stop(), 0)
        self.host.start()
        self.wait_for_line(
            self.host, ["info stream_first_seen gateway=gw"], after=self.host.log.stat().st_size
        )

    def test_write_protected_databases_are_refused(self):
        self.start_once()
        for folder in (self.folder, self.folder / "pki"):
            folder.chmod(0o755)
        if os.geteuid() == 0:
            for path in (self.data, *self.data.iterdir()):
                os.chown(path, 65534, 65534)
            self.host.command = [
                "setpriv",
                "--reuid=65534",
                "--regid=65534",
                "--clear-groups",
                *self.host.command,
            ]
        for name, event in (("history.db", "data_unusable"), ("users.db", "users_unusable")):
            with self.subTest(name):
                (self.data / name).chmod(0o400)
                self.refused(event, str(self.data / name), "write-protected")
                (self.data / name).chmod(0o600)

    def test_a_data_folder_of_another_user_is_refused(self):
        if os.geteuid() != 0:
            self.skipTest("only root can make a folder of another user")
        self.data.mkdir(mode=0o700)
        os.chown(self.data, 65534, 65534)
        self.refused("data_unusable", str(self.data), "belongs to the user nobody", "sudo -u nobody")


if __name__ == "__main__":
    MineTest.build = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=2)
