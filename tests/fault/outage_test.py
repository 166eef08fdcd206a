#!/usr/bin/env python3
"""Brokers that refuse, wrong certificates, forged blocks, hosts that stay away, names used twice, a clock in
1970: real programs and a real Mosquitto. What each log line means: docs/operations.md.

Usage: outage_test.py BUILD [unittest arguments].
"""

import os
import shutil
import signal
import subprocess
import sys
import time
import unittest
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(SOURCE / "tests/support"))
import mine as mines  # noqa: E402
from mine_test import MineTest  # noqa: E402

USER, PASSWORD = "checker", "a-long-enough-password"
HEAD = "generic-ch4-u16"


class OutageTest(MineTest):
    def setUp(self):
        super().setUp()
        self.port = mines.free_port()
        rig = self.folder / "rig.textproto"
        rig.write_text(
            f'server {{ name: "tcp" port: {self.port} device {{ name: "a" unit: 1 profile: "{HEAD}" '
            f'signal {{ signal: "ch4" constant: 0.5 }} }} }}\n'
        )
        self.mine.rig(rig, "--profiles", SOURCE / "drivers/profiles").start()
        self.broker = self.mine.broker()
        self.host = self.mine.host()
        self.mine.add_user(USER, PASSWORD, "viewer")
        self.gateway = self.mine.gateway("gw", self.bus())

    def bus(self):
        return (
            f'bus {{ name: "tcp" tcp {{ host: "127.0.0.1" port: {self.port} }} period_ms: 200 '
            f'device {{ name: "a" unit: 1 profile: "{HEAD}" point {{ name: "A" signal: "ch4" }} }} }}\n'
        )

    def start_all(self):
        self.broker.start()
        self.host.start()
        mines.wait_for("davy-host", self.mine.health, 30)
        self.gateway.start()
        self.api = mines.Api(self.mine.web_port, USER, PASSWORD)
        mines.wait_for("the point", lambda: self.api.get("points")["points"], 30)
        mines.wait_for("a reading", lambda: self.is_fresh(2), 30)

    def is_fresh(self, seconds):
        point = next(p for p in self.api.get("points")["points"] if p["name"] == "A")
        now = int(time.time() * 1000)
        samples = self.api.get(f"trend?point={point['id']}&from_ms={now - 60000}&to_ms={now}&raw=1")[
            "samples"
        ]
        return bool(samples) and now - samples[-1][0] < 1000 * seconds

    def stands(self, kind):
        return any(
            a["kind"] == kind and a["condition"] == "active" for a in self.api.get("alarms")["alarms"]
        )

    def reissue(self, name, made, *more, extension="subjectAltName=DNS:localhost,IP:127.0.0.1"):
        """Another certificate over the key of `name`, by the same authority."""
        pki = self.folder / "pki"
        (pki / "extension").write_text(extension + "\n")
        authority = ("-CA", pki / "ca.crt", "-CAkey", pki / "ca.key", "-CAcreateserial")
        mines.openssl(
            "x509", "-req", "-in", pki / f"{name}.csr", *authority, "-extfile", pki / "extension",
            "-out", pki / f"{made}.crt", *more,
        )  # fmt: skip


