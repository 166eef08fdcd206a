#!/usr/bin/env python3
"""davy-gateway as a whole: real Modbus servers, a real Mosquitto, signals, kill -9.

Usage: gateway_program_test.py DAVY_GATEWAY [unittest arguments]. Exits 77 (skipped) where a tool is missing.
"""
import os
import shutil
import signal
import socket
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from bench import GATEWAY, ROOT, GatewayTest, field, protoc, rtu_bus, stop, tcp_bus  # noqa: E402

SKIPPED = 77
STARTED, STOPPED, CONFIG_CHANGED, BUS_FAULT, BUS_RESTORED = 1, 2, 3, 7, 8


def missing():
    needed = ("mosquitto", "mosquitto_sub", "mosquitto_pub", "socat", "protoc")
    tools = [tool for tool in needed if shutil.which(tool) is None]
    try:
        import pymodbus.server  # noqa: F401
    except ImportError as e:
        tools.append(str(e))
    return tools


class CommandLine(GatewayTest):
    def test_help_teaches(self):
        done = self.bench.run("--help")
        self.assertEqual(done.returncode, 0)
        words = ("--config", "--check", "--profiles", "--log-level", "--version", "Examples:",
                 "Exit codes:", "78")
        for word in words:
            self.assertIn(word, done.stdout)

    def test_version(self):
        done = self.bench.run("--version")
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stdout, r"^davy-gateway \d+\.\d+\.\d+")

    def test_wrong_use_is_64(self):
        for arguments in ([], ["--nonsense"], ["--config"], ["--config", "x", "extra"],
                          ["--config", "x", "--log-level", "loud"]):
            with self.subTest(arguments):
                done = self.bench.run(*arguments)
                self.assertEqual(done.returncode, 64)
                self.assertIn("--help", done.stderr)

    def test_example_is_good(self):
        example = os.path.join(ROOT, "firmware/app/example/gateway.textproto")
        profiles = os.path.join(ROOT, "drivers/profiles")
        done = self.bench.run("--config", example, "--profiles", profiles, "--check")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(": good", done.stdout)
        # Its TLS files are on the box only.
        self.assertNotIn("warning", done.stdout.replace("warning: TLS", ""))

    def test_check_prints_what_a_round_costs(self):
        self.bench.broker_port = 1883
        config = self.bench.write_config(rtu_bus("/dev/ttyS1", units=3, period_ms=1000))
        done = self.bench.run("--check", config=config)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("3 devices, 6 points, 3 requests a round, 3.0 requests/s, line busy", done.stdout)
        self.assertFalse(os.path.exists(self.bench.path("spool.db")), "--check must touch nothing")

    def test_check_warns_of_a_line_that_is_too_busy(self):
        self.bench.broker_port = 1883
        config = self.bench.write_config(rtu_bus("/dev/ttyS1", units=20, period_ms=100))
        done = self.bench.run("--check", config=config)
        self.assertIn("more than the line can carry", done.stdout)

    def test_wrong_configuration_is_78_and_says_where(self):
        self.bench.broker_port = 1883
        good = tcp_bus(1502)
        rows = [("misspelt field", good.replace("period_ms", "perio_ms"), ":9:"),
                ("unknown profile", good.replace("bench-gas", "no-such-model"), "no-such-model"),
                ("unknown signal", good.replace('"ch4"', '"ch5"'), "ch5"),
                ("overlapping points", good.replace('signal: "co"', 'signal: "ch4"'), "overlapping points"),
                ("unit twice", tcp_bus(1502, units=2).replace("unit: 2", "unit: 1"), "on the same bus"),
                ("name twice", good.replace("tcp-1-1-CO", "tcp-1-1-CH4"), "tcp-1-1-CH4")]
        for what, text, told in rows:
            with self.subTest(what):
                config = self.bench.write_config(text)
                for arguments in ([], ["--check"]):
                    done = self.bench.run(*arguments, config=config)
                    self.assertEqual(done.returncode, 78, done.stderr)
                    self.assertIn("gateway.textproto", done.stderr)
                    self.assertIn(told, done.stderr)

    def test_missing_configuration_is_78(self):
        done = self.bench.run("--config", self.bench.path("nowhere.textproto"))
        self.assertEqual(done.returncode, 78)
        self.assertIn("nowhere.textproto", done.stderr)


