#!/usr/bin/env python3
"""Writes gas_head.log and gas_head.txt: frames with chosen values, and those values.

Puts values into bits, one bit at a time, by the layout written down again below; it reads no DBC file and
shares nothing with Davy's decoder. Run it in its folder after changing gas_head.dbc, and see what differs.
"""

import random
import struct

rng = random.Random(6)

GAS = [("Methane", 0, 16, "le", True, 0.01, 0), ("CarbonMonoxide", 16, 14, "le", False, 1, 0),
       ("State", 30, 2, "le", False, 1, 0), ("Oxygen", 39, 12, "be", False, 0.1, 0),
       ("Temperature", 43, 12, "be", True, 0.1, 0), ("Counter", 56, 8, "le", False, 1, 0)]
# One beyond the last byte of each.
GAS_END = {"Methane": 2, "CarbonMonoxide": 4, "State": 4, "Oxygen": 6, "Temperature": 7, "Counter": 8}


def put(bits, start, length, order, raw):
    """bits[n] is bit n % 8 of byte n // 8."""
    raw &= (1 << length) - 1
    digits = f"{raw:0{length}b}"
    at = start
    for digit in digits if order == "be" else reversed(digits):
        bits[at] = int(digit)
        if order == "le":
            at += 1
        elif at % 8:
            at -= 1
        else:
            at += 15


def frame(fields, size):
    bits = [0] * 64
    for start, length, order, raw in fields:
        put(bits, start, length, order, raw)
    data = [sum(bits[8 * b + i] << i for i in range(8)) for b in range(8)]
    return bytes(data[:size])


def gas(size=8):
    fields, told = [], []
    for name, start, length, order, signed, factor, offset in GAS:
        low, high = (-(1 << length - 1), (1 << length - 1) - 1) if signed else (0, (1 << length) - 1)
        raw = rng.choice([low, high, 0, rng.randint(low, high), rng.randint(low, high)])
        fields.append((start, length, order, raw))
        if GAS_END[name] <= size:
            told.append(f"{name}={raw * factor + offset:.10g}")
    return "287", frame(fields, size), ["Gas"] + told


def service(page, sub=0):
    fields, told = [(7, 8, "be", page)], [f"Page={page}"]
    if page == 0:
        serial, firmware = rng.getrandbits(32), rng.getrandbits(16)
        fields += [(8, 32, "le", serial), (40, 16, "le", firmware)]
        told += [f"Serial={serial}", f"Firmware={firmware * 0.01:.10g}"]
    elif page == 1 or 16 <= page <= 31:
        volts = rng.uniform(9, 30)
        fields.append((8, 32, "le", struct.unpack("<I", struct.pack("<f", volts))[0]))
        told.append(f"Supply={struct.unpack('<f', struct.pack('<f', volts))[0]:.10g}")
    elif page == 2:
        value = rng.randint(-2000, 2000) if sub <= 3 else rng.randint(0, 2000)
        fields += [(8, 4, "le", sub), (16, 16, "le", value)]
        told.append(f"Sub={sub}")
        if 1 <= sub <= 3:
            told.append(f"Zero={value * 0.001:.10g}")
        elif sub == 4:
            told.append(f"Span={value * 0.001:.10g}")
    return "18FEEFFE", frame(fields, 8), ["Service"] + told


def wind():
    speed = rng.uniform(-15, 15)
    return "400", struct.pack(">d", speed), ["Wind", f"Speed={speed:.17g}"]


def short():
    raw = rng.randint(-(1 << 19), (1 << 19) - 1)
    return "401", frame([(3, 20, "be", raw)], 3), ["Short", f"Pressure={raw * 0.5 + 500:.10g}"]


rows = [gas() for _ in range(20)] + [gas(size) for size in (7, 5, 4, 1, 0)]
rows += [service(page) for page in (0, 0, 1, 3, 15, 16, 31, 32, 255)]
rows += [service(2, sub) for sub in (0, 1, 2, 3, 4, 5)]
rows += [wind() for _ in range(5)] + [short() for _ in range(5)]
with open("gas_head.log", "w") as log, open("gas_head.txt", "w") as txt:
    for number, (can_id, data, told) in enumerate(rows):
        log.write(f"({1790000000 + number * 0.2:.6f}) can0 {can_id}#{data.hex().upper()}\n")
        txt.write(" ".join(told) + "\n")