class Refused(OutageTest):
    """Nobody gets in, or not as who he says: both programs say why, keep on, and end well."""

    gateways = ("gw", "other")

    def files(self):
        return {
            name: self.folder / name
            for name in ("broker.conf", "gw.textproto", "host.textproto", "broker.acl")
        }

    def trial(self, changes, gateway_says, host_says):
        """`changes` are (file, old text, new text)."""
        good = {name: path.read_text() for name, path in self.files().items()}
        for name, old, new in changes:
            self.assertIn(old, good[name])
            self.files()[name].write_text(good[name].replace(old, new))
        programs = (self.broker, self.gateway, self.host)
        for program in programs:
            program.log.unlink(missing_ok=True)
        try:
            if "broker.conf" not in [name for name, old, _ in changes if old == "listener"]:
                self.broker.start()
            self.gateway.start()
            self.host.start()
            if gateway_says:
                self.wait_for_line(self.gateway, ["warn uplink_down", *gateway_says])
            if host_says:
                self.wait_for_line(self.host, ["warn broker_down", *host_says])
            self.wait_for_line(self.host, ["info ready"])
            self.assertEqual((self.gateway.stop(), self.host.stop()), (0, 0))
        finally:
            for program in programs:
                program.stop()
            for name, text in good.items():
                self.files()[name].write_text(text)

    def test_each_reason_is_told(self):
        pki, theirs = self.folder / "pki", self.folder / "theirs"
        mines.make_pki(theirs, ["broker", "gw", "davy-host"])
        self.reissue("broker", "expired", "-days", "-1")
        self.reissue("broker", "elsewhere", "-days", "3", extension="subjectAltName=DNS:elsewhere")
        self.reissue("gw", "gw-expired", "-days", "-1")
        unvouched = ["is not vouched for by", str(pki / "ca.crt")]
        rows = [
            (
                "no broker",
                [("broker.conf", "listener", "listener")],
                ["no broker listens"],
                ["no broker listens"],
            ),
            ("expired", [("broker.conf", "broker.crt", "expired.crt")], ["has expired"], ["has expired"]),
            (
                "of another mine",
                [("broker.conf", f"{pki}/broker", f"{theirs}/broker")],
                unvouched,
                unvouched,
            ),
            (
                "for another machine",
                [("broker.conf", "broker.crt", "elsewhere.crt")],
                ["is for broker, not for 127.0.0.1"],
                ["is for broker, not for 127.0.0.1"],
            ),
            (
                "ours expired",
                [("gw.textproto", "gw.crt", "gw-expired.crt")],
                ["refuses our", "gw-expired.crt"],
                None,
            ),
            (
                "ours of another mine",
                [
                    ("gw.textproto", f"{pki}/gw.", f"{theirs}/gw."),
                    ("host.textproto", f"{pki}/davy-host.", f"{theirs}/davy-host."),
                ],
                ["refuses our certificate", str(theirs / "gw.crt")],
                ["refuses our certificate", str(theirs / "davy-host.crt")],
            ),
            (
                "another's key, no certificate",
                [
                    ("gw.textproto", "gw.key", "other.key"),
                    ("host.textproto", "davy-host.crt", "none.crt"),
                ],
                ["other.key", "does not belong to the certificate", "gw.crt"],
                ["none.crt", "No such file"],
            ),
            (
                "another's certificate",
                [("gw.textproto", f"{pki}/gw.", f"{pki}/other.")],
                ["refuses our message to davy/demo/gw/birth", "Not authorized"],
                None,
            ),
            ("not in the access list", [("broker.acl", "pattern write", "#")], ["Not authorized"], None),
            (
                "no TLS there",
                [("broker.conf", "cafile", "#"), ("broker.conf", "certfile", "#")],
                ["TLS"],
                ["TLS"],
            ),
        ]
        for what, changes, gateway_says, host_says in rows:
            with self.subTest(what):
                if what == "no TLS there":
                    text = self.files()["broker.conf"].read_text()
                    port = f"listener {self.mine.broker_port} 127.0.0.1\nallow_anonymous true\n"
                    changes = [("broker.conf", text, port)]
                self.trial(changes, gateway_says, host_says)

    def test_check_finds_files_that_are_not_there(self):
        config = self.files()["gw.textproto"]
        config.write_text(config.read_text().replace("gw.key", "none.key"))
        done = subprocess.run(
            [*self.gateway.command, "--check"], capture_output=True, text=True, check=False
        )
        self.assertEqual(done.returncode, 0, done.stderr)  # it could run, and keeps what it reads
        self.assertRegex(done.stdout, r"warning: .*none\.key: No such file")


class Forged(OutageTest):
    def test_rubbish_is_kept_apart_and_the_rest_goes_on(self):
        self.start_all()
        pki = self.folder / "pki"
        send = ["mosquitto_pub", "-h", "127.0.0.1", "-p", str(self.mine.broker_port), "-q", "1"]
        send += ["--cafile", pki / "ca.crt", "--cert", pki / "gw.crt", "--key", pki / "gw.key"]
        for kind in ("block", "state", "birth"):
            topic = f"davy/demo/gw/{kind}"
            subprocess.run(
                [*send, "-t", topic, "-m", f"rubbish of {kind}"], check=True, capture_output=True
            )
        # A log line and a row now and then, so that a flood of rubbish fills nothing; but each is counted.
        self.wait_for_line(self.host, ["warn quarantined gateway=gw", "topic=davy/demo/gw/", "reason="])
        mines.wait_for(
            "the count", lambda: self.api.get("gateways")["gateways"][0]["quarantined_blocks"] == 3, 10
        )
        mines.wait_for("the alarm", lambda: self.stands("untrusted"), 10)
        mines.wait_for("readings", lambda: self.is_fresh(2), 10)


