#!/usr/bin/env python3
"""A tag reader that sends lines. Prints its port; ends when the second connection does, or after a minute.

First connection: sightings 1 to 500 in odd pieces, half of 501, then it hangs up.
Second: 491 to 500 once more, then 501 to 1000 without 750 to 759, and silence.
"""

import random
import signal
import socket


def line(number):
    return f"$TAG,{number},{70000 + number:X},-1.5,-60,0.0,0,0\r\n"


def send(peer, text):
    while text:
        size = random.randint(1, 400)
        peer.sendall(text[:size].encode())
        text = text[size:]


def main():
    random.seed(1)
    signal.alarm(60)  # whatever happens
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    peer, _ = listener.accept()
    send(peer, "# reader 3\n" + "".join(map(line, range(1, 501))) + line(501)[:9])
    peer.close()
    peer, _ = listener.accept()
    send(peer, "".join(line(n) for n in range(491, 1001) if not 750 <= n < 760))
    peer.recv(1)


if __name__ == "__main__":
    main()
