#!/usr/bin/python3
"""A steady flow of datagrams there and back, to see for how long it stops.

    probe.py echo                     answers on UDP port 7001, IPv4 and IPv6
    probe.py send ADDRESS MILLISECONDS
                                      sends one each so often until SIGINT; then prints as JSON how many were sent and answered, and the longest time
                                      between two answers in milliseconds
"""

import json
import select
import signal
import socket
import struct
import sys
import time

PORT, LINGER_S = 7001, 1


def open_socket(family):
    sock = socket.socket(family, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    return sock


def echo():
    with open_socket(socket.AF_INET6) as sock:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        sock.bind(("::", PORT))
        print("listening", flush=True)
        while True:
            data, sender = sock.recvfrom(64)
            try:
                sock.sendto(data, sender)
            except OSError:
                pass  # the way back is not there at the moment


def send(address, milliseconds):
    ending = []
    signal.signal(signal.SIGINT, lambda *_: ending.append(time.monotonic() + LINGER_S))
    interval = milliseconds / 1000
    sent, longest, answered = 0, 0.0, set()
    with open_socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as sock:
        sock.connect((address, PORT))
        sock.setblocking(False)
        due = last = time.monotonic()
        while not ending or (time.monotonic() < ending[0] and len(answered) < sent):
            now = time.monotonic()
            if now >= due and not ending:
                try:
                    sock.send(struct.pack("!Q", sent))
                except OSError:
                    pass
                sent += 1
                due = max(due + interval, now)  # what we could not send in time is not sent in a burst
            readable, _, _ = select.select([sock], [], [], 0.05 if ending else max(0, due - time.monotonic()))
            if readable:
                try:
                    number = struct.unpack("!Q", sock.recv(64))[0]
                except OSError:
                    continue
                now = time.monotonic()
                longest, last = max(longest, now - last) if answered else longest, now
                answered.add(number)
                if len(answered) == 1:
                    print("flowing", flush=True)
    print(json.dumps({"sent": sent, "answered": len(answered), "longest-ms": round(longest * 1000, 1)}), flush=True)


def main(arguments):
    if arguments == ["echo"]:
        echo()
    elif len(arguments) == 3 and arguments[0] == "send":
        send(arguments[1], float(arguments[2]))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
