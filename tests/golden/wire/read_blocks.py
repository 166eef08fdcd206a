#!/usr/bin/env python3
"""Reads blocks as docs/protocol.md describes them, with nothing of ours: to prove that the page is enough.

read_blocks.py FILE.hex             prints what the block holds
read_blocks.py --check TREE [PROTOC] checks the golden blocks, the page's worked example and the .proto
"""
import ctypes
import ctypes.util
import hashlib
import re
import struct
import subprocess
import sys
import uuid
from pathlib import Path

MASK = 2**64 - 1


class Bad(Exception):
    pass


def signed(n):
    """A number modulo 2^64 as a signed one."""
    n &= MASK
    return n - 2**64 if n >= 2**63 else n


class Bytes:
    """Bytes that are read from the front."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def left(self):
        return len(self.data) - self.at

    def take(self, size):
        if size > self.left():
            raise Bad("cut short")
        self.at += size
        return self.data[self.at - size : self.at]

    def varint(self):
        value = 0
        for i in range(10):
            byte = self.take(1)[0]
            value |= (byte & 0x7F) << (7 * i)
            if byte < 0x80:
                return value & MASK
        raise Bad("varint too long")

    def zigzag(self):
        u = self.varint()
        return (u >> 1) ^ -(u & 1)

    def list(self, n):
        if n == 0:
            return []
        base, width = self.zigzag(), self.take(1)[0]
        if width > 64:
            raise Bad("width")
        bits = int.from_bytes(self.take((n * width + 7) // 8), "little")
        return [base + (bits >> (i * width) & (1 << width) - 1) for i in range(n)]


def fields(data):
    """The fields of a protobuf message: {number: [values]}."""
    out, rest = {}, Bytes(data)
    while rest.left():
        key = rest.varint()
        kind = key & 7
        if kind == 0:
            value = rest.varint()
        elif kind == 1:
            value = int.from_bytes(rest.take(8), "little")
        elif kind == 2:
            value = rest.take(rest.varint())
        elif kind == 5:
            value = int.from_bytes(rest.take(4), "little")
        else:
            raise Bad("wire type")
        out.setdefault(key >> 3, []).append(value)
    return out


def unzigzag(u):
    return (u >> 1) ^ -(u & 1)


def running(first, differences):
    out = [first]
    for d in differences:
        out.append(out[-1] + d)
    return out


def double_bits(form, n):
    """The bit pattern of the double that number n is."""

    def quotient(whole, power):
        return struct.unpack("<Q", struct.pack("<d", float(whole) / 10.0**power))[0]

    if form <= 15:
        return quotient(signed(n), form)
    if form <= 31:
        return (quotient(signed(n) >> 3, form - 16) + (n & 7) - 4) & MASK
    if form == 32:
        single = struct.unpack("<f", struct.pack("<I", n & 0xFFFFFFFF))[0]
        return struct.unpack("<Q", struct.pack("<d", single))[0]
    if form == 33:
        return n & MASK
    raise Bad("form")


NAN = 0x7FF8000000000000


def read_points(rest, sample_count):
    points, index, seen = [], 0, 0
    while seen < sample_count:
        gap, run, samples = rest.varint(), rest.varint(), rest.varint()
        index += gap
        for _ in range(run):
            points.append((index, samples))
            index += 1
            seen += samples
    if seen != sample_count:
        raise Bad("points")
    return points


def read_times(rest, points, opened):
    firsts = running(opened + rest.zigzag(), rest.list(len(points) - 1))
    shared = [0] + rest.list(len(points) - 1)
    times, steps = [], []
    for (_, samples), first, share in zip(points, firsts, shared):
        if not share:
            steps = rest.list(samples - 1)
        times += [signed(t) for t in running(first, steps)]
    return times


def read_columns(data, sample_count, opened):
    """Samples as (point, time, bit pattern of the value, quality)."""
    if sample_count == 0:
        return []
    rest = Bytes(data)
    points = read_points(rest, sample_count)
    times = read_times(rest, points, opened)
    qualities = []
    while len(qualities) < sample_count:
        run = rest.varint()
        qualities += [rest.varint()] * run
    valued = [q & 0xF <= 2 for q in qualities]

    counts, at = [], 0
    for _, samples in points:
        counts.append(sum(valued[at : at + samples]))
        at += samples
    forms = iter(rest.list(sum(1 for c in counts if c)))
    values = []
    for count in counts:
        if count:
            form = next(forms)
            values += [double_bits(form, n) for n in running(rest.zigzag(), rest.list(count - 1))]
    if rest.left():
        raise Bad("bytes left")
    value = iter(values)
    indices = [index for index, samples in points for _ in range(samples)]
    return [(i, t, next(value) if v else NAN, q) for i, t, v, q in zip(indices, times, valued, qualities)]


def decompress(data, size):
    """By the system's zstd, which Python 3.11 has no module for."""
    name = ctypes.util.find_library("zstd")
    if name is None:
        return None
    zstd = ctypes.CDLL(name)
    zstd.ZSTD_decompress.restype = ctypes.c_size_t
    out = ctypes.create_string_buffer(size)
    done = zstd.ZSTD_decompress(out, ctypes.c_size_t(size), data, ctypes.c_size_t(len(data)))
    if done != size:
        raise Bad("zstd")
    return out.raw


