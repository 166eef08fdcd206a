#!/usr/bin/env python3
"""mbpoll and pymodbus, written by others, read davy-sim: RTU at the wire's speed, and TCP."""

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent / "support"))
import mine  # noqa: E402

PROFILE = """
name: "head" maker: "x" model: "y" source: "test"
modbus {
  signal { name: "ch4" table: HOLDING_REGISTER address: 0 encoding: U16 scale: 0.01 unit: "%CH4" }
  signal { name: "temp" table: INPUT_REGISTER address: 4 encoding: FLOAT32 }
  signal { name: "run" table: DISCRETE_INPUT address: 2 encoding: BIT }
}
"""
DEVICE = """device { name: "NAME" unit: 7 profile: "head" turnaround_ms: 10
  signal { signal: "ch4" constant: 1.23 }
  signal { signal: "temp" constant: 23.5 } signal { signal: "run" constant: 1 } }"""


def mbpoll(*args):
    done = subprocess.run(
        ["mbpoll", "-1", "-q", "-a", "7", *map(str, args)], capture_output=True, text=True, timeout=20
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return [line.split("\t")[1].strip() for line in done.stdout.splitlines() if line.startswith("[")]


def check_mbpoll(line, port):
    for place in (["-m", "rtu", "-b", "9600", "-P", "none"], ["-m", "tcp", "-p", port]):
        target = line if "rtu" in place else "127.0.0.1"
        assert mbpoll(*place, "-t", "4", "-r", "1", "-c", "1", target) == ["123"]
        assert mbpoll(*place, "-t", "3:float", "-B", "-r", "5", "-c", "1", target) == ["23.5"]
        assert mbpoll(*place, "-t", "1", "-r", "3", "-c", "1", target) == ["1"]


def check_pymodbus(line, port):
    from pymodbus.client import ModbusSerialClient, ModbusTcpClient

    for client in (
        ModbusSerialClient(str(line), baudrate=9600, parity="N"),
        ModbusTcpClient("127.0.0.1", port=port),
    ):
        assert client.connect()
        start = time.monotonic()
        reply = client.read_holding_registers(0, 1, slave=7)
        took = time.monotonic() - start
        assert reply.registers == [123], reply
        # 8 characters out, 7 back, t3.5 and turnaround: never faster than the wire.
        if isinstance(client, ModbusSerialClient):
            assert took >= (8 + 7 + 3.5) * 10 / 9600 + 0.010, took
        assert client.read_input_registers(4, 2, slave=7).registers == [0x41BC, 0]
        assert client.read_holding_registers(50, 1, slave=7).isError()
        client.close()


def main():
    sim = Path(sys.argv[1])
    with tempfile.TemporaryDirectory(prefix="davy-sim-") as folder:
        folder = Path(folder)
        port = mine.free_port()
        (folder / "head.textproto").write_text(PROFILE)
        (folder / "rig.textproto").write_text(
            f'line {{ name: "rtu" link: "rtu" {DEVICE.replace("NAME", "a")} }}\n'
            f'server {{ name: "tcp" port: {port} {DEVICE.replace("NAME", "b")} }}\n'
        )
        rig = mine.Program(
            "rig", [sim, "--config", folder / "rig.textproto", "--profiles", folder], folder / "log"
        )
        rig.start()
        try:
            mine.wait_for("davy-sim", lambda: "ready" in rig.tail(), 10)
            ran = []
            if shutil.which("mbpoll"):
                check_mbpoll(folder / "rtu", port)
                ran.append("mbpoll")
            try:
                import pymodbus  # noqa: F401

                check_pymodbus(folder / "rtu", port)
                ran.append("pymodbus")
            except ImportError:
                pass
        finally:
            status = rig.stop()
        assert status == 0, f"davy-sim ended with {status}: {rig.tail()}"
        assert not (folder / "rtu").is_symlink(), "the link is left behind"
    if not ran:
        print("skipped: neither mbpoll nor python3-pymodbus is installed (./dev setup tests)")
        return 77
    print("read by", " and ".join(ran))
    return 0


if __name__ == "__main__":
    sys.exit(main())
