#!/usr/bin/env python3
"""The local power locks of davy-gateway as a running program; but for the keys with no broker at all.

The relay is a register of an independent Modbus device (pymodbus) beside the methane head: 1 feeds the
heading, 0 cuts it.

Usage: lock_program_test.py [EMULATOR...] /path/to/davy-gateway
"""
import signal
import subprocess
import sys
import time
import unittest

from bench import GatewayTest, decode, field, free_port, protoc, stop, tcp_bus

SKIPPED = 77
RELAY_UNIT, RELAY, FAN_LOCK = 2, 50, 51
KEY_USED, KEY_REFUSED = 20, 21  # events, as in proto/model/event.hpp
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

    def relay(self, address=RELAY):
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
                str(address),
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
            if line.startswith(f"[{address}]:"):
                return int(line.split()[1])
        return None

    def wait_relay(self, state, within, address=RELAY):
        began = time.monotonic()
        while self.relay(address) != state:
            self.assertLess(
                time.monotonic() - began,
                within,
                f"the relay stays {self.relay(address)}\n{self.bench.logs()}",
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


class Keys(Locks):
    """A fan lock, and a host that asks for it to be opened: over a real Mosquitto."""

    def setUp(self):
        super().setUp()
        self.bench.broker()
        self.bench.listen()
        fan = f"""
  output {{
    name: "FAN-LOCK" area: "heading" kind: FAN_LOCK
    modbus {{ bus: "tcp-1" unit: {RELAY_UNIT} holding_register: {FAN_LOCK} }}
  }}
  lock {{ name: "START" row: FAN_START area: "heading" methane {{ point: "tcp-1-1-CH4" }}
         fan {{ point: "tcp-1-1-CO" trip_at: 0 release_at: 0.5 }} }}
}}
"""
        text = locks("tcp-1", self.bench.path("locks")).rstrip().removesuffix("}") + fan
        self.config = self.bench.write_config(tcp_bus(self.port, units=2) + text)

    def ask(self, number, lock, reason, valid_ms=15_000):
        now = int(time.time() * 1000)
        command = (
            f'id: "key-{number}" issued_at_ms: {now} expires_at_ms: {now + valid_ms}'
            f' operator_name: "otto" reason: "{reason}" fan_key {{ lock: "{lock}" }}'
        )
        self.bench.publish("command", protoc("encode", "Command", command.encode()))
        replies = lambda: [decode("Reply", r) for r in self.bench.heard("reply")]
        mine = lambda: [r for r in replies() if field(r, "id") == f"key-{number}".encode()]
        return self.bench.wait_for(f"the answer to key-{number}", mine)[0]

    def test_a_key_opens_a_locked_fan_and_nothing_else(self):
        gateway = self.fed()
        self.device.stdin.write("set 1 1 0\n")  # the fan stops
        self.methane(350)
        self.wait_relay(1, 5, FAN_LOCK)
        self.wait_relay(0, CUT_WITHIN)
        refused = self.ask(1, "FACE", "to see")
        self.assertIn("outcome: REFUSED", refused)
        self.assertIn("cuts power", refused)
        self.assertIn("it has START", self.ask(2, "STRAT", "misspelt"))
        self.assertIn("outcome: REFUSED", self.ask(3, "START", " "))
        self.assertIn("outcome: EXPIRED", self.ask(4, "START", "too late", valid_ms=-1000))
        self.assertEqual(self.relay(FAN_LOCK), 1)
        self.assertNotIn("outcome", self.ask(5, "START", "gas is blown out by plan"))  # DONE is 0
        self.wait_relay(0, 5, FAN_LOCK)
        self.assertEqual(self.relay(), 0, "the power stays cut")
        for kind in (KEY_USED, KEY_REFUSED):
            self.assertTrue(self.bench.log_has(f"lock_event kind={kind} "), self.bench.logs())
        self.assertTrue(self.bench.log_has('answer="START is open by key"'), self.bench.logs())
        stop(gateway)


# Only what is their own: the others have been tested without a broker.
for name in [n for n in dir(Locks) if n.startswith("test_")]:
    setattr(Keys, name, None)

if __name__ == "__main__":
    if subprocess.run(["which", "mbpoll"], capture_output=True).returncode != 0:
        print("skipped, missing: mbpoll")
        sys.exit(SKIPPED)
    GatewayTest.program, sys.argv[1:] = sys.argv[1:], []
    unittest.main(verbosity=2)
