#!/usr/bin/env python3
"""davy against devices and masters that others wrote: pymodbus answers, mbpoll asks.

Usage: tool_program_test.py DAVY. Exits 77 (skipped) where a tool is missing.
"""
import fcntl
import os
import pty
import re
import select
import subprocess
import sys
import time

import tool_bench
from tool_bench import PROFILES, ToolTest

LOCAL = ("--baud", "9600", "--parity", "none")


class CommandLine(ToolTest):
    def test_every_verb_teaches_with_examples(self):
        self.assertIn("Examples:", self.davy("--help"))
        for verb in ("bus scan", "bus read", "bus watch", "bus sniff", "profile check", "profile new"):
            with self.subTest(verb):
                self.assertRegex(self.davy(*verb.split(), "--help"), rf"Examples:\n  davy {verb}")
        self.assertRegex(self.davy("--version"), r"^davy \d+\.\d+\.\d+")

    def test_wrong_use_is_64_and_says_what_to_do(self):
        rows = [
            ([], "--help"),
            (["bus"], "--help"),
            (["bus", "read", "--unit", "3", "--address", "1"], "give --port /dev/ttyUSB0 or --tcp"),
            (["bus", "read", "--port", "x", "--tcp", "y", "--unit", "3", "--address", "1"], "excludes"),
            (["bus", "read", "--port", "x", "--unit", "0", "--address", "1"], "1 to 247"),
            (["bus", "read", "--port", "x", "--unit", "3", "--address", "65536"], "0 to 65535"),
            (["bus", "read", "--port", "x", "--unit", "3", "--address", "65535", "--count", "2"], "beyond"),
            (["bus", "scan", "--port", "x", "--units", "0-3"], "1 to 247"),
            (["bus", "scan", "--port", "x", "--baud", "fast"], "baud"),
            (["bus", "scan", "--port", "x", "--parity", "mark"], "take none, even, odd"),
            (["bus", "sniff", "--tcp", "x"], "--help"),
            (["profile", "new", "x", "--unit", "3"], "--port"),
        ]
        for words, told in rows:
            with self.subTest(words):
                self.assertIn(told, self.davy(*words, code=64))

    def test_a_port_that_is_not_there_is_69(self):
        for verb in (["bus", "scan"], ["bus", "sniff"], ["bus", "read", "--unit", "3", "--address", "0"]):
            with self.subTest(verb):
                self.assertIn("does not exist", self.davy(*verb, "--port", "/dev/ttyNone", code=69))

    def test_a_port_that_davy_gateway_has_is_told(self):
        ours, theirs = pty.openpty()
        self.addCleanup(os.close, ours)
        self.addCleanup(os.close, theirs)
        fcntl.flock(theirs, fcntl.LOCK_EX)
        told = self.davy("bus", "scan", "--port", os.ttyname(theirs), code=69)
        self.assertIn("another program is using it", told)
        self.assertIn("systemctl stop davy-gateway", told)


class Read(ToolTest):
    def test_registers_with_all_that_they_may_mean(self):
        where, _ = self.tcp_device()
        out = self.davy("bus", "read", "--tcp", where, "--unit", "3", "--address", "100", "--count", "4")
        self.assertIn("unit 3, input registers 100 to 103", out)
        self.assertRegex(out, r"100 +00D1 +209 +209 +\. ")
        self.assertRegex(out, r"101 +FFC9 +65481 +-55 ")
        self.assertRegex(out, r"102-103 .* 12\.5 ")

    def test_over_a_serial_line(self):
        port = self.rtu_device()
        out = self.davy("bus", "read", "--port", port, "--unit", "3", "--address", "100")
        self.assertRegex(out, r"100 +00D1 +209")
        out = self.davy("bus", "read", "--port", port, "--unit", "3", "--address", "99", "--expect", "20.9")
        self.assertIn("value plausible at address 100 (input register), u16 x 0.1 = 20.9", out)
        told = self.davy(
            "bus", "read", "--port", port, "--unit", "9", "--address", "0", "--wait", "200", code=1
        )
        self.assertIn("no reply within 200 ms", told)
        self.assertIn("davy bus scan", told)

    def test_what_a_display_shows_is_found(self):
        where, _ = self.tcp_device()
        rows = [
            (
                ["--address", "101", "--expect", "20.9", "--table", "input"],
                "address 100",
                "counts registers from 1",
            ),
            (
                ["--address", "100", "--expect", "20.9", "--table", "holding"],
                "input register",
                "other table",
            ),
            (["--address", "102", "--expect", "12.5"], "float32 CDAB = 12.5", "low word comes first"),
            (["--address", "103", "--expect", "12.5"], "address 102", "counts registers from 1"),
            (["--address", "100", "--expect", "-5.5", "--scale", "0.1"], "s16 x 0.1 = -5.5", "one further"),
            (["--address", "100", "--expect", "21.1"], "u16 x 0.1 = 20.9 (near)", ""),
        ]
        for words, found, advice in rows:
            with self.subTest(words):
                out = self.davy("bus", "read", "--tcp", where, "--unit", "3", *words)
                self.assertIn(found, out.splitlines()[0])
                self.assertIn(advice, out)

    def test_what_is_not_there_is_said(self):
        where, _ = self.tcp_device()
        read = ["bus", "read", "--tcp", where, "--unit", "3"]
        told = self.davy(*read, "--address", "500", code=1)
        self.assertIn("exception 2, illegal data address", told)
        self.assertIn("--expect", told)
        self.assertIn("nothing like 777", self.davy(*read, "--address", "100", "--expect", "777", code=1))


