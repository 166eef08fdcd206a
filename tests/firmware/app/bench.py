"""What the tests of davy-gateway need around it: a broker, devices, ears, and a way to stop all of it."""
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.normpath(os.path.join(HERE, "..", "..", ".."))
MINE, GATEWAY = "M1", "G-12"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def listens(port):
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


def protoc(action, message, data):
    """Turns a wire message into text or back, with protobuf's own tool."""
    command = ["protoc", f"--{action}=davy.wire.{message}", f"-I{ROOT}", "proto/wire/messages.proto"]
    return subprocess.run(command, cwd=ROOT, input=data, stdout=subprocess.PIPE, check=True).stdout


def decode(message, payload):
    return protoc("decode", message, payload).decode()


def unescape(text):
    return text.encode().decode("unicode_escape").encode("latin-1")


def field(text, name):
    """The value of the first `name: value` line."""
    found = re.search(rf"^\s*{name}: (.*)$", text, re.MULTILINE)
    if found is None:
        return None
    value = found.group(1)
    if value.startswith('"'):
        return unescape(value[1:-1])
    return int(value) if re.fullmatch(r"-?\d+", value) else value


def numbers(text, name):
    return [int(n) for n in re.findall(rf"^\s*{name}: (\d+)$", text, re.MULTILINE)]


class Bench:
    """A folder, a Mosquitto and everything started for one test."""

    def __init__(self, program):
        self.program = program
        self.folder = tempfile.mkdtemp(prefix="davy-gateway-")
        self.processes = []
        self.broker_port = None
        self.devices = {}
        self.heard_path = os.path.join(self.folder, "heard")

    def close(self):
        for process in reversed(self.processes):
            if process.poll() is None:
                process.kill()
            process.wait(10)
            for pipe in (process.stdin, process.stdout, process.stderr):
                if pipe is not None:
                    pipe.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.folder, name)

    def start(self, command, **more):
        process = subprocess.Popen(command, **more)
        self.processes.append(process)
        return process

    def wait_for(self, what, ready, within=20.0):
        until = time.monotonic() + within
        while True:
            got = ready()
            if got:
                return got
            if time.monotonic() > until:
                raise AssertionError(f"not within {within} s: {what}\n{self.logs()}")
            time.sleep(0.05)

    def logs(self):
        out = ""
        for name in sorted(os.listdir(self.folder)):
            if name.endswith(".log"):
                with open(self.path(name), errors="replace") as f:
                    out += f"--- {name}\n{f.read()[-4000:]}\n"
        return out

    # The other ends.

    def broker(self, port=None):
        self.broker_port = port or free_port()
        with open(self.path("mosquitto.conf"), "w") as f:
            f.write(f"listener {self.broker_port} 127.0.0.1\nallow_anonymous true\npersistence false\n")
        with open(self.path("mosquitto.log"), "a") as log:
            process = self.start(["mosquitto", "-c", self.path("mosquitto.conf")], stdout=log, stderr=log)
        self.wait_for("mosquitto listens", lambda: listens(self.broker_port))
        return process

    def listen(self):
        """Records everything that is published, one `topic hex` line a message."""
        with open(self.heard_path, "a") as out:
            process = self.start(["mosquitto_sub", "-h", "127.0.0.1", "-p", str(self.broker_port), "-q", "1",
                                  "-t", "davy/#", "-F", "%t %x"], stdout=out)
        return process

    def publish(self, kind, payload):
        subprocess.run(["mosquitto_pub", "-h", "127.0.0.1", "-p", str(self.broker_port), "-q", "1", "-s",
                        "-t", f"davy/{MINE}/{GATEWAY}/{kind}"], input=payload, check=True)

    def tcp_device(self, units=1, port=None):
        port = port or free_port()
        return self.device("tcp", str(port), units, lambda: listens(port)), port

    def rtu_device(self, units=1):
        ours, theirs = self.path("ours"), self.path("theirs")
        self.start(["socat", f"pty,rawer,link={ours}", f"pty,rawer,link={theirs}"])
        self.wait_for("socat", lambda: os.path.exists(ours) and os.path.exists(theirs))
        return self.device("rtu", theirs, units, lambda: True), ours

    def device(self, kind, where, units, ready):
        with open(self.path("device.log"), "a") as log:
            command = [sys.executable, os.path.join(HERE, "modbus_device.py"), kind, where, str(units)]
            process = self.start(command, stdin=subprocess.PIPE, stdout=log, stderr=log, text=True)
        self.wait_for("the Modbus device", ready)
        return process

    # The gateway.

    def write_config(self, bus, uplink=True, gateway=GATEWAY, name="gateway.textproto", more=""):
        text = f'mine: "{MINE}"\ngateway: "{gateway}"\n'
        text += f'spool {{ path: "{self.path("spool.db")}" }}\nblock {{ close_after_ms: 200 }}\n'
        if uplink:
            text += f'uplink {{ host: "127.0.0.1" port: {self.broker_port} }}\n'
        with open(self.path(name), "w") as f:
            f.write(text + bus + more)
        return self.path(name)

    def command(self, config, *more):
        return [*self.program, "--config", config, "--profiles", os.path.join(HERE, "profiles"), *more]

    def run(self, *arguments, config=None, timeout=30):
        """Runs davy-gateway to its end."""
        command = [*self.program, *arguments] if config is None else self.command(config, *arguments)
        return subprocess.run(command, capture_output=True, text=True, timeout=timeout)

    def gateway(self, config, env=None, log="gateway.log"):
        with open(self.path(log), "a") as out:
            return self.start(self.command(config), stderr=out, env={**os.environ, **(env or {})})

    def log_has(self, text, log="gateway.log"):
        with open(self.path(log)) as f:
            return text in f.read()

    # What was published.

    def heard(self, kind):
        """The payloads of one kind, in the order they came."""
        topic = f"davy/{MINE}/{GATEWAY}/{kind}"
        with open(self.heard_path) as f:
            lines = f.read().split("\n")[:-1]
        return [bytes.fromhex(line.split(" ", 1)[1]) for line in lines if line.startswith(topic + " ")]

    def states(self):
        return [decode("State", payload) for payload in self.heard("state")]

    def blocks(self):
        envelopes = [decode("BlockEnvelope", payload) for payload in self.heard("block")]
        return [decode("BlockBody", field(envelope, "body")) for envelope in envelopes]

    def event_kinds(self):
        return [kind for block in self.blocks() for kind in numbers(block, "kind")]


