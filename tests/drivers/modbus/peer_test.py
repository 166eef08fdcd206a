#!/usr/bin/env python3
"""Reads python3-pymodbus servers, RTU over a socat pty pair and TCP on loopback, with Davy's own buses.

Usage: peer_test.py <modbus_peer_probe>. Exits 77 (skipped) where pymodbus or socat is missing.
Registers and bits of the servers follow the rule that modbus_peer_probe.cpp checks.
"""
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time

SKIPPED = 77
START_WITHIN_S = 20


def registers(table):
    return [(table * 1000 + address * 7) & 0xFFFF for address in range(200)]


def bits(table):
    return [(address // table) % 3 == 0 for address in range(200)]


def serve(kind, where):
    from pymodbus.datastore import ModbusSequentialDataBlock, ModbusServerContext, ModbusSlaveContext
    from pymodbus.server import StartSerialServer, StartTcpServer
    from pymodbus.transaction import ModbusRtuFramer

    slave = ModbusSlaveContext(
        co=ModbusSequentialDataBlock(0, bits(1)),
        di=ModbusSequentialDataBlock(0, bits(2)),
        hr=ModbusSequentialDataBlock(0, registers(3)),
        ir=ModbusSequentialDataBlock(0, registers(4)),
        zero_mode=True)
    context = ModbusServerContext(slaves={17: slave}, single=False)
    if kind == "rtu":
        StartSerialServer(context=context, framer=ModbusRtuFramer, port=where, baudrate=19200)
    else:
        StartTcpServer(context=context, address=("127.0.0.1", int(where)))


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(what, ready):
    until = time.monotonic() + START_WITHIN_S
    while not ready():
        if time.monotonic() > until:
            sys.exit(f"{what} did not start within {START_WITHIN_S} s")
        time.sleep(0.05)


def listens(port):
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


def main():
    if len(sys.argv) == 4 and sys.argv[1] == "--serve":
        return serve(sys.argv[2], sys.argv[3])
    try:
        import pymodbus.server  # noqa: F401
    except ImportError as e:
        print(f"skipped: {e}; install python3-pymodbus, python3-serial and python3-serial-asyncio")
        return SKIPPED
    if shutil.which("socat") is None:
        print("skipped: socat is not installed")
        return SKIPPED

    started = []
    with tempfile.TemporaryDirectory(prefix="davy-peer-") as folder:
        ours, theirs, port = f"{folder}/ours", f"{folder}/theirs", free_port()
        try:
            started.append(subprocess.Popen(
                ["socat", f"pty,rawer,link={ours}", f"pty,rawer,link={theirs}"]))
            wait_for("socat", lambda: os.path.exists(ours) and os.path.exists(theirs))
            for kind, where in (("rtu", theirs), ("tcp", str(port))):
                started.append(subprocess.Popen([sys.executable, __file__, "--serve", kind, where]))
            wait_for("the TCP server", lambda: listens(port))
            peers = {"DAVY_PEER_RTU": ours, "DAVY_PEER_TCP": str(port)}
            return subprocess.run([sys.argv[1]], timeout=120, env={**os.environ, **peers}).returncode
        finally:
            for process in reversed(started):
                process.terminate()
            for process in started:
                process.wait(10)


if __name__ == "__main__":
    sys.exit(main())
