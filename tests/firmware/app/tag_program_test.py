#!/usr/bin/env python3
"""davy-gateway with readers of tags: davy-sim's ring, a FIFO and lines over TCP, up to the broker.

Usage: tag_program_test.py DAVY_SIM DAVY_GATEWAY [unittest arguments]. Exits 77 (skipped) where a tool is
missing.
The emulator, where there is one, is the same for both:
tag_program_test.py EMULATOR DAVY_SIM EMULATOR DAVY_GATEWAY.
"""
import collections
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from bench import HERE, ROOT, GatewayTest, free_port, listens, stop  # noqa: E402

SKIPPED = 77
BUS_FAULT, BUS_RESTORED, INPUT_LOST = 7, 8, 9
PROFILES = f'profiles: "{ROOT}/drivers/profiles"\n'
PEOPLE = 80
SIGHTINGS_EACH = 17  # 40 m at 5 m/s, twice a second, both ends


def missing():
    return [tool for tool in ("mosquitto", "mosquitto_sub", "protoc") if shutil.which(tool) is None]


def entries(block, kind):
    """The sightings or events of a decoded block, each as the fields it has."""
    out = []
    for text in re.findall(rf"^{kind} {{\n(.*?)^}}", block, re.MULTILINE | re.DOTALL):
        out.append(dict(re.findall(r"^\s*(\w+): (.*)$", text, re.MULTILINE)))
    return out


def modbus_bus(port, reader, profile, period_ms=200, more=""):
    return (
        f'bus {{ name: "tags" tcp {{ host: "127.0.0.1" port: {port} }} period_ms: {period_ms}\n'
        f'  device {{ name: "{reader}" unit: 9 profile: "{profile}" {more} }} }}\n'
    )


def lines_bus(port):
    return (
        f'bus {{ name: "lines" lines {{ host: "127.0.0.1" port: {port} }}\n'
        f'  device {{ name: "reader-7" profile: "generic-tag-lines" }} }}\n'
    )


def line(number, tag, sos=0):
    return f"$TAG,{number},{tag:X},-1.5,-60,0.0,{sos},0\r\n".encode()


class TagTest(GatewayTest):
    sim = None

    def start(self, bus, close_after_ms=200):
        self.bench.broker()
        self.bench.listen()
        config = self.bench.write_config(bus, more=PROFILES)
        with open(config) as f:
            text = f.read()
        with open(config, "w") as f:
            text = text.replace("close_after_ms: 200", f"close_after_ms: {close_after_ms}")
            f.write(text.replace("uplink {", "uplink { window_blocks: 1000"))  # nobody acknowledges
        return self.bench.gateway(config)

    def sightings(self):
        return [s for block in self.blocks() for s in entries(block, "sighting")]

    def blocks(self):
        """Every block once: what was not acknowledged is sent again after a while."""
        out = {}
        for block in self.bench.blocks():
            out[re.search(r"^seq: (\d+)$", block, re.MULTILINE).group(1)] = block
        return list(out.values())

    def events(self, kind):
        return [e for block in self.blocks() for e in entries(block, "event") if int(e["kind"]) == kind]

    def lost(self):
        return [(int(e.get("first", 0)), e["text"]) for e in self.events(INPUT_LOST)]

    def start_sim(self, port, slots, steps):
        with open(self.bench.path("rig.textproto"), "w") as f:
            f.write(
                f'server {{ name: "tcp" port: {port} device {{ name: "reader-3" unit: 9 tag_reader: true '
                f'turnaround_ms: 0 tag_slots: {slots} }} }}\n{steps}'
            )
        with open(self.bench.path("sim.log"), "a") as log:
            process = self.bench.start(
                [
                    *self.sim,
                    "--config",
                    self.bench.path("rig.textproto"),
                    "--profiles",
                    f"{ROOT}/drivers/profiles",
                ],
                stdout=log,
                stderr=log,
            )
        self.bench.wait_for("davy-sim listens", lambda: listens(port))
        return process

    def walks(self, at_s, people, first=70001, every_s=0.0):
        return "".join(
            f'step {{ at_s: {at_s + i * every_s} tag_walk {{ reader: "reader-3" tag: {first + i} '
            f'speed_m_s: 5 reach_m: 20 every_s: 0.5 sos: {"true" if i == 7 else "false"} }} }}\n'
            for i in range(people)
        )