class Scan(ToolTest):
    def test_a_silent_line_is_asked(self):
        port = self.rtu_device()
        quick = ("--units", "1-8", "--listen", "100", "--wait", "150")
        out = self.davy("bus", "scan", "--port", port, *LOCAL, *quick)
        self.assertRegex(out, r"found at .* 9600 8N1")
        self.assertRegex(out, r"\n +3 +answers +exception 2 +exception 2 +exception 2")
        self.assertRegex(out, r"\n +7 +answers +exception 2")
        self.assertIn("next: davy bus read --port", out)

    def test_tcp(self):
        where, _ = self.tcp_device()
        out = self.davy("bus", "scan", "--tcp", where, "--units", "1-8", "--wait", "150")
        self.assertRegex(out, r"\n +3 +answers")
        self.assertIn(
            "Nobody answered",
            self.davy("bus", "scan", "--tcp", where, "--units", "9", "--wait", "50", code=1),
        )

    def test_a_bus_in_use_is_only_listened_to(self):
        tee = self.tee()
        self.poll_for_ever(self.folder / "master")
        out = self.davy(
            "bus",
            "scan",
            "--port",
            self.folder / "listener",
            "--baud",
            "19200,9600",
            "--parity",
            "none",
            "--listen",
            "1000",
        )
        self.assertIn("A master is talking", out)
        self.assertIn("at 9600 8N1", out)
        self.assertRegex(out, r"\n +3 +4 read input registers +100-101 +[1-9]")
        self.assertIn("Nothing was sent", out)
        self.assertEqual(tee.spoken, b"")

    def test_talk_that_makes_no_sense_is_not_asked_into(self):
        tee = self.tee()
        tee.garble = True
        self.poll_for_ever(self.folder / "master")
        told = self.davy(
            "bus", "scan", "--port", self.folder / "listener", *LOCAL, "--listen", "600", code=1
        )
        self.assertIn("at none of the settings tried", told)
        self.assertIn("Nothing was sent", told)
        self.assertEqual(tee.spoken, b"")

    def test_ctrl_c_prints_what_was_found(self):
        port = self.rtu_device()
        scan = self.start_davy(
            "bus",
            "scan",
            "--port",
            str(port),
            *LOCAL,
            "--listen",
            "50",
            "--wait",
            "150",
            "--units",
            "1-247",
        )
        code, out = self.interrupt(scan, after=4)
        self.assertEqual(code, 0, out)
        self.assertRegex(out, r"\n +3 +answers")

    def test_two_devices_with_one_address_are_suspected(self):
        ours, theirs = pty.openpty()
        tool_bench.tty.setraw(theirs)
        scan = self.start_davy(
            "bus",
            "scan",
            "--port",
            os.ttyname(theirs),
            *LOCAL,
            "--listen",
            "50",
            "--wait",
            "300",
            "--units",
            "5",
        )
        until = time.monotonic() + 20
        while scan.poll() is None and time.monotonic() < until:
            if select.select([ours], [], [], 0.1)[0] and len(os.read(ours, 300)) == 8:
                os.write(ours, bytes.fromhex("0503024444FFFF"))
        out, err = scan.communicate(timeout=20)
        os.close(ours)
        os.close(theirs)
        self.assertEqual(scan.returncode, 0, out + err)
        self.assertIn("two devices may have this address", out)