class OneWay(GatewayTest):
    """From a device's register to the broker."""

    def start(self, bus):
        self.bench.broker()
        self.bench.listen()
        config = self.bench.write_config(bus)
        return config, self.bench.gateway(config)

    def check_flow(self, gateway, points):
        bench = self.bench
        bench.wait_for("blocks", lambda: len(bench.heard("block")) >= 5)
        birth = bench.heard("birth")
        self.assertGreaterEqual(len(birth), 1)
        online = bench.states()[-1]
        self.assertEqual(field(online, "online"), "true")
        self.assertEqual(field(online, "gateway"), GATEWAY.encode())
        blocks = bench.blocks()
        self.assertIn(STARTED, bench.event_kinds())
        self.assertEqual({field(b, "stream") for b in blocks}, {field(online, "stream")})
        self.assertEqual({field(b, "boot") for b in blocks}, {field(online, "boot")})
        self.assertGreaterEqual(max(field(b, "sample_count") or 0 for b in blocks), points)
        code, took = stop(gateway)
        self.assertEqual(code, 0, bench.logs())
        self.assertLess(took, 2.0)
        bench.wait_for("offline", lambda: field(bench.states()[-1], "online") is None)
        self.assertIn(STOPPED, bench.event_kinds())

    def test_tcp(self):
        _, port = self.bench.tcp_device(units=2)
        _, gateway = self.start(tcp_bus(port, units=2))
        self.check_flow(gateway, 4)

    def test_rtu(self):
        _, line = self.bench.rtu_device(units=2)
        _, gateway = self.start(rtu_bus(line, units=2, period_ms=500))
        self.check_flow(gateway, 2)

    def test_a_limit_crossed_comes_at_once(self):
        device, port = self.bench.tcp_device()
        _, gateway = self.start(tcp_bus(port))

        def urgent():
            return sum(field(b, "urgent") == "true" for b in self.bench.blocks())

        self.bench.wait_for("a quiet flow", lambda: len(self.bench.heard("block")) >= 5)
        before = urgent()
        device.stdin.write("set 1 0 120\n")  # 1.2 % CH4
        device.stdin.flush()
        self.bench.wait_for("an urgent block", lambda: urgent() > before)
        stop(gateway)

    def test_a_device_that_dies_and_comes_back_is_told(self):
        device, port = self.bench.tcp_device()
        _, gateway = self.start(tcp_bus(port))
        self.bench.wait_for("blocks", lambda: len(self.bench.heard("block")) >= 3)
        device.kill()
        self.bench.wait_for("the fault", lambda: BUS_FAULT in self.bench.event_kinds())
        self.bench.tcp_device(port=port)
        self.bench.wait_for("its end", lambda: BUS_RESTORED in self.bench.event_kinds())
        stop(gateway)

    def test_no_device_and_no_broker_stop_it_neither(self):
        self.bench.broker_port = 1  # nobody listens there
        config = self.bench.write_config(rtu_bus("/dev/no-such-line", units=3) + tcp_bus(1))
        gateway = self.bench.gateway(config)
        self.bench.wait_for("readiness", lambda: self.bench.log_has("ready"))
        code, took = stop(gateway)
        self.assertEqual(code, 0, self.bench.logs())
        self.assertLess(took, 2.0)