class Ring(TagTest):
    def test_eighty_tags_come_once_each_time(self):
        port = free_port()
        gateway = self.start(modbus_bus(port, "reader-3", "generic-tag-ring"))
        self.start_sim(port, 256, self.walks(4, PEOPLE))
        # The gateway may have been quicker than the rig.
        self.bench.wait_for("all sightings", lambda: len(self.sightings()) >= PEOPLE * SIGHTINGS_EACH, 60)
        self.assertEqual(stop(gateway)[0], 0, self.bench.logs())
        time.sleep(0.5)
        sightings = self.sightings()
        self.assertEqual(len(sightings), PEOPLE * SIGHTINGS_EACH)
        by_tag = collections.defaultdict(list)
        for s in sightings:
            self.assertEqual(s["reader"], '"reader-3"')
            by_tag[int(s["tag"])].append(int(s.get("distance_cm", 0)))
        self.assertEqual(set(by_tag), set(range(70001, 70001 + PEOPLE)))
        for distances in by_tag.values():
            self.assertEqual(sorted(distances), [-2000 + 250 * i for i in range(SIGHTINGS_EACH)])
        self.assertEqual(sum(s.get("sos") == "true" for s in sightings), SIGHTINGS_EACH)
        self.assertEqual(self.lost(), [])
        self.assertTrue(self.bench.log_has("tag_counters"))
        self.assertTrue(self.bench.log_has(f"sightings={PEOPLE * SIGHTINGS_EACH} "))

    def test_what_a_small_ring_lost_is_told_to_the_last_one(self):
        port = free_port()
        gateway = self.start(modbus_bus(port, "reader-3", "generic-tag-ring", period_ms=100))
        self.start_sim(port, 12, self.walks(4, 40))
        total = 40 * SIGHTINGS_EACH
        self.bench.wait_for(
            "all accounted for", lambda: len(self.sightings()) + sum(n for n, _ in self.lost()) >= total, 60
        )
        stop(gateway)
        time.sleep(0.5)
        lost = self.lost()
        self.assertEqual(len(self.sightings()) + sum(n for n, _ in lost), total)
        self.assertGreaterEqual(len(self.sightings()), 12 * SIGHTINGS_EACH)
        for _, text in lost:
            self.assertIn("tags/reader-3", text)
        self.assertTrue(self.bench.log_has("tag_reader_fault"))

    def test_a_reader_that_restarts_is_told(self):
        port = free_port()
        gateway = self.start(modbus_bus(port, "reader-3", "generic-tag-ring"))
        sim = self.start_sim(port, 256, self.walks(1, 10))
        self.bench.wait_for("the first walk", lambda: len(self.sightings()) >= 10 * SIGHTINGS_EACH, 60)
        sim.kill()
        sim.wait(10)
        self.bench.wait_for("the fault", lambda: self.events(BUS_FAULT))
        self.start_sim(port, 256, self.walks(1, 5, first=80001))
        self.bench.wait_for("its end", lambda: self.events(BUS_RESTORED))
        self.bench.wait_for("the second walk", lambda: len(self.sightings()) >= 15 * SIGHTINGS_EACH, 60)
        self.bench.wait_for("the restart", lambda: self.bench.log_has("tag_reader_restarted"))
        stop(gateway)
        time.sleep(0.5)
        self.assertEqual(len(self.sightings()), 15 * SIGHTINGS_EACH)
        unknown = [text for count, text in self.lost() if count == 0]
        self.assertEqual(len(unknown), 1)
        self.assertIn("counts anew", unknown[0])