class Watch(ToolTest):
    def test_values_change_by_lines_where_no_terminal_is(self):
        self.write_profile()
        where, device = self.tcp_device()
        watch = self.start_davy(
            "bus",
            "watch",
            "--tcp",
            where,
            "--unit",
            "3",
            "--profile",
            "./acme.textproto",
            "--period",
            "100",
            "--wait",
            "300",
        )
        time.sleep(1)
        device.stdin.write("set 3 4 100 195\n")
        device.stdin.flush()
        time.sleep(0.7)
        device.stdin.write("mute 3\n")
        device.stdin.flush()
        code, out = self.interrupt(watch, after=1.5)
        self.assertEqual(code, 0, out)
        self.assertRegex(out, r"\n[\d.]+ s o2 20\.9 % good raw 00D1\n")
        self.assertRegex(out, r"\n[\d.]+ s o2 19\.5 % good raw 00C3\n")
        self.assertRegex(out, r"\n[\d.]+ s o2 - % bad_comm")
        self.assertRegex(out, r"\nrounds \d+, answered \d+, requests \d+, timeout \d+")

    def test_a_table_is_refreshed_in_place_on_a_terminal(self):
        where, _ = self.tcp_device()
        self.write_profile()
        ours, theirs = pty.openpty()
        watch = self.start(
            [
                *self.program,
                "bus",
                "watch",
                "--tcp",
                where,
                "--unit",
                "3",
                "--profile",
                "./acme.textproto",
                "--period",
                "100",
                "--for",
                "1",
            ],
            stdout=theirs,
            stderr=theirs,
            cwd=self.folder,
        )
        os.close(theirs)
        out = b""
        while watch.poll() is None or select.select([ours], [], [], 0)[0]:
            try:
                out += os.read(ours, 4096)
            except OSError:
                break
        os.close(ours)
        text = out.decode()
        self.assertEqual(watch.wait(10), 0, text)
        self.assertRegex(text, r"signal +value +unit +quality +age +raw")
        self.assertRegex(text, r"o2 +20\.9 +% +good +0\.\d s +00D1")
        self.assertRegex(text, "\x1b\\[\\d+A")

    def test_a_device_that_is_silent_is_1(self):
        where, _ = self.tcp_device()
        out = self.davy(
            "bus",
            "watch",
            "--tcp",
            where,
            "--unit",
            "9",
            "--profile",
            "xy-md02",
            "--profiles",
            PROFILES,
            "--for",
            "0.5",
            "--wait",
            "100",
            code=1,
        )
        self.assertIn("temperature - °C bad_comm", out)

    def test_an_unknown_profile_is_78(self):
        watch = ("bus", "watch", "--tcp", "127.0.0.1", "--unit", "1", "--profiles", PROFILES, "--profile")
        told = self.davy(*watch, "xy-md03", code=78)
        self.assertIn("xy-md03.textproto: there is no such file", told)
        self.assertIn("has no signals to watch", self.davy(*watch, "generic-tag-ring", code=78))


class Sniff(ToolTest):
    def sniff(self, *more):
        return self.start_davy(
            "bus", "sniff", "--port", str(self.folder / "listener"), "--baud", "9600", *more
        )

    def test_what_passes_is_told_and_summed_up(self):
        tee = self.tee()
        self.write_profile()
        sniff = self.sniff("--profile", "3=./acme.textproto", "--raw")
        time.sleep(0.5)
        self.poll_once(self.folder / "master")
        self.poll_once(self.folder / "master", "-t", "4", "-r", "50")
        self.poll_once(self.folder / "master", "-t", "4", "-r", "50", "-a", "9")
        self.poll_once(self.folder / "master")
        tee.say(bytes.fromhex("0304020102FFFF"))
        code, out = self.interrupt(sniff)
        self.assertEqual(code, 0, out)
        self.assertRegex(out, r"unit 3, input registers 100 to 101: 209 65481 \(after \d+ ms\)")
        self.assertIn("o2 20.9 % good", out)
        self.assertIn("> 03 04 00 64 00 02", out)
        self.assertRegex(out, r"unit 3, holding registers 49: exception 2, illegal data address")
        self.assertIn("unit 9, holding registers 49: no answer", out)
        self.assertIn("wrong checksum", out)
        self.assertRegex(out, r"\n +3 +4 read input registers +100-101 +2 ")
        self.assertRegex(out, r"whole frames, 1 damaged")
        self.assertEqual(tee.spoken, b"")

    def test_a_silent_line_and_wrong_settings_are_told(self):
        tee = self.tee(baud=19200)
        sniff = self.sniff("--for", "0.5")
        out, _ = sniff.communicate(timeout=20)
        self.assertEqual(sniff.returncode, 1)
        self.assertIn("The line was silent", out)
        sniff = self.sniff()
        time.sleep(0.5)
        self.poll_once(self.folder / "master")
        code, out = self.interrupt(sniff)
        self.assertEqual(code, 1, out)
        self.assertIn("not at these settings", out)
        self.assertEqual(tee.spoken, b"")


if __name__ == "__main__":
    sys.exit(tool_bench.main("socat", "mbpoll"))
