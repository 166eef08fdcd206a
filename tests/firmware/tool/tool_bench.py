"""What the tests of davy need around it: devices of others, a bus with a listener's place, and their end."""
import os
import pty
import shutil
import signal
import subprocess
import sys
import tempfile
import termios
import threading
import time
import tty
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "support"))
from mine import free_port, wait_for  # noqa: E402

PROFILES = ROOT / "drivers" / "profiles"
SKIPPED = 77
ACME_PROFILE = """
name: "acme" maker: "A" model: "B" source: "test"
modbus {
  signal { name: "o2" table: INPUT_REGISTER address: 100 encoding: U16 scale: 0.1 unit: "%" }
}
"""


def missing(*tools):
    """What the tests cannot do without, and this machine does not have."""
    out = [tool for tool in tools if shutil.which(tool) is None]
    try:
        import pymodbus.server  # noqa: F401
    except ImportError as error:
        out.append(str(error))
    return out


def listens(port):
    import socket

    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Tee(threading.Thread):
    """A bus of pseudo-terminals: what one of `talkers` says goes to all others and to the listener, who may
    only listen. A pty pair has one reader at each end, a wire has many."""

    BAUDS = {9600: termios.B9600, 19200: termios.B19200}

    def __init__(self, folder, baud=9600):
        super().__init__(daemon=True)
        self.baud = self.BAUDS[baud]
        self.ends = {name: self.open(folder, name) for name in ("master", "device", "listener")}
        self.spoken = b""  # by the listener, which must stay empty
        self.garble = False
        self.wanted = True
        self.start()

    def open(self, folder, name):
        ours, theirs = pty.openpty()
        tty.setraw(theirs)
        link = folder / name
        link.symlink_to(os.ttyname(theirs))
        return ours, theirs

    def heard_by_listener(self, data):
        """At another baud rate a listener hears something, and nothing that makes sense."""
        speed = termios.tcgetattr(self.ends["listener"][1])[4]
        damaged = self.garble or speed != self.baud
        return bytes(byte ^ 0x55 for byte in data) if damaged else data

    def run(self):
        import select

        names = {ours: name for name, (ours, _) in self.ends.items()}
        while self.wanted:
            for ready in select.select(list(names), [], [], 0.1)[0]:
                data = os.read(ready, 300)
                name = names[ready]
                if name == "listener":
                    self.spoken += data
                    continue
                other = "device" if name == "master" else "master"
                os.write(self.ends[other][0], data)
                os.write(self.ends["listener"][0], self.heard_by_listener(data))

    def say(self, data):
        """To the listener alone, as a stranger on the wire."""
        os.write(self.ends["listener"][0], data)

    def stop(self):
        self.wanted = False
        self.join(5)
        for ours, theirs in self.ends.values():
            os.close(ours)
            os.close(theirs)


class ToolTest(unittest.TestCase):
    program = None  # command line of davy, set by main()

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="davy-tool-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.processes = []
        self.addCleanup(self.end_all)

    def end_all(self):
        for process in reversed(self.processes):
            if process.poll() is None:
                process.kill()
            process.wait(10)
            for pipe in (process.stdin, process.stdout, process.stderr):
                if pipe is not None:
                    pipe.close()

    def start(self, command, **more):
        process = subprocess.Popen([str(word) for word in command], **more)
        self.processes.append(process)
        return process

    def davy(self, *arguments, answers=None, timeout=60, code=0):
        """Runs davy to its end; its output, after checking its exit code."""
        command = [*self.program, *map(str, arguments)]
        done = subprocess.run(
            command, input=answers, capture_output=True, text=True, timeout=timeout, cwd=self.folder
        )
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout if code == 0 else done.stdout + done.stderr

    def start_davy(self, *arguments):
        return self.start(
            [*self.program, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=self.folder,
        )

    def device(self, kind, where):
        log = open(self.folder / "device.log", "a")
        self.addCleanup(log.close)
        command = [sys.executable, HERE / "acme_device.py", kind, where]
        return self.start(command, stdin=subprocess.PIPE, stdout=log, stderr=log, text=True)

    def write_profile(self):
        (self.folder / "acme.textproto").write_text(ACME_PROFILE)

    def tcp_device(self):
        port = free_port()
        device = self.device("tcp", port)
        wait_for("the device", lambda: listens(port), 20)
        return f"127.0.0.1:{port}", device

    def rtu_device(self):
        ours, theirs = self.folder / "ours", self.folder / "theirs"
        self.start(["socat", f"pty,rawer,link={ours}", f"pty,rawer,link={theirs}"])
        wait_for("socat", lambda: ours.exists() and theirs.exists(), 20)
        self.device("rtu", theirs)
        self.wait_for_unit(ours)
        return ours

    def tee(self, **more):
        tee = Tee(self.folder, **more)
        self.addCleanup(tee.stop)
        self.device("rtu", self.folder / "device")
        self.wait_for_unit(self.folder / "master")
        return tee

    def wait_for_unit(self, port):
        wait_for("the device", lambda: self.poll_once(port).returncode == 0, 20)

    def poll_once(self, port, *more):
        """mbpoll, written by others, reads from unit 3."""
        words = ["mbpoll", "-m", "rtu", "-b", "9600", "-P", "none", "-a", "3", "-1", "-q", "-o", "0.5"]
        more = more or ("-t", "3", "-r", "101", "-c", "2")
        return subprocess.run([*words, *more, str(port)], capture_output=True, text=True, timeout=20)

    def poll_for_ever(self, port, *more):
        words = [
            "mbpoll",
            "-m",
            "rtu",
            "-b",
            "9600",
            "-P",
            "none",
            "-a",
            "3",
            "-q",
            "-l",
            "100",
            "-o",
            "0.5",
        ]
        more = more or ("-t", "3", "-r", "101", "-c", "2")
        return self.start([*words, *more, str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def interrupt(self, process, after=0.5, within=20):
        """Ctrl-C; its exit code and what it printed."""
        time.sleep(after)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=within)
        return process.returncode, out + err


def main(*tools):
    """Runs the tests of the calling file: PROGRAM... [-- unittest arguments]."""
    lacking = missing(*tools)
    if lacking:
        print("skipped, missing:", ", ".join(lacking))
        return SKIPPED
    ToolTest.program = sys.argv[1:]
    done = unittest.main(module="__main__", argv=sys.argv[:1], exit=False, verbosity=1)
    return 0 if done.result.wasSuccessful() else 1
