#!/usr/bin/env python3
"""davy profile check and davy profile new, the latter with a pymodbus device that it reads live.

Usage: profile_verbs_test.py DAVY. Exits 77 (skipped) where a tool is missing.
"""
import re
import sys

import tool_bench
from tool_bench import PROFILES, ROOT, ToolTest


class Check(ToolTest):
    def test_the_profiles_of_the_tree_pass_their_golden_frames(self):
        files = sorted(PROFILES.glob("*.textproto"))
        out = self.davy("profile", "check", *files, "--golden", ROOT / "tests/golden/modbus")
        self.assertEqual(len(re.findall(r": good, \d+ signal", out)), len(files))
        self.assertNotIn("FAIL", out)

    def test_a_wrong_scale_fails_its_frames(self):
        text = (PROFILES / "xy-md02.textproto").read_text().replace("scale: 0.1", "scale: 0.01", 1)
        (self.folder / "xy-md02.textproto").write_text(text)
        golden = ROOT / "tests/golden/modbus/xy-md02.txt"
        out = self.davy("profile", "check", "xy-md02.textproto", "--golden", golden, code=1)
        self.assertIn("temperature reads 3.05 good, the file says 30.5 good", out)
        self.assertIn("0 cases passed, 3 failed", out)

    def test_all_mistakes_are_told_with_their_lines(self):
        (self.folder / "bad.textproto").write_text(
            'name: "bad" maker: "" model: "m" source: "s"\nmodbus {\n'
            '  signal { name: "a" table: COIL address: 0 encoding: U16 }\n}\n'
        )
        told = self.davy("profile", "check", "bad.textproto", code=78)
        self.assertIn("bad.textproto:1:", told)
        self.assertIn("bad.textproto:3:", told)
        golden = self.folder / "g.txt"
        golden.write_text("unit 1\ncase c\n> 01 0Z\n")
        told = self.davy("profile", "check", PROFILES / "xy-md02.textproto", "--golden", golden, code=78)
        self.assertIn("g.txt:3: a frame is written as bytes", told)

    def test_names_that_the_dbc_file_does_not_have_are_told(self):
        text = (PROFILES / "generic-gas-can.textproto").read_text().replace('"Oxygen"', '"Oxigen"')
        (self.folder / "generic-gas-can.textproto").write_text(text)
        (self.folder / "generic-gas-can.dbc").write_text((PROFILES / "generic-gas-can.dbc").read_text())
        told = self.davy("profile", "check", "generic-gas-can.textproto", code=78)
        self.assertIn("can.signal[2]: there is no signal Oxigen in message Gas", told)


class New(ToolTest):
    FLAGS = ("--maker", "Acme", "--model", "O2-7", "--source", "manual 1.3, p. 12")

    def test_questions_with_answers_from_a_pipe(self):
        where, _ = self.tcp_device()
        answers = [
            "Acme",
            "O2-7",
            "manual 1.3, p. 12",
            "40001",
            # One beyond: refused, so a live neighbour is proposed; then as it should be.
            "o2",
            "30102",
            "u16",
            "0.1",
            "",
            "O2",
            "",
            "0",
            "25",
            "",
            "again",
            "o2",
            "30101",
            "u16",
            "0.1",
            "",
            "O2",
            "",
            "0",
            "25",
            "0x7FFF:sensor_fault",
            "",
            "keep",
            "co",
            "30103",
            "float32",
            "ABCD",
            "1",
            "",
            "CO",
            "",
            "0.1",
            "500",
            "",
            "again",
            "co",
            "30103",
            "float32",
            "CDAB",
            "1",
            "",
            "CO",
            "",
            "0.1",
            "500",
            "",
            "",
            "",
        ]
        out = self.davy(
            "profile", "new", "acme-o2", "--tcp", where, "--unit", "3", answers="\n".join(answers) + "\n"
        )
        self.assertIn("on the wire: input register 101", out)
        self.assertIn("plausible: address 100 (input register), u16 x 0.1 = 20.9", out)
        self.assertIn("live: o2 = 20.9 %, good (raw 00D1)", out)
        self.assertIn("float32 CDAB = 12.5; the low word comes first", out)
        text = (self.folder / "acme-o2.textproto").read_text()
        self.assertIn("address: 100 encoding: U16 scale: 0.1", text)
        self.assertIn("word_order: CDAB", text)
        self.assertIn("raw_meaning { raw: 32767 means: SENSOR_FAULT }", text)
        self.assertIn(f'tcp {{ host: "127.0.0.1" port: {where.split(":")[1]} }}', out)
        self.davy("profile", "check", "acme-o2.textproto")

    def test_wrong_answers_are_asked_again(self):
        answers = [
            "Acme",
            "O2-7",
            "manual",
            "fast",
            "19200",
            "even",
            "",
            "wire",
            "o2",
            "70000",
            "100",
            "inputs",
            "input",
            "",
            "",
            "",
            "gas",
            "O2",
            "",
            "",
            "",
            "",
            "",
        ]
        out = self.davy("profile", "new", "acme-o2", answers="\n".join(answers) + "\n")
        for told in (
            "'fast' is no whole number",
            "is beyond 65535",
            "'inputs' is no table",
            "'gas' is none that Davy knows",
        ):
            self.assertIn(told, out)
        self.assertIn(
            "serial { baud: 19200 parity: EVEN stop_bits: 1 }",
            (self.folder / "acme-o2.textproto").read_text(),
        )

    def test_nothing_is_overwritten_and_nothing_half_written(self):
        (self.folder / "there.textproto").write_text("mine")
        told = self.davy(
            "profile", "new", "there", *self.FLAGS, "--signal", "a address=1 table=input", code=64
        )
        self.assertIn("exists already", told)
        self.assertEqual((self.folder / "there.textproto").read_text(), "mine")
        told = self.davy("profile", "new", "acme", answers="Acme\n", code=64)
        self.assertIn("nothing was written", told)
        told = self.davy(
            "profile", "new", "acme", *self.FLAGS, "--signal", "a address=1 table=input scale=0", code=78
        )
        self.assertIn("every reading would be the same number", told)
        self.assertFalse((self.folder / "acme.textproto").exists())

    def test_flags_that_do_not_fit_are_64(self):
        rows = [
            ([*self.FLAGS, "--signal", "o2 adress=100"], "'adress=100' is not understood"),
            ([*self.FLAGS, "--signal", "o2 address=100"], "table=holding"),
            ([*self.FLAGS, "--signal", "o2 address=100 table=input range=25"], "write it like -40..85"),
            ([*self.FLAGS, "--counting", "40001", "--signal", "o2 address=100"], "five or six digits"),
            (["--maker", "Acme", "--signal", "o2 address=100 table=input"], "--model is missing"),
        ]
        for words, told in rows:
            with self.subTest(words):
                self.assertIn(told, self.davy("profile", "new", "acme", *words, code=64))


if __name__ == "__main__":
    sys.exit(tool_bench.main("socat", "mbpoll"))
