#!/usr/bin/env python3
"""A Modbus device nobody has a profile for, served by pymodbus, at units 3 and 7.

Usage: acme_device.py tcp PORT | rtu DEVICE
Input registers, function 4:  100  O2 in tenths of a percent (209)
                              101  temperature in tenths of a degree, signed (-55)
                              102  CO as float32, low word first (12.5)
Holding registers, function 3: 0  the unit id; unit 7 has these only.
Commands on standard input: `set UNIT TABLE ADDRESS VALUE` (TABLE 3 or 4), `mute UNIT`.
"""
import struct
import sys
import threading

from pymodbus.datastore import ModbusServerContext, ModbusSlaveContext, ModbusSparseDataBlock
from pymodbus.server import StartSerialServer, StartTcpServer
from pymodbus.transaction import ModbusRtuFramer


def low_word_first(number):
    high, low = struct.unpack(">HH", struct.pack(">f", number))
    return [low, high]


def unit(number, measures):
    nothing = ModbusSparseDataBlock({9999: 0})
    inputs = {100: [209, (-55) & 0xFFFF, *low_word_first(12.5)]} if measures else {9999: 0}
    return ModbusSlaveContext(
        di=nothing,
        co=nothing,
        hr=ModbusSparseDataBlock({0: number}),
        ir=ModbusSparseDataBlock(inputs),
        zero_mode=True,
    )


def main():
    kind, where = sys.argv[1:3]
    units = {3: unit(3, True), 7: unit(7, False)}
    context = ModbusServerContext(slaves=units, single=False)

    def obey():
        for line in sys.stdin:
            word, number, *rest = line.split()
            if word == "mute":
                del context[int(number)]
            else:
                table, address, value = map(int, rest)
                units[int(number)].setValues(table, address, [value])

    threading.Thread(target=obey, daemon=True).start()
    if kind == "rtu":
        StartSerialServer(
            context=context, framer=ModbusRtuFramer, port=where, baudrate=9600, ignore_missing_slaves=True
        )
    else:
        StartTcpServer(
            context=context,
            address=("127.0.0.1", int(where)),
            ignore_missing_slaves=True,
            allow_reuse_address=True,
        )


if __name__ == "__main__":
    main()