class Stream(GatewayTest):
    """Blocks are numbered for ever and released by the host's word only."""

    def setUp(self):
        super().setUp()
        _, port = self.bench.tcp_device()
        self.bench.broker()
        self.bench.listen()
        self.config = self.bench.write_config(tcp_bus(port))

    def seqs(self):
        return [field(b, "seq") for b in self.bench.blocks()]

    def test_killed_and_started_again_it_goes_on(self):
        gateway = self.bench.gateway(self.config)
        self.bench.wait_for("blocks", lambda: len(self.seqs()) >= 5)
        gateway.send_signal(signal.SIGKILL)
        gateway.wait(10)
        before = self.bench.blocks()
        again = self.bench.gateway(self.config)
        top = max(field(b, "seq") for b in before)
        self.bench.wait_for("later blocks", lambda: max(self.seqs()) > top + 5)
        blocks = self.bench.blocks()
        self.assertEqual(len({field(b, "stream") for b in blocks}), 1)
        self.assertEqual(len({field(b, "boot") for b in blocks}), 2)
        by_seq = {}
        for block in blocks:  # a number never means two different blocks
            self.assertEqual(by_seq.setdefault(field(block, "seq"), block), block)
        self.bench.wait_for("no hole", lambda: set(range(1, max(self.seqs()) + 1)) == set(self.seqs()))
        self.assertNotIn(CONFIG_CHANGED, self.bench.event_kinds())
        stop(again)

    def test_acked_blocks_leave_the_spool(self):
        gateway = self.bench.gateway(self.config)
        self.bench.wait_for("blocks", lambda: len(self.seqs()) >= 5)
        stop(gateway)
        last = self.bench.states()[-1]
        self.assertGreaterEqual(field(last, "spool_blocks"), 5)
        again = self.bench.gateway(self.config)
        self.bench.wait_for("online", lambda: field(self.bench.states()[-1], "online") == "true")
        stream = "".join(f"\\{byte:03o}" for byte in field(last, "stream"))
        ack = f'stream {{ stream: "{stream}" range {{ first: 1 last: {field(last, "next_seq") - 1} }} }}'
        self.bench.publish("ack", protoc("encode", "Ack", ack.encode()))
        before = field(last, "next_seq")
        self.bench.wait_for("new blocks", lambda: max(self.seqs()) > before + 3)
        stop(again)
        left = self.bench.states()[-1]
        self.assertGreaterEqual(field(left, "spool_oldest_seq"), before)

    def test_a_changed_configuration_is_on_record(self):
        gateway = self.bench.gateway(self.config)
        self.bench.wait_for("blocks", lambda: len(self.seqs()) >= 2)
        stop(gateway)
        with open(self.config) as f:
            text = f.read()
        with open(self.config, "w") as f:
            f.write(text.replace("clear_at: 0.8", "clear_at: 0.7"))
        again = self.bench.gateway(self.config)
        self.bench.wait_for("config_changed", lambda: CONFIG_CHANGED in self.bench.event_kinds())
        self.bench.wait_for("another birth", lambda: len(set(self.bench.heard("birth"))) == 2)
        stop(again)


class Spool(GatewayTest):
    def setUp(self):
        super().setUp()
        self.bench.broker_port = 1
        self.config = self.bench.write_config(tcp_bus(1))

    def test_opened_twice_is_73(self):
        first = self.bench.gateway(self.config)
        self.bench.wait_for("readiness", lambda: self.bench.log_has("ready"))
        second = self.bench.run(config=self.config)
        self.assertEqual(second.returncode, 73, second.stderr)
        self.assertIn("spool.db", second.stderr)
        self.assertEqual(stop(first)[0], 0)

    def test_of_another_gateway_is_73(self):
        first = self.bench.gateway(self.config)
        self.bench.wait_for("readiness", lambda: self.bench.log_has("ready"))
        stop(first)
        other = self.bench.write_config(tcp_bus(1), gateway="G-13", name="other.textproto")
        done = self.bench.run(config=other)
        self.assertEqual(done.returncode, 73, done.stderr)
        self.assertIn(GATEWAY, done.stderr)


class Service(GatewayTest):
    """What systemd is told."""

    def test_readiness_life_and_end(self):
        self.bench.broker_port = 1
        _, port = self.bench.tcp_device()
        path = self.bench.path("notify")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
            ear.bind(path)
            ear.settimeout(20)
            gateway = self.bench.gateway(self.bench.write_config(tcp_bus(port)),
                                         env={"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "3000000"})
            self.assertEqual(ear.recv(100), b"READY=1")
            self.assertEqual(ear.recv(100), b"WATCHDOG=1")
            self.assertEqual(ear.recv(100), b"WATCHDOG=1")
            gateway.send_signal(signal.SIGTERM)
            message = ear.recv(100)
            while message == b"WATCHDOG=1":
                message = ear.recv(100)
            self.assertEqual(message, b"STOPPING=1")
        self.assertEqual(gateway.wait(5), 0)


if __name__ == "__main__":
    if missing():
        print("skipped, missing: " + ", ".join(missing()))
        sys.exit(SKIPPED)
    # The program, and before it the emulator when it is one of another machine.
    GatewayTest.program, sys.argv[1:] = sys.argv[1:], []
    unittest.main(verbosity=2)