def read_block(envelope):
    """The lines of the .txt files. None: there is no zstd here."""
    outer = fields(envelope)
    body_bytes = outer[1][0]
    if hashlib.blake2b(body_bytes, digest_size=32).digest() != outer[2][0]:
        raise Bad("hash")
    body = fields(body_bytes)

    def number(field):
        return body.get(field, [0])[0]

    if number(1) != 1:
        raise Bad("schema")
    opened = unzigzag(number(6))
    columns, compression = body.get(14, [b""])[0], number(13)
    if compression == 1:
        columns = decompress(columns, number(15))
        if columns is None:
            return None
    if len(columns) != number(15):
        raise Bad("columns_size")
    lines = [
        f"gateway {body[2][0].decode()}",
        f"stream {uuid.UUID(bytes=body[3][0])}",
        f"seq {number(4)}",
        f"boot {number(5)}",
        f"opened_at_ms {opened}",
        f"opened_steady_ms {unzigzag(number(7))}",
        f"clock {number(8)}",
        f"birth {body[9][0].hex()}",
        f"previous {body.get(10, [bytes(32)])[0].hex()}",
        f"urgent {number(11)}",
        f"compression {compression}",
    ]
    for point, time, bits, quality in read_columns(columns, number(12), opened):
        lines.append(f"sample {point} {time} {bits:016x} {quality}")
    for entry in map(fields, body.get(16, [])):
        tag, sos, low = (entry.get(f, [0])[0] for f in (1, 6, 7))
        after, distance, rssi = (unzigzag(entry.get(f, [0])[0]) for f in (3, 4, 5))
        lines.append(f"sighting {tag} {entry[2][0].decode()} {opened + after} {distance} {rssi} {sos} {low}")
    for entry in map(fields, body.get(17, [])):
        kind, first, last = (entry.get(f, [0])[0] for f in (1, 3, 4))
        after, text = unzigzag(entry.get(2, [0])[0]), entry.get(5, [b""])[0].decode()
        lines.append(f"event {kind} {opened + after} {first} {last} {text}")
    return lines


def from_hex(text):
    return bytes.fromhex("".join(text.split()))


def example_of(page):
    """The bytes of the worked example: on each line the pairs of digits before the words."""
    quoted = re.search(r"```hex\n(.*?)```", page, re.S).group(1)
    pairs = re.compile(r"\s*((?:[0-9a-f]{2} ?)+)(?= |$)")
    return b"".join(from_hex(pairs.match(line).group(1)) for line in quoted.splitlines())


def decoded_by_protoc(protoc, tree, message, data):
    schema = tree / "proto/wire/messages.proto"
    command = [protoc, f"--decode=davy.wire.{message}", "-I", str(tree), str(schema)]
    return subprocess.run(command, input=data, capture_output=True, check=True).stdout.decode()


def check_schema(protoc, tree, envelope, lines):
    """The .proto gives the fields of the body the same names and numbers."""
    body = fields(envelope)[1][0]
    text = decoded_by_protoc(protoc, tree, "BlockBody", body)
    seen = dict(re.findall(r"^(\w+): \"?([^\"\n]*)\"?$", text, re.M))
    for line in lines[:6]:
        name, value = line.split(" ", 1)
        if name != "stream" and seen[name] != value:
            raise Bad(f"protoc reads {name} as {seen[name]}")
    if int(seen.get("sample_count", 0)) != sum(line.startswith("sample ") for line in lines):
        raise Bad("protoc reads another sample_count")


def check(tree, protoc):
    folder = tree / "tests/golden/wire/blocks"
    files = sorted(folder.glob("*.hex"))
    if not files:
        sys.exit("there are no golden blocks")
    for file in files:
        envelope = from_hex(file.read_text())
        lines = read_block(envelope)
        if lines is None:
            print(f"{file.name}: skipped, there is no zstd library here")
            continue
        expected = file.with_suffix(".txt").read_text(encoding="utf-8").splitlines()
        for ours, theirs in zip(lines, expected):
            if ours != theirs:
                sys.exit(f"{file.name}: read '{ours}', expected '{theirs}'")
        if len(lines) != len(expected):
            sys.exit(f"{file.name}: read {len(lines)} lines, expected {len(expected)}")
        if protoc:
            check_schema(protoc, tree, envelope, lines)
        print(f"{file.name}: {len(lines)} lines as expected")
    example = example_of((tree / "docs/protocol.md").read_text(encoding="utf-8"))
    if example != from_hex((folder / "worked-example.hex").read_text()):
        sys.exit("docs/protocol.md: the worked example is not the block worked-example.hex")
    print("docs/protocol.md: the worked example is what is sent")


def main():
    if len(sys.argv) >= 3 and sys.argv[1] == "--check":
        check(Path(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else None)
    elif len(sys.argv) == 2:
        lines = read_block(from_hex(Path(sys.argv[1]).read_text()))
        print("\n".join(lines or ["there is no zstd library here"]))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
