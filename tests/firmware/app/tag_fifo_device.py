#!/usr/bin/env python3
"""A reader of tags with the FIFO of generic-tag-fifo as a Modbus TCP server, unit 9.

Usage: tag_fifo_device.py PORT
Commands on standard input, one a line: `see FIRST LAST` sees these tags in a row; what has no room is
counted.
"""
import socketserver
import struct
import sys
import threading

ROOM, FIRST_SLOT, SLOT = 32, 16, 6
READ_HOLDING, WRITE_ONE = 3, 6


class Reader:
    def __init__(self):
        self.lock = threading.Lock()
        self.waiting = []
        self.number = 0
        self.overruns = 0

    def see(self, tag):
        with self.lock:
            self.number = (self.number + 1) & 0xFFFF
            if len(self.waiting) == ROOM:
                self.overruns += 1
            else:
                self.waiting.append([self.number, tag >> 16, tag & 0xFFFF, 0, 0, 0])

    def registers(self, first, count):
        with self.lock:
            words = [len(self.waiting), self.overruns] + [0] * (FIRST_SLOT - 2)
            for i in range(ROOM):
                words += self.waiting[i] if i < len(self.waiting) else [0] * SLOT
        return words[first : first + count]

    def release(self, number):
        with self.lock:
            while self.waiting and (number - self.waiting[0][0]) & 0xFFFF < 0x8000:
                self.waiting.pop(0)


READER = Reader()


class Connection(socketserver.StreamRequestHandler):
    def handle(self):
        while len(header := self.rfile.read(7)) == 7:
            transaction, _, length, unit = struct.unpack(">HHHB", header)
            function, address, value = struct.unpack(">BHH", self.rfile.read(length - 1))
            if function == READ_HOLDING:
                words = READER.registers(address, value)
                body = struct.pack(f">BB{len(words)}H", function, 2 * len(words), *words)
            elif function == WRITE_ONE and address == 2:
                READER.release(value)
                body = struct.pack(">BHH", function, address, value)
            else:
                body = struct.pack(">BB", function | 0x80, 2)
            self.wfile.write(struct.pack(">HHHB", transaction, 0, 1 + len(body), unit) + body)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


def obey():
    for line in sys.stdin:
        _, first, last = line.split()
        for tag in range(int(first), int(last) + 1):
            READER.see(tag)


if __name__ == "__main__":
    threading.Thread(target=obey, daemon=True).start()
    with Server(("127.0.0.1", int(sys.argv[1])), Connection) as server:
        server.serve_forever()