class Fifo(TagTest):
    def test_it_is_told_what_was_fetched_and_its_overrun_comes_to_the_surface(self):
        port = free_port()
        with open(self.bench.path("fifo.log"), "a") as log:
            fifo = self.bench.start(
                [sys.executable, os.path.join(HERE, "tag_fifo_device.py"), str(port)],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                text=True,
            )
        self.bench.wait_for("the FIFO", lambda: listens(port))
        gateway = self.start(modbus_bus(port, "reader-5", "generic-tag-fifo"))
        self.bench.wait_for("readiness", lambda: self.bench.log_has("ready"))

        def see(first, last):
            fifo.stdin.write(f"see {first} {last}\n")
            fifo.stdin.flush()

        for batch in range(5):  # five times as much as it holds
            see(1000 + 30 * batch, 1029 + 30 * batch)
            self.bench.wait_for("a batch", lambda: len(self.sightings()) >= 30 * (batch + 1))
        self.assertEqual(self.lost(), [])
        see(5000, 5099)  # 100 at once into 32
        self.bench.wait_for(
            "the overrun", lambda: len(self.sightings()) + sum(n for n, _ in self.lost()) >= 250
        )
        stop(gateway)
        time.sleep(0.5)
        self.assertEqual(len(self.sightings()) + sum(n for n, _ in self.lost()), 250)
        self.assertGreaterEqual(len(self.sightings()), 182)
        tags = [int(s["tag"]) for s in self.sightings()]
        self.assertEqual(len(set(tags)), len(tags))
        for _, text in self.lost():
            self.assertIn("tags/reader-5", text)


class Lines(TagTest):
    def test_eighty_tags_a_call_for_help_a_gap_and_a_lost_connection(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.settimeout(20)
            gateway = self.start(lines_bus(listener.getsockname()[1]), close_after_ms=10000)
            peer, _ = listener.accept()
            peer.sendall(b"# reader 7\n" + b"".join(line(n, 70000 + n) for n in range(1, 81)))
            time.sleep(1)
            self.assertFalse(any(s.get("sos") for s in self.sightings()))
            began = time.monotonic()
            peer.sendall(line(81, 0xABCDEF, sos=1))
            self.bench.wait_for("the call for help", lambda: any(s.get("sos") for s in self.sightings()), 5)
            self.assertLess(time.monotonic() - began, 5)  # not the 10 s of an ordinary block
            self.assertEqual(len(self.sightings()), 81)
            urgent = [b for b in self.blocks() if any(s.get("sos") for s in entries(b, "sighting"))]
            self.assertEqual(len(urgent), 1)
            self.assertIn("urgent: true", urgent[0])
            peer.sendall(line(92, 5))
            self.bench.wait_for("the gap", lambda: self.lost())
            self.assertEqual(self.lost()[0][0], 10)
            self.assertIn("lines/reader-7", self.lost()[0][1])
            peer.close()
            self.bench.wait_for("the fault", lambda: self.events(BUS_FAULT))
            peer, _ = listener.accept()
            peer.sendall(line(93, 5))
            self.bench.wait_for("its end", lambda: self.events(BUS_RESTORED))
            self.assertEqual(stop(gateway)[0], 0, self.bench.logs())
            peer.close()
        time.sleep(0.5)
        self.assertEqual(len(self.sightings()), 83)
        self.assertTrue(self.bench.log_has("line_counters"))


class Check(TagTest):
    def test_readers_are_shown(self):
        self.bench.broker_port = 1883
        config = self.bench.write_config(
            modbus_bus(1502, "reader-3", "generic-tag-ring", more="debounce { }") + lines_bus(4001),
            more=PROFILES,
        )
        done = self.bench.run("--check", config=config)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(
            "reader-3 is a reader of tags, a ring of registers: a sighting within 1000 ms", done.stdout
        )
        self.assertIn("reader-7 is a reader of tags, lines over TCP: every sighting goes on", done.stdout)
        self.assertIn("bus lines: lines from 127.0.0.1:4001", done.stdout)


if __name__ == "__main__":
    if missing():
        print("skipped, missing: " + ", ".join(missing()))
        sys.exit(SKIPPED)
    arguments = sys.argv[1:]
    half = next(i for i, word in enumerate(arguments) if os.path.basename(word) == "davy-gateway") + 1
    programs, rest = arguments[:half], arguments[half:]
    TagTest.sim, GatewayTest.program = programs[: half // 2], programs[half // 2 :]
    sys.argv = [sys.argv[0], *rest]
    unittest.main(verbosity=2)
