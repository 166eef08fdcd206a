#!/usr/bin/env python3
"""A pymodbus server for tests: units 1 to N with a few holding registers.

Usage: modbus_device.py tcp PORT UNITS | rtu DEVICE UNITS
Commands on standard input, one a line: `set UNIT ADDRESS VALUE`; `mute UNIT` takes the unit off the bus.
"""
import sys
import threading

from pymodbus.datastore import ModbusSequentialDataBlock, ModbusServerContext, ModbusSlaveContext
from pymodbus.server import StartSerialServer, StartTcpServer
from pymodbus.transaction import ModbusRtuFramer

FUNCTION_HOLDING = 3


def main():
    kind, where, units = sys.argv[1], sys.argv[2], int(sys.argv[3])
    registers = [40, 5, 15, 210] + [0] * 96
    slaves = {unit: ModbusSlaveContext(hr=ModbusSequentialDataBlock(0, list(registers)), zero_mode=True)
              for unit in range(1, units + 1)}

    def obey():
        for line in sys.stdin:
            word, unit, *rest = line.split()
            if word == "mute":
                del context[int(unit)]
                continue
            address, value = rest
            slaves[int(unit)].setValues(FUNCTION_HOLDING, int(address), [int(value)])

    threading.Thread(target=obey, daemon=True).start()
    context = ModbusServerContext(slaves=slaves, single=False)
    if kind == "rtu":
        StartSerialServer(context=context, framer=ModbusRtuFramer, port=where, baudrate=19200,
                          ignore_missing_slaves=True)
    else:
        StartTcpServer(context=context, address=("127.0.0.1", int(where)), ignore_missing_slaves=True,
                       allow_reuse_address=True)


if __name__ == "__main__":
    main()