class Away(OutageTest):
    def test_a_host_that_was_away_shows_what_is_now_at_once(self):
        config = self.folder / "gw.textproto"
        config.write_text(config.read_text().replace("uplink { ", "uplink { ack_wait_ms: 1000 "))
        self.start_all()
        self.host.kill()
        time.sleep(20)  # probes after 1, 2, 4, 8 s: the next one is 16 s away
        self.host.start()
        self.wait_for_line(self.host, ["info broker_up", "\n"], after=self.host.log.stat().st_size)
        began = time.monotonic()
        mines.wait_for("a reading of now", lambda: self.is_fresh(2), 10)
        self.assertLess(time.monotonic() - began, 5)

    def test_a_host_that_hung_catches_up(self):
        self.start_all()
        os.kill(self.host.process.pid, signal.SIGSTOP)
        time.sleep(5)
        os.kill(self.host.process.pid, signal.SIGCONT)
        mines.wait_for("a reading of now", lambda: self.is_fresh(2), 10)


class Twice(OutageTest):
    """One name, two owners."""

    def test_two_gateways_of_one_name_are_told(self):
        self.start_all()
        config = self.folder / "twin.textproto"
        config.write_text((self.folder / "gw.textproto").read_text().replace("/gw.db", "/twin.db"))
        command = [
            str(config) if c == str(self.folder / "gw.textproto") else c for c in self.gateway.command
        ]
        twin = self.mine.program("twin", command).start()
        for gateway in (self.gateway, twin):
            self.wait_for_line(gateway, ["warn uplink_down", "another client of the same name"])
        mines.wait_for("the alarm", lambda: self.stands("twin"), 60)

    def test_two_hosts_of_one_name_are_told(self):
        self.start_all()
        config = self.folder / "second.textproto"
        text = (
            (self.folder / "host.textproto")
            .read_text()
            .replace(f"{self.folder}/host", f"{self.folder}/second")
        )
        config.write_text(text.replace(str(self.mine.web_port), str(mines.free_port())))
        second = self.mine.program("second", [self.host.command[0], "--config", config]).start()
        for host in (self.host, second):
            self.wait_for_line(host, ["warn broker_down", "another client of the same name"])
        mines.wait_for("the alarm", lambda: self.stands("broker_unstable"), 60)
        self.assertEqual(second.stop(), 0)
        mines.wait_for("its end", lambda: not self.stands("broker_unstable"), 60)


CLOCK = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>
int clock_gettime(clockid_t which, struct timespec* out) {
  int (*real)(clockid_t, struct timespec*) = dlsym(RTLD_NEXT, "clock_gettime");
  int done = real(which, out);
  if (which == CLOCK_REALTIME) out->tv_sec -= %d;
  return done;
}
"""


class In1970(OutageTest):
    def test_readings_of_a_gateway_without_a_clock_are_of_now(self):
        compiler = shutil.which("cc") or shutil.which("gcc")
        if not compiler:
            self.skipTest("no C compiler to make a wrong clock with")
        source, library = self.folder / "clock.c", self.folder / "clock.so"
        source.write_text(CLOCK % int(time.time()))
        subprocess.run([compiler, "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
        self.gateway.env = {"LD_PRELOAD": str(library), "ASAN_OPTIONS": "verify_asan_link_order=0"}
        self.start_all()  # waits for a reading of the last 2 s
        mines.wait_for("the alarm", lambda: self.stands("clock"), 30)

        def shown():
            return next(g for g in self.api.get("gateways")["gateways"] if g["name"] == "gw")

        mines.wait_for("the clock's quality", lambda: shown()["clock"] == "unset", 30)
        self.assertLess(shown()["clock_error_ms"], -50 * 365 * 86400 * 1000)


if __name__ == "__main__":
    MineTest.build = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=2)