def stop(process, within=2.0):
    """SIGTERM; the exit code and how long it took."""
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    try:
        code = process.wait(within + 20)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    return code, time.monotonic() - began


def tcp_bus(port, units=1, period_ms=200):
    return bus("tcp-1", f'tcp {{ host: "127.0.0.1" port: {port} }}', units, period_ms)


def rtu_bus(device, units=1, period_ms=200):
    return bus("rs485-1", f'rtu {{ device: "{device}" baud: 19200 }}', units, period_ms)


def bus(name, endpoint, units, period_ms):
    text = f'bus {{\n  name: "{name}"\n  {endpoint}\n  period_ms: {period_ms}\n'
    for unit in range(1, units + 1):
        text += (f'  device {{\n    name: "{name}-gas-{unit}" unit: {unit} profile: "bench-gas"\n'
                 f'    point {{ name: "{name}-{unit}-CH4" signal: "ch4"'
                 f' limit {{ side: HIGH level: ALARM at: 1.0 clear_at: 0.8 }} }}\n'
                 f'    point {{ name: "{name}-{unit}-CO" signal: "co" }}\n  }}\n')
    return text + "}\n"


class GatewayTest(unittest.TestCase):
    program = None

    def setUp(self):
        self.bench = Bench(self.program)
        self.addCleanup(self.bench.close)
