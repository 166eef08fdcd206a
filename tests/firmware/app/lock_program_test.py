#!/usr/bin/env python3
"""The local power locks of davy-gateway as a running program, with no broker at all.

The relay is a register of an independent Modbus device (pymodbus) beside the methane head: 1 feeds the
heading, 0 cuts it.

Usage: lock_program_test.py [EMULATOR...] /path/to/davy-gateway
"""
import signal
import subprocess
import sys
import time
import unittest

from bench import GatewayTest, free_port, stop, tcp_bus

SKIPPED = 77
RELAY_UNIT, RELAY = 2, 50
CUT_WITHIN = 2.0  # s, AQ 6201 5.5.2.3
SETTLE_MS = 10_000  # the shortest that is allowed


def locks(bus, memory):
    return f"""interlock {{
  settle_ms: {SETTLE_MS}
  memory: "{memory}"
  area {{ name: "heading" }}
  output {{
    name: "CUTTER" area: "heading" kind: CUTTER
    modbus {{ bus: "{bus}" unit: {RELAY_UNIT} holding_register: {RELAY} }}
  }}
  lock {{ name: "FACE" row: METHANE_FACE area: "heading" methane {{ point: "tcp-1-1-CH4" }} }}
}}
"""


class Locks(GatewayTest):
    def setUp(self):
        super().setUp()
        self.bench.broker_port = 1  # nobody listens there: no broker, no host
        self.port = free_port()
        self.device, _ = self.bench.tcp_device(units=2, port=self.port)
        config = tcp_bus(self.port, units=2) + locks("tcp-1", self.bench.path("locks"))
        self.config = self.bench.write_config(config)

    def methane(self, hundredths):
        self.device.stdin.write(f"set 1 0 {hundredths}\n")
        self.device.stdin.flush()

    def relay(self):
        """Read by somebody else."""
        asked = subprocess.run(
            [
                "mbpoll",
                "-m",
                "tcp",
                "-p",
                str(self.port),
                "-a",
                str(RELAY_UNIT),
                "-r",
                str(RELAY),
                "-0",
                "-c",
                "1",
                "-1",
                "-q",
                "127.0.0.1",
            ],
            capture_output=True,
            text=True,
            timeout=10,
        )
        for line in asked.stdout.splitlines():
            if line.startswith(f"[{RELAY}]:"):
                return int(line.split()[1])
        return None

    def wait_relay(self, state, within):
        began = time.monotonic()
        while self.relay() != state:
            self.assertLess(
                time.monotonic() - began, within, f"the relay stays {self.relay()}\n{self.bench.logs()}"
            )
        return time.monotonic() - began

    def fed(self):
        """A gateway whose locks have settled and feed the heading."""
        gateway = self.bench.gateway(self.config)
        self.wait_relay(1, SETTLE_MS / 1000 + 15)
        return gateway

    def test_cuts_on_gas_and_feeds_again_below_the_release_value(self):
        gateway = self.fed()
        self.methane(150)  # 1.50 % CH4
        self.wait_relay(0, CUT_WITHIN)
        self.methane(100)  # not below 1.00 %
        time.sleep(1)
        self.assertEqual(self.relay(), 0)
        self.methane(90)
        self.wait_relay(1, SETTLE_MS / 1000 + 15)
        self.assertTrue(self.bench.log_has("row b tripped: tcp-1-1-CH4 1.5 %CH4"), self.bench.logs())
        self.assertTrue(self.bench.log_has("row b released: tcp-1-1-CH4 0.9 %CH4"), self.bench.logs())
        stop(gateway)

    def test_cuts_at_the_start_and_at_the_end(self):
        gateway = self.fed()
        code, took = stop(gateway)
        self.assertEqual(code, 0, self.bench.logs())
        self.assertLess(took, 2.0)
        self.assertEqual(self.relay(), 0)
        self.device.stdin.write(f"set {RELAY_UNIT} {RELAY} 1\n")  # somebody closes it by hand
        self.device.stdin.flush()
        gateway = self.bench.gateway(self.config)
        self.wait_relay(0, 5)
        stop(gateway)

    def test_killed_it_starts_cut(self):
        gateway = self.fed()
        gateway.send_signal(signal.SIGKILL)
        gateway.wait(10)
        self.assertEqual(
            self.relay(), 1, "a relay on a bus keeps its state: that is what feed sensors are for"
        )
        again = self.bench.gateway(self.config)
        self.wait_relay(0, 5)
        stop(again)

    def test_a_sensor_that_says_nothing_cuts(self):
        gateway = self.fed()
        self.device.stdin.write("mute 1\n")
        self.device.stdin.flush()
        self.wait_relay(0, CUT_WITHIN)
        self.assertTrue(self.bench.log_has("row b tripped: tcp-1-1-CH4 lost"), self.bench.logs())
        stop(gateway)


if __name__ == "__main__":
    if subprocess.run(["which", "mbpoll"], capture_output=True).returncode != 0:
        print("skipped, missing: mbpoll")
        sys.exit(SKIPPED)
    GatewayTest.program, sys.argv[1:] = sys.argv[1:], []
    unittest.main(verbosity=2)
